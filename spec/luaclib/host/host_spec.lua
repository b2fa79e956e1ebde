-- What the core tells of the machine, and which files it takes for kept from others.
local bridge = require "skotos_bridge";

local function sh(command)
	local pipe = io.popen(command);
	local out = pipe:read("a"):gsub("%s+$", "");
	pipe:close();
	return out;
end

describe("the host", function ()
	it("has a clock that says how far it may be off", function ()
		local clock = assert(bridge.clock());
		assert.is_boolean(clock.synchronized);
		assert.is_true(clock.most_error >= 0);
	end);

	it("has a disk with room, or says why it cannot be looked at", function ()
		local disk = assert(bridge.disk("/"));
		assert.is_true(disk.total_bytes >= disk.free_bytes and disk.total_bytes > 0);
		local none, why = bridge.disk("/nowhere/at/all");
		assert.is_nil(none);
		assert.truthy(why:find("No such file", 1, true));
	end);
end);

describe("a private key's file", function ()
	local dir;
	setup(function ()
		dir = sh("mktemp -d");
		sh(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s/key -out %s/certificate -subj "
			.. "/CN=game.test 2>&1"):format(dir, dir));
	end);
	teardown(function () sh("rm -rf " .. dir); end);

	local function settings(key)
		return bridge.tls { host = "127.0.0.1", verify_name = "game.test", ca = dir .. "/certificate",
			certificate = dir .. "/certificate", key = key };
	end

	for _, case in ipairs { { "600", nil }, { "640", nil }, { "644", "mode 644" }, { "660", "mode 660" } } do
		it(("with mode %s is %s"):format(case[1], case[2] and "refused" or "taken"), function ()
			sh(("chmod %s %s/key"):format(case[1], dir));
			local made, why = settings(dir .. "/key");
			if case[2] then
				assert.is_nil(made);
				assert.truthy(why:find(case[2], 1, true), why);
			else
				assert.is_truthy(made, why);
			end
		end);
	end

	-- What another process, which the groups 4321 and 4322 have let in, says of the key. It runs without a sanitizer.
	local function member_says()
		return sh(("chmod 640 %s/key; setpriv --groups 4321,4322 lua5.4 -e 'package.cpath = %q' -e 'print(select(2, require "
				.. "\"skotos_bridge\".tls { host = \"game.test\", ca = %q, certificate = %q, key = %q }) or \"taken\")' 2>&1")
			:format(dir, "./build/?.so", dir .. "/certificate", dir .. "/certificate", dir .. "/key"));
	end
	local as_root = sh("id -u") == "0" and it or function () end;

	as_root("may be read by any group that Prosody is in, and by no other", function ()
		for _, case in ipairs { { 0, "taken" }, { 4321, "taken" }, { 4322, "taken" }, { 4323, "mode 640" } } do
			sh(("chgrp %d %s/key"):format(case[1], dir));
			local said = member_says();
			assert.truthy(said:find(case[2], 1, true), case[1] .. ": " .. said);
		end
		sh(("chgrp 0 %s/key"):format(dir));
	end);

	as_root("belongs to nobody else", function ()
		sh(("chown 4321 %s/key; chmod 600 %s/key"):format(dir, dir));
		local made, why = settings(dir .. "/key");
		sh(("chown 0 %s/key"):format(dir));
		assert.is_nil(made);
		assert.truthy(why:find("it belongs to user 4321", 1, true), why);
	end);

	as_root("belongs to Prosody's user for root too, who looks on Prosody's behalf", function ()
		sh(("chown 4321 %s/key; chmod 600 %s/key"):format(dir, dir));
		local made, why = bridge.tls { host = "127.0.0.1", verify_name = "game.test", ca = dir .. "/certificate",
			certificate = dir .. "/certificate", key = dir .. "/key", uid = 4321, gid = 4321 };
		sh(("chown 0 %s/key"):format(dir));
		assert.is_truthy(made, why);
	end);

	it("is a file, and there", function ()
		assert.truthy(select(2, settings(dir)):find("a file is wanted", 1, true));
		assert.truthy(select(2, settings(dir .. "/none")):find("No such file", 1, true));
	end);
end);
