-- What apt-get purge leaves on a host, by the package's own script, in a folder that stands for /.

local STORES = "/var/lib/prosody/meet%2etest/";

describe("the Debian package, purged,", function ()
	local root;
	local function run(command)
		local pipe = assert(io.popen(command .. " 2>&1"));
		local text = pipe:read("a");
		assert(pipe:close(), text);
		return text;
	end
	local function put(path)
		run(("mkdir -p '%s' && echo x >'%s'"):format((root .. path):match("^(.*)/"), root .. path));
	end
	local function is_there(path)
		local file = io.open(root .. path);
		return file ~= nil and file:close();
	end
	local function script(action)
		return run(("DPKG_ROOT='%s' sh packaging/debian/prosody-mod-skotos-bridge.postrm %s"):format(root, action));
	end

	before_each(function () root = run("mktemp -d"):match("%S+"); end);
	after_each(function () os.execute(("rm -rf '%s'"):format(root)); end);

	-- The names under which the module has Prosody's storage keep something.
	local function stores()
		local names = {};
		for name in run("grep -rhoE 'kept_lib\\.open\\(.*\"[a-z_]+\"' mod_skotos_bridge"):gmatch('"([%l_]+)"') do names[#names + 1] = name; end
		return names;
	end

	it("leaves nothing of what the module kept in Prosody's storage, and all that is others'", function ()
		local names = stores();
		assert.equal(2, #names);
		for _, name in ipairs(names) do put(STORES .. name .. "/part0.dat"); end
		put(STORES .. "accounts/focus.dat");
		script "remove";
		for _, name in ipairs(names) do assert.is_true(is_there(STORES .. name .. "/part0.dat"), name); end
		script "purge";
		for _, name in ipairs(names) do assert.is_false(is_there(STORES .. name), name); end
		assert.is_true(is_there(STORES .. "accounts/focus.dat"));
	end);

	it("keeps an administrator's own lines, and says where they are", function ()
		assert.equal("", script "purge");
		local kept = "/etc/prosody/skotos-bridge-meet.test.kept";
		put(kept);
		local text = script "purge";
		assert.is_true(is_there(kept));
		assert.truthy(text:find(root .. kept .. " stays", 1, true), text);
	end);
end);
