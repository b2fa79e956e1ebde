-- What setup shows of a change: the fewest lines, and that they lead from one to the other.
package.path = "packaging/setup/?.lua;mod_skotos_bridge/skotos_bridge/admin/?.lib.lua;" .. package.path;
local difference = require "difference";

local function shown(before, after)
	local lines = {};
	for line in difference.shown("/x", before, after):gmatch("([^\n]*)\n") do lines[#lines + 1] = line; end
	return lines;
end
local function numbered(from, to)
	local lines = {};
	for i = from, to do lines[#lines + 1] = "line " .. i .. "\n"; end
	return table.concat(lines);
end
local function changes(before, after)
	local list = {};
	for i, line in ipairs(shown(before, after)) do
		if i > 2 and line:find("^[+-]") then list[#list + 1] = line; end
	end
	return list;
end

describe("what setup shows of a change", function ()
	it("is the lines that change, far apart as they may be, with three around each", function ()
		local before = numbered(1, 10) .. "gone\n" .. numbered(11, 30) .. "gone too\n" .. numbered(31, 40);
		assert.same({ "--- /x", "+++ /x", "@@ -8 +8 @@", " line 8", " line 9", " line 10", "-gone", " line 11", " line 12",
			" line 13",
			"@@ -29 +28 @@", " line 28", " line 29", " line 30", "-gone too", " line 31", " line 32", " line 33" },
				shown(before, numbered(1, 40)));
	end);

	it("is all of a file that comes or goes", function ()
		assert.same({ "--- /dev/null", "+++ /x", "+a", "+b" }, shown(nil, "a\nb\n"));
		assert.same({ "--- /x", "+++ /dev/null", "-a", "-b" }, shown("a\nb\n", nil));
	end);

	for _, case in ipairs { { "a b c", "a c", { "-b" } }, { "a c", "a b c", { "+b" } },
		{ "a b c", "a x c", { "-b", "+x" } },
		{ "a b a b", "b a b", { "-a" } }, { "a b c d e f", "x b c y e f", { "-a", "+x", "-d", "+y" } },
		{ "a", "b c", { "-a", "+b", "+c" } } } do
		it("is no more than has to change: " .. case[1] .. " to " .. case[2], function ()
			assert.same(case[3], changes((case[1]:gsub(" ", "\n")) .. "\n", (case[2]:gsub(" ", "\n")) .. "\n"));
		end);
	end

	it("leads from any text to any other", function ()
		math.randomseed(7);
		-- So short that all of it stands around a change.
		local function any()
			local lines = {};
			for i = 1, math.random(0, 4) do lines[i] = ("abc"):sub(math.random(3)):sub(1, 1) .. "\n"; end
			return table.concat(lines);
		end
		for _ = 1, 300 do
			local before, after = any(), any();
			local old, new = {}, {};
			for i, line in ipairs(shown(before, after)) do
				if i > 2 and line:find("^[ -]") then old[#old + 1] = line:sub(2) .. "\n"; end
				if i > 2 and line:find("^[ +]") then new[#new + 1] = line:sub(2) .. "\n"; end
			end
			if before ~= after then
				assert.equal(before, table.concat(old));
				assert.equal(after, table.concat(new));
			end
		end
	end);
end);
