-- The guides that the package installs lead to one another, as they do in the source.

local DOCS = "/usr/share/doc/prosody-mod-skotos-bridge/";
-- What only the source has: it is built, tested and measured there. The license is in the package's file copyright.
local IN_THE_SOURCE = { luaclib = true, spec = true, bench = true, fuzz = true, LICENSE = true };

describe("the installed guides", function ()
	local folder;
	local function lines(command)
		local pipe, list = assert(io.popen(command)), {};
		for line in pipe:lines() do list[#list + 1] = line; end
		assert(pipe:close(), command);
		return list;
	end

	setup(function ()
		folder = lines("mktemp -d")[1];
		lines(("make -s install-tools DESTDIR='%s'"):format(folder));
	end);
	teardown(function () os.execute(("rm -rf '%s'"):format(folder)); end);

	-- `path` without "." and "..".
	local function plain(path)
		local parts = {};
		for part in path:gmatch("[^/]+") do
			if part == ".." then parts[#parts] = nil; elseif part ~= "." then parts[#parts + 1] = part; end
		end
		return table.concat(parts, "/");
	end

	it("come with a setup that has all of its parts, those of the module's too", function ()
		local parts = ("%s/usr/share/skotos-bridge/setup"):format(folder);
		local count = 0;
		for path in io.popen(("ls '%s'"):format(parts)):lines() do
			local file = assert(io.open(parts .. "/" .. path));
			for name in file:read("a"):gmatch('require "([%l_]+)"') do
				count = count + 1;
				local part = io.open(("%s/%s.lua"):format(parts, name));
				assert(part, ("%s requires %s, which is not installed"):format(path, name)):close();
			end
			file:close();
		end
		assert.is_true(count > 40, count);
	end);

	it("link to what is installed, or to what only the source has", function ()
		local there, broken, count = {}, {}, 0;
		local paths = lines(("cd '%s%s' && find . -type f -printf '%%P\\n'"):format(folder, DOCS));
		for _, path in ipairs(paths) do there[path] = true; end
		for _, guide in ipairs(paths) do
			if guide:find("%.md$") then
				for link in io.open(folder .. DOCS .. guide):read("a"):gmatch("%]%(([^)#%s]+)") do
					local target = plain((guide:match("^.*/") or "") .. link);
					if not link:find("^%a+:") then
						count = count + 1;
						if not there[target] and not IN_THE_SOURCE[target:match("^[^/]+")] then
							broken[#broken + 1] = guide .. " -> " .. link;
						end
					end
				end
			end
		end
		assert.same({}, broken);
		assert.is_true(count > 30, count);
	end);

	it("bring what they tell a game's author and an administrator to use", function ()
		for _, path in ipairs { "packaging/skotos/avchat_rooms.c", "packaging/skotos/web/skotos-voice.js",
			"packaging/docker/skotos.env",
			"packaging/docker/Dockerfile", "packaging/haproxy/haproxy.cfg", "prosody-config/meet.example.com.cfg.lua",
			"CHANGELOG.md" } do
			assert(io.open(folder .. DOCS .. path), path):close();
		end
	end);
end);
