-- skotos-game-setup on a game's host, in a folder that stands for /.
local folder_lib = require "spec.support.folder";
local INSTANCE = "portbase 12000\nhostname game.example.com\njitsi_hosts_file none\nbootmods DevSys Theatre\nfreemote "
	.. "+emote \xe9\n";

describe("skotos-game-setup", function ()
	local root;
	local run = require "spec.support.shell".sh;
	local function setup(arguments, before)
		return run(("%s timeout 60 dash packaging/bin/skotos-game-setup --root '%s' %s </dev/null"):format(before or "", root,
			arguments));
	end
	local function ok(arguments, before)
		local status, text = setup(arguments, before);
		assert.equal(0, status, text);
		return text;
	end
	local function read(path) return folder_lib.read(root, path); end
	local function put(path, text) folder_lib.put(root, path, text); end
	local function state()
		local _, text = run((
			"cd '%s' && find . -printf '%%p %%m %%u %%g\\n' | sort && find . -type f -exec sha256sum {} + | sort"):format(root));
		return text;
	end
	local instance = "/var/skotos/skoot/usr/System/data/instance";

	before_each(function ()
		local pipe = assert(io.popen("mktemp -d"));
		root = pipe:read("l");
		pipe:close();
		put(instance, INSTANCE);
		assert(os.execute(("chmod 664 '%s' && mkdir -p '%s/var/lib'"):format(root .. instance, root)));
	end);
	after_each(function () os.execute(("rm -rf '%s'"):format(root)); end);

	it("puts jitsi_host into the instance file, keeps every other line, and says how the game reads it again", function ()
		local text = ok "meet.example.com";
		assert.equal("jitsi_host meet.example.com\n" .. INSTANCE, read(instance));
		assert.truthy(state():find(instance .. " 664 ", 1, true));
		assert.truthy(text:find('code "/usr/System/initd"->get_instance()', 1, true));
		assert.truthy(text:find("telnet 127.0.0.1 12098", 1, true));
	end);

	-- What the game passes on to its players after get_instance(): the stand-in reads as SkotOS's sscanf does.
	local function jitsi_host()
		local hex = (root .. instance):gsub(".", function (c) return ("%02x"):format(c:byte()); end);
		local _, text = run(("printf 'get_instance %s\\nquit\\n' | build/game 0"):format(hex));
		return ((text:match("jitsi_host (%x+)") or ""):gsub("%x%x", function (c) return string.char(tonumber(c, 16)); end));
	end

	-- What the file is, and what it becomes; nil: it says so already, as the game reads it (get_instance in SkotOS's
	-- initd.c, where a game's own sscanf was asked for each of these).
	local files = {
		{ "replaces the line that is there", "a 1\njitsi_host old.example.com\nb 2\n",
			"a 1\njitsi_host meet.example.com\nb 2\n" };
		{ "replaces all of several", "jitsi_host a.b\n\njitsi_host  c.d\n",
			"jitsi_host meet.example.com\n\njitsi_host meet.example.com\n" };
		{ "leaves alone what the game reads right", "a 1\n  jitsi_host meet.example.com\njitsi_host other.example.com\n" };
		{ "leaves alone a name that another line happens to hold first", "my_jitsi_host meet.example.com\njitsi_host x\n" };
		{ "sees that the first of two lines counts", "jitsi_host a.b\njitsi_host meet.example.com\n",
			"jitsi_host meet.example.com\njitsi_host meet.example.com\n" };
		{ "sees that a last line without its end does not count", "a 1\njitsi_host meet.example.com",
			"a 1\njitsi_host meet.example.com\n" };
		{ "sees that a tab parts nothing", "jitsi_host\tmeet.example.com\n", "jitsi_host meet.example.com\n" };
		{ "sees that a second blank is part of the name", "jitsi_host  meet.example.com\n", "jitsi_host meet.example.com\n" };
		{ "sees that a carriage return is part of the name", "jitsi_host meet.example.com\r\n",
			"jitsi_host meet.example.com\n" };
		{ "sees that a line behind a remark is joined with the next", "jitsi_host meet.example.com # x\nb 2\n",
			"jitsi_host meet.example.com\nb 2\n" };
		{ "sees that the game cannot read a file that ends in half a remark", "jitsi_host meet.example.com\n# x",
			"jitsi_host meet.example.com\n# x\n" };
		{ "does not join it with what stands before", "b 2 # x\n", "jitsi_host meet.example.com\nb 2 # x\n" };
		{ "leaves a last line as it is, ended or not", "a 1\nb 2", "jitsi_host meet.example.com\na 1\nb 2" };
		{ "fills an empty file", "", "jitsi_host meet.example.com\n" };
		{ "comes before another name that the game would take for it", "my_jitsi_host x\n# jitsi_host y\n",
			"jitsi_host meet.example.com\nmy_jitsi_host x\n# jitsi_host y\n" };
		{ "comes first where its own place is behind such a one", "my_jitsi_host x\njitsi_host y\n",
			"jitsi_host meet.example.com\nmy_jitsi_host x\n" };
	};
	for _, case in ipairs(files) do
		it(case[1] .. ", and undoes it byte for byte", function ()
			put(instance, case[2]);
			local before = state();
			local text = ok "meet.example.com";
			assert.equal(case[3] or case[2], read(instance));
			assert.equal(case[3] == nil, text:find("names meet.example.com already", 1, true) ~= nil, text);
			assert.equal("meet.example.com", jitsi_host());
			local once = state();
			assert.truthy(ok("meet.example.com"):find("names meet.example.com already", 1, true));
			assert.equal(once, state());
			ok "--undo";
			assert.equal(before, state());
		end);
	end

	it("says on undo what makes the running game read the file again, or forget the host", function ()
		ok "meet.example.com";
		local text = ok "--undo";
		assert.truthy(text:find("forgets jitsi_host at a cold boot only", 1, true), text);
		assert.truthy(text:find("jitsi_host = nil;", 1, true), text);
		put(instance, "jitsi_host old.example.com\n" .. INSTANCE);
		ok "meet.example.com";
		text = ok "--undo";
		assert.falsy(text:find("cold boot", 1, true), text);
		assert.truthy(text:find('code "/usr/System/initd"->get_instance()', 1, true), text);
	end);

	it("tells the game's own port also where the game could not read the file before", function ()
		put(instance, "portbase 12000\n# half a remark");
		assert.truthy(ok("meet.example.com"):find("telnet 127.0.0.1 12098", 1, true));
	end);

	it("undoes each of two games on one host", function ()
		local other = "/srv/dev/instance";
		put(other, "portbase 13000\n");
		local before = state();
		ok "meet.example.com";
		assert.truthy(ok("--instance '" .. root .. other .. "' meet.example.com"):find("127.0.0.1 13098", 1, true));
		local both = state();
		assert.not_equal(0, (setup "other.example.com"));
		assert.equal(both, state());
		ok("--undo --instance '" .. root .. other .. "'");
		assert.equal("portbase 13000\n", read(other));
		assert.equal("jitsi_host meet.example.com\n" .. INSTANCE, read(instance));
		ok("--instance '" .. root .. other .. "' meet.example.com");
		ok "--undo";
		assert.equal(before, state());
	end);

	it("leaves a link a link", function ()
		put("/srv/instance", INSTANCE);
		assert(os.execute(("ln -sf '%s/srv/instance' '%s'"):format(root, root .. instance)));
		local before = state();
		ok "meet.example.com";
		assert.equal("jitsi_host meet.example.com\n" .. INSTANCE, read "/srv/instance");
		assert(os.execute(("test -L '%s'"):format(root .. instance)));
		ok "--undo";
		assert.equal(before, state());
	end);

	describe("as root, in a folder of the game's account,", function ()
		local folder = instance:match("^(.*)/");
		-- A file of root's that the account must neither read nor change.
		local function victim(text)
			put("/root-only/victim", text);
			assert(os.execute(("chmod 755 '%s' && chmod 600 '%s/root-only/victim'"):format(root, root)));
			return root .. "/root-only/victim";
		end
		before_each(function ()
			if run "test $(id -u) = 0" ~= 0 then pending "only root can be another account"; end
			assert(os.execute(("chown -R nobody: '%s/var/skotos'; chmod 755 '%s'"):format(root, root)));
		end);

		it("the file stays the account's", function ()
			local before = state();
			ok "meet.example.com";
			assert.equal("jitsi_host meet.example.com\n" .. INSTANCE, read(instance));
			assert.truthy(state():find(instance .. " 664 nobody ", 1, true), state());
			ok "--undo";
			assert.equal(before, state());
		end);

		for what, place in pairs { ["of the file itself"] = "", ["of the folder"] = "folder" } do
			it("a link to a file of root's in the place " .. what .. " is not followed", function ()
				local file = victim("portbase 1\nsecret\n");
				if place == "" then
					assert(os.execute(("ln -sf '%s' '%s'"):format(file, root .. instance)));
				else
					assert(os.execute(("mv '%s/root-only/victim' '%s/root-only/instance' && rm -r '%s' && ln -s '%s/root-only' '%s'")
						:format(root, root, root .. folder, root, root .. folder)));
				end
				assert(os.execute(("chown -h nobody '%s'"):format(root .. (place == "" and instance or folder))));
				local before = state();
				local status, text = setup "meet.example.com";
				assert.not_equal(0, status);
				assert.falsy(text:find("secret", 1, true));
				os.execute(("rmdir '%s/var/lib/skotos-game-setup/games' '%s/var/lib/skotos-game-setup' 2>/dev/null"):format(root,
					root));
				assert.equal(before, state());
			end);
		end

		it("nothing is written through a NO_START.txt that is a link", function ()
			local file = victim("secret\n");
			put("/var/chat_admin_server/chat_admin_config.json", "{}");
			assert(os.execute(("ln -s '%s.new' '%s/var/chat_admin_server/NO_START.txt'"):format(file, root)));
			assert(os.execute(("chown -hR nobody '%s/var/chat_admin_server'"):format(root)));
			local status, text = setup "meet.example.com";
			assert.equal(1, status, text);
			assert.is_nil(read "/root-only/victim.new");
		end);
	end);

	it("keeps on undo what somebody changed in the file since", function ()
		ok "meet.example.com";
		put(instance, read(instance) .. "memory_max 256\n");
		ok "other.example.com";
		ok "--undo";
		assert.equal(INSTANCE .. "memory_max 256\n", read(instance));
	end);

	it("leaves the file as it was when the disk is full", function ()
		put(instance, INSTANCE:rep(40));
		local before = read(instance);
		local status = setup("meet.example.com", "trap '' XFSZ; ulimit -f 1;");
		assert.not_equal(0, status);
		assert.equal(before, read(instance));
		assert.falsy(state():find("data/.", 1, true), state());
	end);

	it("does nothing with --dry-run", function ()
		put("/var/chat_admin_server/chat_admin_config.json", "{}");
		local before = state();
		assert.truthy(ok("--dry-run meet.example.com"):find("would put", 1, true));
		assert.equal(before, state());
	end);

	-- A crontab command, which would be the machine's and not the tree's, and an old server that runs.
	local function with_old_server()
		put("/var/chat_admin_server/chat_admin_config.json", "{}");
		put("/var/chat_admin_server/src/main.js", "setInterval(() => {}, 1000);");
		put("/var/spool/cron/crontabs/skotos", "# my own\n* * * * * "
			.. "/var/chat_admin_server/deploy/skotos/start-chat-admin.sh\n@reboot /usr/bin/true\n");
		put("/bin/crontab", ("#!/bin/sh\necho \"$@\" >>'%s/the-machines-crontab'\n"):format(root));
		assert(os.execute(("chmod 755 '%s/bin/crontab'"):format(root)));
		local pipe = assert(io.popen(("cd '%s/var/chat_admin_server' && { node src/main.js ./chat_admin_config.json "
			.. ">/dev/null 2>&1 & echo $!; }"):format(root)));
		local pid = pipe:read("l");
		pipe:close();
		return pid, ("PATH='%s/bin':$PATH"):format(root);
	end
	local function runs(pid)
		local file = io.open("/proc/" .. pid .. "/stat");
		local text = file and file:read("a");
		if file then file:close(); end
		return text ~= nil and text:match("%) (%a)") ~= "Z";
	end

	it("stops an old chat_admin_server and takes it out of cron, and undoes both", function ()
		local pid, path = with_old_server();
		finally(function () os.execute("kill " .. pid .. " 2>/dev/null"); end);
		local before = state();
		assert.is_true(runs(pid));
		ok("meet.example.com", path);
		assert.is_nil(read "/the-machines-crontab");
		assert.is_false(runs(pid));
		assert.equal("# my own\n# * * * * * /var/chat_admin_server/deploy/skotos/start-chat-admin.sh # taken out by "
			.. "skotos-game-setup\n@reboot /usr/bin/true\n",
			read("/var/spool/cron/crontabs/skotos"));
		assert.truthy(read "/var/chat_admin_server/NO_START.txt");
		local once = state();
		ok("meet.example.com", path);
		assert.equal(once, state());
		ok("--undo", path);
		assert.is_nil(read "/the-machines-crontab");
		assert.equal(before, state());
	end);

	it("takes the old server out of cron's other tables too", function ()
		local pid, path = with_old_server();
		finally(function () os.execute("kill " .. pid .. " 2>/dev/null"); end);
		put("/etc/crontab", "* * * * * skotos /var/chat_admin_server/deploy/skotos/start-chat-admin.sh\n");
		put("/etc/cron.d/chat", "# /var/chat_admin_server/x\nMAILTO=x\n* * * * * skotos /var/chat_admin_server/start.sh");
		local before = state();
		local text = ok("meet.example.com", path);
		assert.truthy(text:find("take chat_admin_server out of " .. root .. "/etc/cron.d/chat", 1, true), text);
		assert.equal("# * * * * * skotos /var/chat_admin_server/deploy/skotos/start-chat-admin.sh # taken out by "
			.. "skotos-game-setup\n", read "/etc/crontab");
		assert.equal("# /var/chat_admin_server/x\nMAILTO=x\n# * * * * * skotos /var/chat_admin_server/start.sh # taken out "
			.. "by skotos-game-setup",
			read "/etc/cron.d/chat");
		ok("--undo", path);
		assert.equal(before, state());
	end);

	it("leaves the old server alone with --keep-old", function ()
		local pid, path = with_old_server();
		finally(function () os.execute("kill " .. pid .. " 2>/dev/null"); end);
		ok("--keep-old meet.example.com", path);
		assert.is_true(runs(pid));
		assert.is_nil(read "/var/chat_admin_server/NO_START.txt");
	end);

	for _, case in ipairs {
		{ "a name that is none", "'meet.example.com; x'", "JITSI_HOST" }, { "nothing", "", "JITSI_HOST" },
		{ "an unknown option", "--dve meet.example.com", "no such option" };
		{ "an option without its value", "meet.example.com --instance", "a value is missing" },
		{ "a tenant that is none", "--dev --tenant a/b meet.example.com", "--tenant" },
		{ "a port that is none", "--dev --port 70000 meet.example.com", "65535" };
	} do
		it("refuses " .. case[1], function ()
			local before = state();
			local status, text = setup(case[2]);
			assert.equal(2, status, text);
			assert.truthy(text:find(case[3], 1, true), text);
			assert.equal(before, state());
		end);
	end

	it("sets up stunnel before the game with certificates for both hosts, keys readable by root alone, and undoes it",
			function ()
		local before = state();
		local text = ok "--tls game.example.com meet.example.com";
		assert.truthy(read("/etc/stunnel/skotos-game.conf"):find("connect = 127.0.0.1:12091", 1, true));
		local made = root .. "/var/lib/skotos-game-setup/certificates";
		for _, side in ipairs { { root .. "/etc/stunnel/skotos/game.pem", "game.example.com" },
				{ made .. "/jitsi.pem", "meet.example.com" } } do
			local status, said = run(("openssl verify -CAfile '%s/etc/stunnel/skotos/ca.pem' -verify_hostname %s '%s'")
				:format(root, side[2], side[1]));
			assert.equal(0, status, said);
		end
		assert.truthy(state():find("./etc/stunnel/skotos/game.key 600 ", 1, true));
		assert.is_nil(read "/etc/stunnel/skotos/ca.key");
		local unit = read "/etc/systemd/system/skotos-certificates.service";
		local renew = unit:match("ExecStart=/bin/sh ([^\n]*)");
		assert.truthy(read("/etc/systemd/system/skotos-certificates.timer"):find("OnCalendar=daily", 1, true));
		local status, said = run("WITHIN=3000 sh " .. renew);
		assert.equal(0, status, said);
		assert.truthy(said:find("bring " .. made .. "/jitsi.pem to the Jitsi host", 1, true), said);
		status, said = run(("openssl verify -CAfile '%s/etc/stunnel/skotos/ca.pem' -verify_hostname game.example.com "
			.. "'%s/etc/stunnel/skotos/game.pem'"):format(root, root));
		assert.equal(0, status, said);
		assert.truthy(text:find("skotos-bridge-setup --game game.example.com:11092 --tls-ca", 1, true), text);
		ok "--tls game.example.com meet.example.com";
		ok "--undo";
		run(("rmdir '%s/etc/stunnel' '%s/etc'"):format(root, root));
		assert.equal(before, state());
	end);

	it("says so when there is no instance file", function ()
		os.remove(root .. instance);
		local status, text = setup("meet.example.com");
		assert.equal(1, status);
		assert.truthy(text:find("--instance", 1, true));
	end);
end);
