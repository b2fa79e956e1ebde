-- Which options are in force: the same fingerprints for the same values, others for others.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local lib = require "spec.support.lib";

local HOST = "meet.test";

describe("an option's fingerprint", function ()
	local config, in_force, before;
	setup(function ()
		before = package.loaded["core.configmanager"];
		package.loaded["core.configmanager"] = { getconfig = function () return config; end };
		in_force = lib.load "admin/in_force";
	end);
	teardown(function () package.loaded["core.configmanager"] = before; end);

	-- The fingerprints where the host has `options`, and all hosts have `general`.
	local function prints(options, general)
		config = { ["*"] = general, [HOST] = options };
		local of_module = lib.host(setmetatable(options, { __index = general }));
		of_module.host = HOST;
		return in_force.fingerprints(of_module);
	end

	-- The names that differ between the two.
	local function differ(one, other) return in_force.different(prints(one), prints(other)); end

	local values = { 1, 2, true, false, "1", "true", {}, { 1 }, { 2 }, { "1" }, { 1, 2 }, { 2, 1 }, { a = 1 }, { a = 2 },
		{ b = 1 };
		{ a = { b = 1 } }, { a = { b = 2 } }, { a = 1, b = 2 }, { [true] = 1, x = 2 } };
	for i, one in ipairs(values) do
		for j, other in ipairs(values) do
			it(("is %s of two values, %d and %d"):format(i == j and "the same" or "another", i, j), function ()
				assert.same(i == j and {} or { "skotos_x" }, differ({ skotos_x = one }, { skotos_x = other }));
			end);
		end
	end

	it("is the same in whatever order a table was filled", function ()
		local one, other = {}, {};
		for i = 1, 100 do one["k" .. i], other["k" .. 101 - i] = i, 101 - i; end
		assert.same({}, differ({ skotos_x = one }, { skotos_x = other }));
	end);

	it("is there for skotos_ and for what is Jitsi's own, of the host and of all hosts, and for nothing else", function ()
		local found = prints({ skotos_port = 1, app_id = "x", allow_empty_token = false, other = 2, my_skotos_x = 3,
			[7] = 4 },
			{ skotos_host = "h", app_secret = "s", more = 1 });
		local names = {};
		for name, hash in pairs(found) do
			names[#names + 1] = name;
			assert.truthy(hash:find "^%x+$");
			assert.equal(16, #hash);
		end
		table.sort(names);
		assert.same({ "allow_empty_token", "app_id", "app_secret", "skotos_host", "skotos_port" }, names);
		assert.same({}, prints({}));
	end);

	-- Writes `text`, behind much that is always the same, to the file at `path` (default: a new one), and gives that.
	local function file_with(text, path)
		path = path or os.tmpname();
		local file = assert(io.open(path, "w"));
		file:write(("-"):rep(60000), text);
		file:close();
		return path;
	end

	for _, name in ipairs { "skotos_secret_file", "skotos_public_key" } do
		it("is another when the file changes that is named by " .. name, function ()
			local path = file_with "one";
			finally(function () os.remove(path); end); -- luacheck: ignore 113
			local old = prints { [name] = path };
			assert.same({}, in_force.different(old, prints { [name] = path }));
			file_with("two", path);
			assert.same({ name }, in_force.different(old, prints { [name] = path }));
			os.remove(path);
			assert.same({ name }, in_force.different(old, prints { [name] = path }));
		end);
	end

	it("looks into the files of skotos_tls, and into none that another option names", function ()
		for _, name in ipairs { "ca", "certificate", "key", "verify_name" } do
			local path = file_with "one";
			local old = prints { skotos_tls = { [name] = path } };
			file_with("two", path);
			assert.same(name == "verify_name" and {} or { "skotos_tls" },
				in_force.different(old, prints { skotos_tls = { [name] = path } }));
			os.remove(path);
		end
	end);

	it("leaves no file open", function ()
		local path = file_with "one";
		assert.equal(0, lib.left_open(function () for _ = 1, 5 do prints { skotos_secret_file = path }; end end));
		os.remove(path);
	end);

	it("takes what is no file's name as it is: a number, a key itself", function ()
		assert.same({ "skotos_secret_file" }, differ({ skotos_secret_file = 1 }, { skotos_secret_file = 2 }));
		assert.same({ "skotos_public_key" }, differ({ skotos_public_key = "-----BEGIN\nA" },
			{ skotos_public_key = "-----BEGIN\nB" }));
	end);

	it("differs for what is set, unset and set otherwise, by name in order", function ()
		assert.same({ "app_id", "skotos_a", "skotos_b", "skotos_c" }, differ(
			{ skotos_c = 1, skotos_same = 1, skotos_a = 1 }, { skotos_c = 2, skotos_same = 1, skotos_b = 1, app_id = "x" }));
	end);

	it("stays as it was over a reload for what counts at load only", function ()
		local old = prints { skotos_shards = { "a" }, skotos_port = 1, authentication = "token", main_muc = "x" };
		local new = prints { skotos_shards = { "b" }, skotos_port = 2, skotos_shard_domain = "d" };
		local now = in_force.after_reload(old, new);
		assert.same({ "skotos_port" }, in_force.different(old, now));
		for name, counts in pairs(in_force.AT_LOAD) do assert.is_true(counts, name); end
	end);
end);
