-- skotos-game-setup on a machine that lacks a program which it needs, and where nothing is set up, in a folder that
-- stands for /.
local folder_lib = require "spec.support.folder";

local INSTANCE = "/var/skotos/skoot/usr/System/data/instance";

describe("skotos-game-setup", function ()
	local root, programs;
	local run = require "spec.support.shell".sh;
	local function setup(arguments)
		return run((
				"HOME=/home/me XDG_STATE_HOME= PATH='%s' timeout 60 dash packaging/bin/skotos-game-setup --root '%s' %s </dev/null")
			:format(programs, root, arguments));
	end
	local function state()
		local _, text = run(("cd '%s' && find . -printf '%%p %%m\\n' | sort && find . -type f -exec sha256sum {} + | sort")
			:format(root));
		return text;
	end
	local function folder()
		local _, text = run "mktemp -d";
		return text:match("%S+");
	end
	local function put(path, text) folder_lib.put(root, path, text); end

	before_each(function ()
		root, programs = folder(), folder();
		assert(os.execute(("ln -s /usr/bin/* /usr/sbin/* '%s' 2>/dev/null; mkdir -p '%s/var/lib' '%s/etc'"):format(programs,
			root, root)));
		put(INSTANCE, "portbase 12000\n");
		put("/var/chat_admin_server/chat_admin_config.json", "{}");
		put("/etc/crontab", "* * * * * skotos /var/chat_admin_server/deploy/skotos/start-chat-admin.sh\n");
		put("/etc/stunnel/README", "");
		put("/home/me/.ssh/config", "");
	end);
	after_each(function () os.execute(("rm -rf '%s' '%s'"):format(root, programs)); end);

	for _, case in ipairs {
		{ "--tls game.example.com meet.example.com", "stunnel stunnel4",
			"stunnel is not installed, and nothing was changed; as root: apt-get install stunnel4" };
		{ "--tls game.example.com meet.example.com", "openssl",
			"openssl is not installed, and nothing was changed; as root: apt-get install openssl" };
		{ "--dev meet.example.com", "ssh-keygen", "ssh-keygen is not installed, and nothing was changed; as root: apt-get "
			.. "install openssh-client" };
	} do
		it("says what is to be installed, and changes nothing, without " .. case[2], function ()
			assert.equal(0, (run(("cd '%s' && rm %s"):format(programs, case[2]))));
			local before = state();
			local status, text = setup(case[1]);
			assert.equal(1, status, text);
			assert.truthy(text:find(case[3], 1, true), text);
			assert.equal(before, state());
		end);
	end

	for _, case in ipairs { { "--tls game.example.com meet.example.com", "--undo" },
			{ "--dev meet.example.com", "--dev --undo" } } do
		it("says that there is nothing to undo, only where that is so: " .. case[2], function ()
			local _, text = setup(case[2]);
			assert.truthy(text:find("There is nothing to undo.", 1, true), text);
			local status, said = setup(case[1]);
			assert.equal(0, status, said);
			_, text = setup("--dry-run " .. case[2]);
			assert.falsy(text:find("nothing to undo", 1, true), text);
			_, text = setup(case[2]);
			assert.falsy(text:find("nothing to undo", 1, true), text);
			status, text = setup(case[2]);
			assert.equal("There is nothing to undo.\n", text);
			assert.equal(0, status);
		end);
	end
end);
