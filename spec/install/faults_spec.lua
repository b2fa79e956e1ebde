-- What goes wrong on a Jitsi host that was booted for this (run.sh), put in on purpose: prosodyctl mod_skotos_bridge
-- check names each with its remedy, the remedy is carried out as it is printed, and then all is ok again.
if not os.getenv "INIT" then return; end

local ctl = require "spec.support.ctl";
local host = require "spec.support.jitsi_host";
local host_check = require "spec.support.host_check";
local rig = require "spec.support.rig";

local ok, run = host.ok, host.run;
local all_ok, named, configure = host_check.all_ok, host_check.named, host_check.configure;
local restart, until_up = host_check.restart, host_check.until_up;

local SECRET, CERTIFICATES = "/etc/prosody/skotos-bridge/meet.test.secret", "/etc/prosody/certs/skotos";
local SETUP = "skotos-bridge-setup --yes ";
local GAME = 11091;

describe("prosodyctl mod_skotos_bridge check on a Jitsi host", function ()
	local game, certificates;

	setup(function ()
		host.prepare();
		ok("dpkg -i " .. host.deb());
		game = rig.game { port = GAME };
		ok(SETUP .. "--game 127.0.0.1 --moderator Skott");
		certificates = os.tmpname();
		os.remove(certificates);
		assert(os.execute("spec/support/certificates.sh " .. certificates));
	end);
	teardown(function ()
		if game then game:stop(); end
		run "dpkg --purge prosody-mod-skotos-bridge; systemctl stop prosody; sed -i /game.test/d /etc/hosts";
		os.execute("rm -rf " .. certificates);
	end);

	it("finds all ok where nothing is wrong", function ()
		all_ok();
	end);

	it("names a wrong secret: one that the running Prosody has not read", function ()
		local right = host.read(SECRET);
		host.put(SECRET, "another-secret-that-prosody-has-not-read-yet\n", "640");
		local mend = named("secret", "fail", "the running Prosody refuses tokens that the configuration's secret signs",
			"systemctl reload prosody");
		host.put(SECRET, right, "640");
		ok(mend:match "^systemctl reload prosody");
		all_ok();
	end);

	it("names a wrong secret: one with which somebody else signs", function ()
		local client = rig.client { port = 5280, jid = host.HOST,
			token = rig.token { name = "Bob", domain = host.HOST, secret = "the-secret-of-somebody-else-who-signs-tokens" },
			room = "tavern" };
		assert.is_false(client.connected);
		named("secret", "warn", "1 logins were refused since Prosody started, because another secret signed their tokens",
			"the same secret everywhere");
		restart();
		all_ok();
	end);

	it("names a game that is down", function ()
		game:stop();
		named("game", "fail", "nobody to talk to at 127.0.0.1 port 11091: Connection refused", "start the game");
		game = rig.game { port = GAME };
		until_up();
		all_ok();
	end);

	it("names a port that is closed: by a firewall", function ()
		assert(
			os.execute "nft 'table inet closed { chain input { type filter hook input priority 0; tcp dport 11091 drop; }; }'");
		host.restart();
		named("game", "fail", "nobody to talk to at 127.0.0.1 port 11091: no answer",
			"a firewall drops the packets: let this host reach the port");
		assert(os.execute "nft delete table inet closed");
		until_up();
		all_ok();
	end);

	it("names a port that is closed: the wrong one", function ()
		local put_back = configure('skotos_host = "127.0.0.1"', 'skotos_host = "127.0.0.1"; skotos_port = 11099');
		ok "systemctl reload prosody";
		named("game", "fail", "nobody to talk to at 127.0.0.1 port 11099: Connection refused",
			"set skotos_host and skotos_port right (the game's portbase + 91)");
		put_back();
		ok "systemctl reload prosody";
		until_up();
		all_ok();
	end);

	describe("where the game is behind stunnel", function ()
		local stunnel;
		local function serve(name)
			if stunnel then stunnel:stop(); end
			stunnel = rig.stunnel { game = GAME, certificates = certificates, port = 11092,
				replace = name and { { "/etc/stunnel/skotos/game.pem", certificates .. "/" .. name .. ".pem" },
					{ "/etc/stunnel/skotos/game.key", certificates .. "/" .. name .. ".key" } } };
		end
		setup(function ()
			ok("mkdir -p " .. CERTIFICATES .. " && echo 127.0.0.1 game.test >>/etc/hosts");
			for _, name in ipairs { "ca.pem", "jitsi.pem", "jitsi.key" } do
				host.put(CERTIFICATES .. "/" .. name, ctl.read(certificates .. "/" .. name), "640");
			end
			serve();
			ok((SETUP .. "--game game.test:11092 --tls-ca D/ca.pem --tls-certificate D/jitsi.pem --tls-key D/jitsi.key")
				:gsub("D/", CERTIFICATES .. "/"));
		end);
		teardown(function ()
			stunnel:stop();
			ok(SETUP .. "--undo");
			ok(SETUP .. "--game 127.0.0.1 --moderator Skott");
			ok("rm -r " .. CERTIFICATES);
		end);

		it("finds all ok with good certificates", function ()
			until_up();
			all_ok();
			local _, told = host_check.check();
			assert.truthy(ctl.lines(told, "game", "ok")[1].text:find("is up (TLSv1.3", 1, true));
		end);

		it("names a certificate that has expired", function ()
			serve "expired";
			named("game", "fail", 'its certificate "game.test" has expired on 2021-01-01',
				"make a new certificate on the game's host (packaging/game-host) and reload stunnel there");
			serve();
			until_up();
			all_ok();
		end);

		it("names a certificate for another name", function ()
			serve "other-name";
			named("game", "fail", 'its certificate is for "elsewhere.test"; "game.test" is wanted',
				"skotos_tls.verify_name must be a name in the certificate");
			serve();
			until_up();
			all_ok();
		end);
	end);

	it("names a secret that the world may read", function ()
		ok("chmod 644 " .. SECRET);
		local mend = named("rights", "fail", "others than Prosody may read or change it (mode 644)", "chown");
		ok(mend);
		all_ok();
		ok "systemctl reload prosody";
		all_ok();
	end);

	it("names the old plugin, in the configuration and while it is still loaded", function ()
		host.put("/usr/lib/prosody/modules/mod_token_moderation.lua", "", "644");
		local put_back = configure('"muc_meeting_id";', '"muc_meeting_id"; "token_moderation";');
		local put_ours_back = configure('"token_moderation", ', "");
		restart();
		local mend = named("plugins", "fail", "token_moderation is in modules_enabled on conference.meet.test",
			'take "token_moderation" out of modules_enabled of conference.meet.test');
		assert.truthy(mend:find("systemctl restart prosody", 1, true));
		put_back();
		put_ours_back();
		mend = named("plugins", "fail", "token_moderation is still loaded on conference.meet.test",
			"systemctl restart prosody");
		ok(mend);
		ok "rm /usr/lib/prosody/modules/mod_token_moderation.lua";
		until_up();
		all_ok();
	end);

	it("has setup turn the old plugin off", function ()
		local put_back = configure('"muc_meeting_id";', '"muc_meeting_id"; "token_moderation";');
		configure('"token_moderation", ', "");
		assert.truthy(ok(SETUP .. "--moderator Skott"):find("token_moderation is turned off in conference.meet.test", 1,
			true));
		all_ok();
		put_back();
	end);

	it("names a wrong MUC", function ()
		local put_back = configure('main_muc = "conference.meet.test"', 'main_muc = "conference.meet.tset"');
		named("muc", "fail", 'there is no MUC component "conference.meet.tset", so nobody is made a moderator',
			'main_muc = "conference.meet.test" in VirtualHost "meet.test"');
		restart();
		named("muc", "fail", 'there is no MUC component "conference.meet.tset"',
			'main_muc = "conference.meet.test" in VirtualHost "meet.test"');
		put_back();
		restart();
		all_ok();
	end);

	local modules = {
		{ "is not there", "rm LIBRARY", "module 'skotos_bridge' not found" };
		{ "is no library", "echo nothing >LIBRARY", "file too short" };
		{ "is for another Lua", "cp /usr/lib/*-linux-gnu/libjansson.so.4 LIBRARY",
			"undefined symbol: luaopen_skotos_bridge" };
	};
	for _, case in ipairs(modules) do
		it("names a C module that " .. case[1], function ()
			local library = ok("dpkg -L prosody-mod-skotos-bridge"):match("[^\n]+/skotos_bridge%.so");
			ok((case[2]:gsub("LIBRARY", library)));
			host.restart();
			local mend = named("module", "fail", case[3], "dpkg -i prosody-mod-skotos-bridge");
			named("prosody", "fail", "Prosody runs, but without skotos_bridge", "systemctl restart prosody");
			ok("cd /src/build/deb && " .. mend:match "^(dpkg %-i [^ ,]+)");
			restart();
			all_ok();
		end);
	end

	it("names a C module that was cut short", function ()
		local library = ok("dpkg -L prosody-mod-skotos-bridge"):match("[^\n]+/skotos_bridge%.so");
		ok(("head -c 20000 %s >%s.cut && mv %s.cut %s"):format(library, library, library, library));
		local mend = named("module", "fail", library .. " is cut short: 20000 bytes of ",
			"dpkg -i prosody-mod-skotos-bridge");
		ok("cd /src/build/deb && " .. mend:match "^(dpkg %-i [^ ,]+)");
		restart();
		all_ok();
	end);

	it("names a Jicofo that is stopped", function ()
		ok "systemctl stop jicofo";
		ok(named("jicofo", "fail", "Jicofo does not run on this machine",
			"systemctl start jicofo"):match "^systemctl start jicofo");
		all_ok();
	end);

	it("names a clock that is off", function ()
		for ahead, what in pairs { [-3600] = "3600.0 s ahead of", [3600] = "3600.0 s behind" } do
			named("clock", "fail", what, "timedatectl set-ntp true", rig.call("time.start", { ahead = ahead }).port);
		end
	end);

	it("names a second bridge: the old server", function ()
		-- As its start-chat-admin.sh runs it, connected to the game.
		host.put("/var/tmp/old.lua", "local c = require \"socket\".connect(\"127.0.0.1\", 11091) c:receive(1)", "644");
		ok "systemd-run --unit old bash -c 'exec -a node lua5.4 /var/tmp/old.lua src/main.js ./chat_admin_config.json'";
		game:connected { count = 2 };
		local mend = named("bridges", "fail", "the old chat_admin_server runs (process ",
			"take it out of cron: skotos-game-setup does both");
		named("bridges", "warn", "another program on this host is connected to the game game at 127.0.0.1:11091", "stop it");
		ok(mend:match "^kill %d+");
		game:connected { count = 1 };
		ok "rm /var/tmp/old.lua";
		all_ok();
	end);

	it("names a second bridge: another VirtualHost's", function ()
		local second = ('VirtualHost "two.test"\n    app_id = "skotos"; skotos_secret_file = %q; main_muc = '
			.. '"conference.meet.test"; authentication = "skotos_bridge"\n'
			.. '    modules_enabled = { "skotos_bridge" }; skotos_host = "127.0.0.1"\n\n'):format(SECRET);
		local put_back = configure('Component "breakout', second .. 'Component "breakout');
		named("bridges", "fail", "are the same game, 127.0.0.1:11091: it asks one of the two links only",
			"give each game its own skotos_host and skotos_port");
		put_back();
		all_ok();
	end);

	describe("with a disk that is full", function ()
		-- Lays a small file system with what is in `folder` over it, for the whole host, and fills it.
		local function fill(folder)
			ok(("mkdir -p /mnt/small && mount -t tmpfs -o mode=755,size=2m tmpfs /mnt/small && cp -a %s/. /mnt/small/ && chown "
				.. "--reference=%s /mnt/small"):format(folder, folder));
			ok(("mount --move /mnt/small %s && ! head -c 4194304 /dev/zero >%s/filled 2>/dev/null"):format(folder, folder));
		end
		local function empty()
			local folder = ok("cat /proc/mounts"):match "tmpfs (%S+) tmpfs %S*size=2048k";
			if folder then ok("umount " .. folder); end
		end
		after_each(empty);

		local function setup_changes_nothing(why)
			local before = host.configuration();
			local status, said = run(SETUP .. "--moderator Zoe");
			assert.equal(1, status);
			assert.truthy(said:find(why, 1, true), said);
			assert.truthy(said:find("No space left on device", 1, true), said);
			assert.equal(before, host.configuration());
		end

		it("has setup leave every file as it was while it writes the configuration, and is named", function ()
			fill "/etc/prosody";
			setup_changes_nothing "skotos-bridge-setup: nothing was changed: /etc/prosody/skotos-bridge/meet.test.cfg.lua: ";
			named("disk", "fail", "the disk of /etc/prosody is full (0 KiB left)", "df -h '/etc/prosody'");
			ok "rm /etc/prosody/filled";
			assert.truthy(ok(SETUP .. "--moderator Zoe"):find('the game "game" is connected', 1, true));
			host.focus "tavern";
			local _, zoe = host.joins(game, "Zoe", "tavern");
			assert.equal("moderator", zoe.role);
			ok(SETUP .. "--moderator Skott");
			empty();
			all_ok();
		end);

		it("has setup change nothing when it cannot note what was there before", function ()
			fill "/var/lib/skotos-bridge";
			setup_changes_nothing "nothing was changed: /var/lib/skotos-bridge/meet.test.written: ";
			empty();
			all_ok();
		end);

		it("goes on letting players in while Prosody cannot write its log", function ()
			fill "/var/log/prosody";
			restart();
			named("disk", "fail", "the disk of /var/log/prosody is full (0 KiB left)", "df -h '/var/log/prosody'");
			host.focus "cellar";
			local _, bob = host.joins(game, "Bob", "cellar");
			assert.equal("available", bob.type, bob.condition);
			ok "systemctl stop prosody";
			empty();
			restart();
			all_ok();
		end);
	end);

	it("is still as setup left it, so that undo brings back the configuration as it was", function ()
		ok(SETUP .. "--undo");
		local text = host.read(host.CONFIG);
		assert.falsy(text:find("skotos", 1, true), text);
	end);
end);
