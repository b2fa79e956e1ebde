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
		sh(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s/key -out %s/certificate -subj /CN=game.test 2>&1"):format(dir, dir));
	end);
	teardown(function () sh("rm -rf " .. dir); end);

	local function settings(key) return bridge.tls { host = "127.0.0.1", verify_name = "game.test", ca = dir .. "/certificate", certificate = dir .. "/certificate", key = key }; end

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

	it("is a file, and there", function ()
		assert.truthy(select(2, settings(dir)):find("a file is wanted", 1, true));
		assert.truthy(select(2, settings(dir .. "/none")):find("No such file", 1, true));
	end);
end);
