-- README.md says of the code what is so: every option has its row, every file that it names is there, every message is one of ours.

local function contents(path)
	local file = assert(io.open(path, "rb"));
	local text = file:read("a");
	file:close();
	return text;
end

-- The paths of all files below `folder` whose names end in `ending`.
local function files(folder, ending)
	local pipe = io.popen(("find %s -type f -name '*%s'"):format(folder, ending));
	local list = {};
	for path in pipe:lines() do list[#list + 1] = path; end
	pipe:close();
	return list;
end

local readme = contents("README.md");

local function section(title)
	return (readme:match("\n## " .. title .. "\n(.-)\n## ") or readme:match("\n## " .. title .. "\n(.*)$"));
end

-- Names beginning with skotos_ in the module that are no options: the module's own, and its fields on sessions.
local NO_OPTION = { skotos_bridge = true, skotos_checked = true, skotos_fingerprint = true, skotos_person = true };

describe("README.md", function ()
	it("has a row for every option that the module reads", function ()
		local options = section("Options");
		for _, path in ipairs { "mod_skotos_bridge/skotos_bridge/admin/options.lib.lua", "mod_skotos_bridge/skotos_bridge/login/secret.lib.lua", "mod_skotos_bridge/mod_auth_skotos_bridge.lua" } do
			for name in contents(path):gmatch("%f[%w_]skotos_[%l_]+") do
				if not NO_OPTION[name] then
					assert.is_truthy(options:find("\n|[^\n|]*`" .. name .. "`"), ("%s in %s has no row"):format(name, path));
				end
			end
		end
	end);

	it("names files that are there", function ()
		local there = {};
		for _, path in ipairs(files("luaclib mod_skotos_bridge", "")) do
			there[path:match("[^/]+$")] = true;
			there[path:match("^mod_skotos_bridge/(.*)") or path] = true;
		end
		local function exists(name)
			local file = io.open(name);
			return there[name] or file and file:close();
		end
		local count = 0;
		for name in section("How it is built"):gmatch("`([%w_/]+%.[%w.]+)`") do
			count = count + 1;
			assert.is_truthy(exists(name), name .. " is not there");
		end
		for path in readme:gmatch("%]%(([^)#]+)%)") do
			count = count + 1;
			assert.is_truthy(exists(path), path .. " is not there");
		end
		assert.is_true(count > 20);
	end);

	-- What differs from case to case, in the code as in what README.md quotes, becomes "…".
	local function general(text)
		return (text:gsub("%%[-%d.]*l*[a-z]", "…"):gsub("%d+", "…"));
	end

	it("explains messages that the code gives", function ()
		local said = {};
		for _, path in ipairs(files("luaclib mod_skotos_bridge", "")) do
			said[#said + 1] = general((contents(path):gsub('"%s*%.?%.?%s*"', ""):gsub('\\"', '"')));
		end
		said = table.concat(said, "\n");
		-- What others put into our messages: the kernel's words, the kind of a fault, Jicofo's name.
		local function ours(message)
			return (general(message):gsub("Connection %l[%l ]*", "…"):gsub("Address already in use", "…"):gsub("%(%l[%l-]*%)", "(…)"):gsub(" %(asked by focus@…%)", "…"):gsub("become owner of", "become … of"):gsub(": ", "…"));
		end
		local count, unknown = 0, {};
		for cell in section("When it does not work"):gmatch("\n| (`.-) |") do
			for message in cell:gmatch("`([^`]+)`") do
				local longest = "";
				for part in (ours(message) .. "…"):gmatch("(.-)…") do
					part = part:match("^[%s%p]*(.-)[%s%p]*$");
					if #part > #longest then longest = part; end
				end
				local prosodys_own = message:find("^Unable to load module");
				if #longest >= 8 and not prosodys_own then
					count = count + 1;
					if not said:find(longest, 1, true) then unknown[#unknown + 1] = ("nothing says: %s (of %s)"):format(longest, message); end
				end
			end
		end
		assert.same({}, unknown);
		assert.is_true(count > 20, count);
	end);
end);
