-- Where secrets come from, and who else may read them.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = "./build/?.so;" .. package.cpath .. ";/usr/lib/prosody/?.so";
require "skotos_bridge"; -- it knows whether a file is kept from others
_G.prosody = { paths = {} }; -- luacheck: ignore 122
local lib = require "spec.support.lib";
local secret = lib.load "login/secrets";
local lfs = require "lfs";

local STRONG = ("s"):rep(32);
local host = lib.host;

local function file_with(text, rights)
	local path = os.tmpname();
	local file = assert(io.open(path, "w"));
	file:write(text);
	file:close();
	os.execute(("chmod %s %s"):format(rights, path));
	return path;
end

describe("a secret's file", function ()
	it("is read when it is Prosody's own, a secret a line", function ()
		local path = file_with(STRONG .. "\n\n  " .. STRONG .. "2\r\n", "600");
		assert.same({ STRONG, STRONG .. "2" }, (secret.read(host { skotos_secret_file = path })));
		os.remove(path);
	end);

	for _, rights in ipairs { "644", "604", "660", "620", "666" } do
		it("is refused with the rights " .. rights .. ", with the command that mends it", function ()
			local path = file_with(STRONG, rights);
			local secrets, err = secret.read(host { skotos_secret_file = path });
			assert.is_nil(secrets);
			assert.truthy(err:find("chmod 600 '" .. path .. "'", 1, true));
			assert.is_nil(err:find(STRONG, 1, true));
			os.remove(path);
		end);
	end

	it("may be read by Prosody's group and by no other", function ()
		local path = file_with(STRONG, "640");
		local attributes = lfs.attributes(path);
		assert.is_true(secret.is_private(path, attributes.uid, attributes.gid));
		assert.is_nil((secret.is_private(path, attributes.uid + 1, attributes.gid + 1))); -- read by a group of somebody's
		os.remove(path);
	end);

	it("is read where the C module does not load, which check tells first", function ()
		local loaded = package.loaded.skotos_bridge;
		local path = file_with(STRONG, "644");
		finally(function () package.loaded.skotos_bridge = loaded; os.remove(path); end); -- luacheck: ignore 113
		package.loaded.skotos_bridge = nil;
		assert.same({ STRONG }, (secret.read(host { skotos_secret_file = path })));
	end);

	it("is refused when it is empty, missing or a folder, and beside app_secret", function ()
		local path = file_with("\n\n", "600");
		assert.truthy(select(2, secret.read(host { skotos_secret_file = path })):find("empty", 1, true));
		os.remove(path);
		assert.is_nil((secret.read(host { skotos_secret_file = path })));
		assert.is_nil((secret.read(host { skotos_secret_file = "/tmp" })));
		assert.truthy(select(2, secret.read(host { skotos_secret_file = path, app_secret = STRONG })):find("both set", 1,
			true));
	end);
end);

describe("what a file holds", function ()
	it("is read up to 64 KB", function ()
		for _, bytes in ipairs { 0, 1, 65535, 65536 } do
			local path = file_with(("x"):rep(bytes), "600");
			assert.equal(bytes, #secret.contents(path));
			os.remove(path);
		end
		local path = file_with(("x"):rep(65537), "600");
		assert.same({ nil, "it is longer than 65536 bytes" }, { secret.contents(path) });
		os.remove(path);
		assert.is_nil((secret.contents(path)));
	end);

	it("is read without leaving it open", function ()
		local path = file_with("x", "600");
		assert.equal(0, lib.left_open(function () for _ = 1, 5 do secret.contents(path); end end));
		os.remove(path);
	end);
end);

describe("Prosody's user and group", function ()
	it("are those of its data for root, who looks on its behalf, else one's own", function ()
		local pposix = require "util.pposix";
		local before, own = pposix.getuid, { pposix.getuid(), pposix.getgid() };
		local paths = rawget(_G, "prosody").paths;
		local dir = os.tmpname();
		finally(function () pposix.getuid, paths.data = before, nil; os.remove(dir); end); -- luacheck: ignore 113
		pposix.getuid = function () return 0; end;
		paths.data = dir;
		os.execute("chown 65534:65533 " .. dir .. " 2>/dev/null"); -- as root
		local attributes = lfs.attributes(dir);
		assert.same({ attributes.uid, attributes.gid }, { secret.owner() });
		paths.data = nil;
		assert.same({ 0, own[2] }, { secret.owner() });
		paths.data = dir;
		pposix.getuid = function () return 1234; end;
		assert.same({ 1234, own[2] }, { secret.owner() });
	end);
end);

describe("a secret's strength", function ()
	for _, case in ipairs { { 32, true, false }, { 31, true, true }, { 16, true, true }, { 15, nil, true } } do
		it(case[1] .. " bytes", function ()
			local secrets, line = secret.read(host { app_secret = ("x"):rep(case[1]) });
			assert.equal(case[2], secrets and true);
			assert.equal(case[3], line ~= nil);
		end);
	end

	it("is as long as the hash", function ()
		for algorithm, bytes in pairs { HS256 = 32, HS384 = 48, HS512 = 64 } do
			assert.is_nil(select(2, secret.read(host { app_secret = ("x"):rep(bytes), signature_algorithm = algorithm })));
			assert.truthy(select(2, secret.read(host { app_secret = ("x"):rep(bytes - 1),
				signature_algorithm = algorithm })):find(bytes .. " or more are wanted" ..
				(bytes > 32 and " with " .. algorithm or "") .. " (openssl rand -hex " .. bytes, 1, true));
		end
	end);

	it("may be weak when that is asked for, and counts for every secret of a list", function ()
		assert.same({ "short" }, (secret.read(host { app_secret = "short", skotos_allow_weak_secret = true })));
		assert.is_nil((secret.read(host { app_secret = { STRONG, "short" } })));
		assert.is_nil((secret.read(host {})));
		for _, value in ipairs { { STRONG, 7 }, {}, 7, true, "", { "" } } do
			assert.truthy(select(2, secret.read(host { app_secret = value })):find("a string or a list of strings is wanted", 1,
				true));
		end
		assert.truthy(select(2, secret.read(host { app_secret = false })):find("app_secret is missing", 1, true));
	end);
end);
