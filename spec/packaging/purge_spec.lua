-- What apt-get remove and purge leave on a host and say, by the package's own scripts, in a folder that stands for /.
local setup_lib = require "spec.support.setup";
local tree_lib = require "spec.support.jitsi_tree";

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
		for name in run("grep -rhoE 'kept_lib\\.open\\(.*\"[a-z_]+\"' mod_skotos_bridge"):gmatch('"([%l_]+)"') do
			names[#names + 1] = name;
		end
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

-- Runs the package's script `kind` on `tree`, with `before` in front of it in the shell's line; gives all that it said.
-- Debconf has no answers.
local function package_script(tree, kind, arguments, before)
	local text = tree_lib.read("packaging/debian/prosody-mod-skotos-bridge." .. kind);
	text = text:gsub("%. /usr/share/debconf/confmodule", "db_get() { RET=; }");
	local path = tree.root .. "/run/" .. kind;
	setup_lib.put(path, text);
	local pipe = assert(io.popen(("PATH=\"%s$PWD/packaging/bin:$PATH\" PROSODY_SRCDIR=%s DPKG_ROOT='%s' sh '%s' %s 2>&1")
		:format(before or "", setup_lib.FOLDER, tree.root, path, arguments)));
	local said = pipe:read("a");
	assert.is_true(pipe:close(), said);
	return said;
end

describe("the Debian package, installed,", function ()
	local tree;
	after_each(function () tree_lib.remove(tree); end);

	it("names setup wherever it is not set up: new, and again after it was removed", function ()
		tree = tree_lib.new();
		assert.equal("Now: skotos-bridge-setup\n", package_script(tree, "postinst", "configure ''"));
		assert.equal(0, (setup_lib.run(tree, "--yes --game 127.0.0.1")));
		assert.falsy(package_script(tree, "postinst", "configure 1.0"):find("skotos-bridge-setup", 1, true));
		package_script(tree, "prerm", "remove");
		assert.equal("Now: skotos-bridge-setup\n", package_script(tree, "postinst", "configure 1.0"));
	end);
end);

describe("the Debian package, removed,", function ()
	local tree;
	after_each(function () tree_lib.remove(tree); end);

	it("tells of lines that are left only where there are some", function ()
		tree = tree_lib.new();
		local bin, hint = tree.root .. "/run/bin", "lines that name skotos_bridge";
		assert(os.execute(("mkdir -p '%s'"):format(bin)));
		setup_lib.put(bin .. "/skotos-bridge-setup", "#!/bin/sh\necho Prosody did not restart >&2\nexit 1\n");
		assert(os.execute(("chmod +x '%s/skotos-bridge-setup'"):format(bin)));
		assert.equal("Prosody did not restart\n", package_script(tree, "prerm", "remove", bin .. ":"));
		assert.equal(0, (setup_lib.run(tree, "--yes --game 127.0.0.1")));
		local said = package_script(tree, "prerm", "remove", bin .. ":");
		assert.truthy(said:find(hint, 1, true), said);
	end);

	it("says what it takes out of the configuration, and where an administrator's own lines are kept", function ()
		tree = tree_lib.new();
		local before = tree_lib.read(tree.meet);
		setup_lib.ok(tree, "--yes --game 127.0.0.1");
		local path = setup_lib.drop_in(tree);
		setup_lib.put(path, tree_lib.read(path) .. "    my_own_line = 1\n");
		local said = package_script(tree, "prerm", "remove");
		assert.equal(before, tree_lib.read(tree.meet));
		assert.truthy(said:find('\n-Include "../skotos-bridge/meet.test.cfg.lua"', 1, true), said);
		assert.truthy(said:find("is kept in " .. tree.root .. "/etc/prosody/skotos-bridge-meet.test.kept", 1, true), said);
	end);
end);
