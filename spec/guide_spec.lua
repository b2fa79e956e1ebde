-- The guides say of the code what is so: every option has its row, every file that they name is there, every message is
-- one of ours.

local contents = require "spec.support.folder".text;

-- The paths of all files below `folder` whose names end in `ending`.
local function files(folder, ending)
	local pipe = io.popen(("find %s -type f -name '*%s'"):format(folder, ending));
	local list = {};
	for path in pipe:lines() do list[#list + 1] = path; end
	pipe:close();
	return list;
end

local GUIDES = {
	"README.md", "packaging/README.md", "packaging/game-host/README.md", "packaging/shards/README.md",
	"packaging/skotos/README.md",
	"mod_skotos_bridge/README.md", "luaclib/README.md", "spec/README.md", "spec/try/README.md", "bench/README.md",
	"fuzz/README.md";
};

-- The code of the module, C and Lua.
local function sources() return files("luaclib mod_skotos_bridge -name '*.[ch]' -o", ".lua"); end

local function section(guide, title)
	local text = contents(guide);
	return (text:match("\n## " .. title .. "\n(.-)\n## ") or text:match("\n## " .. title .. "\n(.*)$"));
end

-- Names beginning with skotos_ in the module that are no options: the module's own, and its fields on sessions.
local NO_OPTION = { skotos_bridge = true, skotos_verified = true, skotos_fingerprint = true, skotos_person = true };

describe("the guides", function ()
	it("have a row for every option that the module reads", function ()
		local options = section("mod_skotos_bridge/README.md", "Options");
		for _, path in ipairs { "mod_skotos_bridge/skotos_bridge/admin/options.lib.lua",
				"mod_skotos_bridge/skotos_bridge/login/secrets.lib.lua",
				"mod_skotos_bridge/skotos_bridge/login/verifier_options.lib.lua",
				"mod_skotos_bridge/mod_auth_skotos_bridge.lua" } do
			for name in contents(path):gmatch("%f[%w_]skotos_[%l_]+") do
				if not NO_OPTION[name] then
					assert.is_truthy(options:find("\n|[^\n|]*`" .. name .. "`"), ("%s in %s has no row"):format(name, path));
				end
			end
		end
	end);

	it("say of every option what it is by default", function ()
		local defaults, left = dofile "mod_skotos_bridge/skotos_bridge/admin/defaults.lib.lua", {};
		for name in pairs(defaults) do left[name] = name:find("^skotos_"); end
		for names, cell in section("mod_skotos_bridge/README.md", "Options"):gmatch("\n| (`[^|]-`) | ([^|]-) |%f[^|]") do
			local said = {};
			for literal in cell:gmatch("`([^`]*)`") do said[#said + 1] = literal; end
			local at = 0;
			for name in names:gmatch("`(skotos_[%w_]+)`") do
				local value = defaults[name];
				at, left[name] = at + 1, nil;
				local written = type(value) == "string" and ("%q"):format(value) or tostring(value);
				if value == nil or type(value) == "table" then
					assert.is_nil(cell:match("^`[^`]*`$"), name .. " has no default, the guide says " .. cell);
				else
					assert.equal(written, said[at] or cell == "off" and "false" or cell, name);
				end
			end
		end
		assert.same({}, left);
		local help = contents "packaging/setup/options.lua";
		assert.truthy(help:find(("the port is %d where none is given"):format(defaults.skotos_port), 1, true));
		assert.truthy(help:find(("(%s:%d where it is not said)"):format(defaults.skotos_host, defaults.skotos_port + 1), 1,
			true));
	end);

	-- The words in `code` at which `pattern` looks; `more` are known besides.
	local function kinds(path, pattern, more)
		local set = {};
		for _, word in ipairs(more or {}) do set[word] = true; end
		for word in contents(path):gmatch(pattern) do set[word] = true; end
		return set;
	end
	local requests = kinds("luaclib/core/report/fault.c", '%[FAULT_%u[%u_]*%] = "([%l-]+)"');
	requests.none = nil;
	local logins = kinds("luaclib/core/token/verdict.c", '%[VERDICT_%u[%u_]*%] = {"([%l-]+)"', { "none" });
	logins.ok = nil;
	local door = kinds("mod_skotos_bridge/skotos_bridge/room/door.lib.lua", 'refuse%(event, "([%l-]+)"', { "brewery" });
	door.none = nil;

	it("have a row for every kind of refusal, and for no other", function ()
		local told = section("mod_skotos_bridge/README.md", "Metrics"):match("\n### Kinds of refusal\n(.*)$");
		for title, set in pairs { ["of a request"] = requests, ["of a login"] = logins, ["at a room's door"] = door } do
			local rows = {};
			local rows_of = ("\n" .. told .. "\n\n"):match("\n| " .. title .. "[^\n]*(\n.-)\n\n");
			for word in rows_of:gmatch("\n| `([%l-]+)` |") do rows[word] = true; end
			assert.same(set, rows, title);
		end
	end);

	it("and the dashboard and prosodyctl know no other kinds of refusal", function ()
		local count = 0;
		local function look(text, pattern)
			for word in text:gmatch(pattern) do
				count = count + 1;
				assert.is_true(word == "ok" or logins[word] or requests[word], word);
			end
		end
		look(contents("packaging/grafana/skotos_bridge.json"):match('"ok: let in[^"]*"'), "([%l-]+): ");
		look(contents("mod_skotos_bridge/README.md"), 'outcome="([%l-]+)"');
		for _, pattern in ipairs { "refused %(([%l-]+)%)`", "`%(([%l-]+)%)`" } do
			look(section("packaging/README.md", "When it does not work"), pattern);
		end
		for _, path in ipairs { "check_config", "verify" } do
			local text = contents(("mod_skotos_bridge/skotos_bridge/ctl/%s.lib.lua"):format(path));
			for _, name in ipairs { "refusals_that_tell", "remedies", "advice" } do
				look(text:match("\nlocal " .. name .. " = {\n(.-)\n};") or "", '\t%[?"?([%l-]+)"?%]? = "');
			end
		end
		assert.is_true(count >= 15, count);
	end);

	it("have a row for every command, with its members, for every event, and no other", function ()
		local told, code = section("mod_skotos_bridge/README.md", "The game runs the room"),
			contents "luaclib/core/request/command.c";
		local names, wanted, rows = {}, {}, {};
		for field, name in contents("luaclib/core/request/command_fields.c")
				:gmatch('%[COMMAND_FIELD_([%u_]+)%] = {"(%a+)"') do
			names[field] = name;
		end
		for name, needs, takes, required in code:gmatch('%] = {"([%l_]+)", ([^,]+), ([^,]+), (%l+)}') do
			wanted[name] = {};
			for field in needs:gmatch("BIT%((%u[%u_]*)%)") do wanted[name][names[field]] = true; end
			for field in takes:gmatch("BIT%((%u[%u_]*)%)") do wanted[name]["[" .. names[field] .. "]"] = true; end
			if takes:find("PERSON", 1, true) then wanted[name][required == "true" and "id" or "[id]"] = true; end
		end
		for name, members in told:match("\n| cmd |(.-)\n\n"):gmatch("\n| `([%l_]+)` | ([^|]*)|") do
			rows[name] = {};
			for member in members:gmatch("[%[%]%a]+") do rows[name][member] = true; end
		end
		assert.same(wanted, rows);
		local handled, commands = {}, contents "mod_skotos_bridge/skotos_bridge/room/commands.lib.lua";
		for _, pattern in ipairs { "function handlers%.([%l_]+)%(", 'handlers%["([%l_]+)"%] = function' } do
			for name in commands:gmatch(pattern) do handled[name] = {}; end
		end
		for name in pairs(wanted) do wanted[name] = {}; end
		assert.same(wanted, handled);
		local events, told_events = kinds("luaclib/core/request/subscription.c", '%[ROOM_EVENT_%u+%] = "([%l_]+)"'), {};
		for cell in told:match("\n| event |(.-)\n\n"):gmatch("\n| (`[^|]*) |") do
			for name in cell:gmatch("`([%l_]+)`") do told_events[name] = true; end
		end
		assert.same(events, told_events);
	end);

	it("name files that are there", function ()
		local there = {};
		for _, path in ipairs(sources()) do
			there[path:match("[^/]+$")] = true;
			there[path:match("^mod_skotos_bridge/(.*)") or path] = true;
		end
		local function exists(name)
			local file = io.open(name);
			return there[name] or file and file:close();
		end
		local count = 0;
		for name in contents("luaclib/README.md"):gmatch("`([%w_/]+%.[%w.]+)`") do
			count = count + 1;
			assert.is_truthy(exists(name), name .. " is not there");
		end
		for _, guide in ipairs(GUIDES) do
			for path in contents(guide):gmatch("%]%(([^)#%s]+)") do
				if not path:find("^https?:") then
					count = count + 1;
					assert.is_truthy(exists((guide:match("^.*/") or "") .. path), ("%s: %s is not there"):format(guide, path));
				end
			end
		end
		assert.is_true(count > 50);
	end);

	it("link to sections that are there", function ()
		local function slug(title) return (title:lower():gsub("[^%w_ -]", ""):gsub(" ", "-")); end
		local count = 0;
		for _, guide in ipairs(GUIDES) do
			for path, anchor in contents(guide):gmatch("%]%(([^)#%s]*)#([%w_-]+)%)") do
				local found = false;
				local target = path == "" and guide or (guide:match("^.*/") or "") .. path;
				for title in ("\n" .. contents(target)):gmatch("\n#+ ([^\n]+)") do found = found or slug(title) == anchor; end
				count = count + 1;
				assert.is_true(found, ("%s: no section %s in %s"):format(guide, anchor, target));
			end
		end
		assert.is_true(count > 5);
	end);

	it("have README.md at most 150 lines long", function ()
		local _, lines = contents("README.md"):gsub("\n", "");
		assert.is_true(lines <= 150, lines);
	end);

	-- What differs from case to case, in the code as in what the guide quotes, becomes "…".
	local function general(text)
		return (text:gsub("%%[-%d.]*[lz]*[a-z]", "…"):gsub("%d+", "…"));
	end

	it("explain messages that the code gives", function ()
		local said = {};
		for _, path in ipairs(sources()) do
			said[#said + 1] = general((contents(path):gsub('"%s*%.?%.?%s*"', ""):gsub('\\"', '"')));
		end
		said = table.concat(said, "\n");
		-- What others put into our messages: the kernel's words, the kind of a fault, Jicofo's name.
		local function ours(message)
			return (general(message):gsub("Connection %l[%l ]*", "…"):gsub("Address already in use", "…"):gsub("%(%l[%l-]*%)",
				"(…)"):gsub(" %(asked by focus@…%)", "…"):gsub("become owner of", "become … of"):gsub(": ", "…"));
		end
		local count, unknown = 0, {};
		for cell in section("packaging/README.md", "When it does not work"):gmatch("\n| (`.-) |") do
			for message in cell:gmatch("`([^`]+)`") do
				local longest = "";
				for part in (ours(message) .. "…"):gmatch("(.-)…") do
					part = part:match("^[%s%p]*(.-)[%s%p]*$");
					if #part > #longest then longest = part; end
				end
				local prosodys_own = message:find("^Unable to load module");
				if #longest >= 8 and not prosodys_own then
					count = count + 1;
					if not said:find(longest, 1, true) then
						unknown[#unknown + 1] = ("nothing says: %s (of %s)"):format(longest, message);
					end
				end
			end
		end
		assert.same({}, unknown);
		assert.is_true(count > 20, count);
	end);

	-- The part between two "…" that tells most of a message.
	local function longest_part(message)
		local longest = "";
		for part in (message .. "…"):gmatch("(.-)…") do
			part = part:match("^[%s%p]*(.-)[%s%p]*$");
			if #part > #longest then longest = part; end
		end
		return longest;
	end

	-- Every line above debug that the module writes into the log: what is written as it is in the code, or as a format.
	local function log_lines()
		local lines = {};
		local function take(level, text)
			text = general((text:gsub('\\"', '"'):gsub("^%[%%s%] ", "")));
			if level:lower() ~= "debug" and #longest_part(text) >= 8 then lines[#lines + 1] = text; end
		end
		for _, path in ipairs(sources()) do
			local text = contents(path):gsub('"%s*%.%.%s*"', ""):gsub('"%s*\n%s*"', "");
			if path:find("%.c$") then
				for level, line in text:gmatch('journal_add%([^,]+,%s*[%u_]+,%s*JOURNAL_(%u+),%s*"(.-[^\\])"') do
					take(level, line);
				end
			elseif not path:find("/ctl/") then
				for _, call in ipairs { 'event%("(%l+)", %(?"(.-[^\\])"', 'fault%([^,\n]-, "(%l+)", %(?"(.-[^\\])"',
					'tell%("[^"]*", "(%l+)", %(?"(.-[^\\])"',
					'event%("(%l+)", [%w_]+ and "(.-[^\\])"', 'event%("(%l+)", [%w_]+ and "[^"]*"%s*or "(.-[^\\])"' } do
					for level, line in text:gmatch(call) do take(level, line); end
				end
				for level, line in text:gmatch('module:log%("(%l+)", "(.-[^\\])"') do take(level, line); end
			end
		end
		return lines;
	end

	it("have a row for every line that can stand in the log", function ()
		local rows, told = {}, section("packaging/README.md", "When it does not work");
		for cell in told:gmatch("\n| (`.-) |") do
			for message in cell:gmatch("`([^`]+)`") do rows[#rows + 1] = general(message); end
		end
		local all, missing = table.concat(rows, "\n"), {};
		local lines = log_lines();
		for _, line in ipairs(lines) do
			local found = all:find(longest_part(line), 1, true) ~= nil;
			for _, row in ipairs(rows) do
				for part in (row .. "…"):gmatch("(.-)…") do
					part = part:match("^[%s%p]*(.-)[%s%p]*$");
					found = found or #part >= 8 and line:find(part, 1, true) ~= nil;
				end
			end
			if not found then missing[#missing + 1] = line; end
		end
		assert.same({}, missing);
		assert.is_true(#lines > 35, #lines);
	end);
end);
