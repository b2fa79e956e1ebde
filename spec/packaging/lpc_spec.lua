-- The game's half in LPC, which only a SkotOS can run: what can be held of it by its text. It was run by hand on DGD
-- 1.6.13 and 1.7.9.
local ROOMS, NEAR, MERRY, JSON = "avchat_rooms", "avchat_near", "avchat_merry", "avchat_json";
-- What DGD, its kernel library and SkotOS have; and words that stand before a bracket without being called.
local BUILT_IN = {};
for name in ([[ allocate call_other call_out catch error explode find_object find_or_load implode map_indices
	previous_program sizeof sscanf strlen
	this_object typeof remove_call_out SYSLOG if for while switch return ]]):gmatch "%S+"
		do BUILT_IN[name] = true; end

local contents = require "spec.support.folder".text;

-- LPC without comments, preprocessor lines and what stands in strings.
local function bare(text)
	text = text:gsub('\\[\\"]', ""):gsub('"[^"\n]*"', '""'):gsub("'%p?.'", "0");
	return (text:gsub("/%*.-%*/", " "):gsub("\n%s*#[^\n]*", "\n"));
end

-- How many arguments, or parameters, stand in the brackets that open at `at`; whether the last one is "args...".
local function count(text, at)
	local inside = text:match("^%b()", at):sub(2, -2);
	if not inside:find("%S") then return 0, false; end
	local parts = inside:gsub("%b()", ""):gsub("%b[]", ""):gsub("%b{}", "");
	return select(2, parts:gsub(",", "")) + 1, inside:find("%.%.%.%s*$") ~= nil;
end

-- name -> { count =, more = whether any number may follow, body =, callback = whether it calls back as a command does }
local function functions(text)
	local found = {};
	for name, at, ends in text:gmatch "\n[%l ]*[%l]+ %**([%l_]+)()%b()%s*(){" do
		local parameters, more = count(text, at);
		found[name] = { count = more and parameters - 1 or parameters, more = more, body = text:match("^%b{}", ends);
			callback = text:match("^%b()", at):find("object who, string func, mixed args%.%.%.%)$") ~= nil };
	end
	return found;
end

local sources, defined = {}, {};
for _, name in ipairs { ROOMS, NEAR, MERRY, JSON } do
	sources[name] = bare(contents("packaging/skotos/" .. name .. ".c"));
	defined[name] = functions(sources[name]);
end

-- The guide's examples: what is indented as code, alone or in a list.
local guide = contents "packaging/skotos/README.md";
local examples = {};
for line in guide:gmatch "[^\n]+" do
	examples[#examples + 1] = line:match "^    (.*)" or line:match "^      (.*)" or "";
end
examples = bare("\n" .. table.concat(examples, "\n"):gsub("\n +", "\n"));

-- The names in the first column of the reference's table below `heading`.
local function rows(heading)
	return contents("mod_skotos_bridge/README.md"):match("\n" .. heading .. "\n(.-)\n##"):gmatch "\n| `([%l_]+)`";
end

describe("the game's half in LPC", function ()
	it("has a function for each command, which calls back as the others do, `subscribe` too", function ()
		local command = { ["end"] = "end_room" };
		local seen = 0;
		for name in rows "## The game runs the room" do
			local lpc = defined[ROOMS][command[name] or name];
			assert.is_truthy(lpc, name);
			assert.is_true(lpc.callback, name);
			seen = seen + 1;
		end
		assert.is_true(seen >= 12, seen);
	end);

	it("calls what is there, with as many arguments as that takes, in the guide's examples and in itself", function ()
		local seen = 0;
		for where, text in pairs { guide = examples, [MERRY] = sources[MERRY] } do
			for object, name, at in text:gmatch "(%u+)%->([%l_]+)()%(" do
				local there = defined[object == "ROOMS" and ROOMS or object == "NEAR" and NEAR or ""];
				if there then
					local given = count(text, at);
					local wanted = there[name];
					local call = ("%s: %s->%s with %d arguments"):format(where, object, name, given);
					assert.is_truthy(wanted, call);
					assert.is_true(given == wanted.count or wanted.more and given >= wanted.count, call);
					seen = seen + 1;
				end
			end
		end
		assert.is_true(seen > 20, seen);
	end);

	it("calls no function in an example that neither the example nor the driver has", function ()
		local own = functions(examples);
		for name, at in examples:gmatch "%f[%w_>:]([%a_]+)%s*()%(" do
			local before = examples:sub(at - #name - 2, at - #name - 1);
			if not (before == "->" or before == "::" or own[name] or BUILT_IN[name]) then
				error("the guide calls " .. name .. "(…)");
			end
		end
	end);

	it("sends nothing while a connection is announced, when avchat_port does not count it yet, but a turn later",
			function ()
		local reached = {};
		local function reach(name)
			if reached[name] or not defined[ROOMS][name] then return; end
			reached[name] = true;
			for called in defined[ROOMS][name].body:gmatch "%f[%w_>]([%l_]+)%s*%(" do reach(called); end
		end
		reach "connected";
		assert.is_nil(reached.send, "connected() sends at once");
		assert.is_truthy(defined[ROOMS].connected.body:find('call_out("", 0)', 1, true));
		reach "renew";
		assert.is_true(reached.send);
	end);

	it("ends the line that a page is to read", function ()
		assert.is_truthy(contents("packaging/skotos/" .. NEAR .. ".c"):find('raw_line("SKOOT 81 " + text + "\\n")', 1, true));
	end);

	it("names each event that one can subscribe to", function ()
		local seen = 0;
		for name in rows "### Events" do
			assert.is_truthy(contents("packaging/skotos/" .. ROOMS .. ".c"):find('"' .. name .. '"', 1, true), name);
			seen = seen + 1;
		end
		assert.is_true(seen >= 10, seen);
	end);
end);
