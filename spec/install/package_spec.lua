-- The Debian package on a Jitsi host that was booted for this (run.sh), each step after the one before: installed, set
-- up with one line, players in a room, upgraded while Prosody runs, removed, purged.
if not os.getenv "INIT" then return; end

local host = require "spec.support.jitsi_host";
local rig = require "spec.support.rig";

local ok = host.ok;

describe("the Debian package", function ()
	local game, untouched, clean, deb;

	setup(function ()
		host.prepare();
		deb = host.deb();
		game = rig.game { port = 11091 };
		untouched, clean = host.configuration(), host.files();
	end);
	teardown(function ()
		if game then game:stop(); end
		host.run "dpkg --purge prosody-mod-skotos-bridge; systemctl stop prosody";
	end);

	it("changes no configuration when it is installed, and Prosody goes on", function ()
		local before = host.pid();
		ok("dpkg -i " .. deb);
		assert.equal(untouched, host.configuration());
		assert.equal(before, host.pid());
		assert.truthy(host.answers());
	end);

	it("has its guides where they link to one another, and none of them packed", function ()
		local docs = "/usr/share/doc/prosody-mod-skotos-bridge";
		ok("cd " .. docs .. " && test -s README.md -a -s packaging/README.md -a -s packaging/skotos/web/skotos-voice.js");
		assert.equal("", ok("find " .. docs .. " -name '*.gz' -not -path '*/changelog*'"));
	end);

	it("is set up with one line, for which Prosody and Jicofo are restarted", function ()
		local jicofo = ok "systemctl show --property MainPID jicofo";
		local text = ok "skotos-bridge-setup --yes --game 127.0.0.1 --moderator Skott";
		assert.truthy(text:find("ok    skotos_bridge runs on " .. host.HOST, 1, true), text);
		assert.truthy(text:find('ok    the game "game" is connected', 1, true), text);
		assert.not_equal(jicofo, ok "systemctl show --property MainPID jicofo");
		assert.truthy(ok("stat -c '%a %U %G' /etc/prosody/skotos-bridge/meet.test.secret"):find("640 root prosody", 1, true));
	end);

	it("brings a player into a room with the token that the game asked for, as a participant, and the moderator as one",
			function ()
		host.focus "tavern";
		local _, bob = host.joins(game, "Bob", "tavern");
		assert.equal("available", bob.type, bob.condition);
		assert.equal("participant", bob.role);
		local _, skott = host.joins(game, "Skott", "tavern");
		assert.equal("moderator", skott.role);
	end);

	it("has nothing that prosodyctl mod_skotos_bridge check finds wrong, but for the clock, "
				.. "which nobody keeps on this machine", function ()
		local status, text = host.run("prosodyctl mod_skotos_bridge check --time-server 127.0.0.1:"
			.. rig.call("time.start", { ahead = 0 }).port);
		assert.equal(0, status, text);
		assert.truthy(text:find(" ok, 0 to look at, 0 wrong\n", 1, true), text);
		assert.truthy(text:find("\nok    game ", 1, true), text);
		local _, plain = host.run "prosodyctl mod_skotos_bridge check";
		for line in plain:gmatch("[^\n]+") do
			assert.falsy(line:find("^fail") or line:find("^warn") and not line:find("^warn  clock"), plain);
		end
	end);

	it("lets nobody in without a token", function ()
		local client = rig.client { port = 5280, jid = host.HOST };
		assert.is_false(client.connected);
	end);

	it("is set up already when setup runs again, and nobody has to leave", function ()
		local before, process = host.configuration(), host.pid();
		assert.truthy(ok("skotos-bridge-setup --yes --game 127.0.0.1 --moderator Skott"):find("nothing changes", 1, true));
		assert.equal(before, host.configuration());
		assert.equal(process, host.pid());
	end);

	it("takes a changed setting over without a restart", function ()
		local process = host.pid();
		ok "skotos-bridge-setup --yes --moderator Zoe --moderator Skott";
		assert.equal(process, host.pid());
		local _, zoe = host.joins(game, "Zoe", "tavern");
		assert.equal("moderator", zoe.role);
	end);

	it("is upgraded while Prosody runs, which goes on serving, before and after its restart", function ()
		local process, before = host.pid(), host.configuration();
		local client = host.joins(game, "Carla", "tavern");
		ok(("rm -rf /tmp/newer && dpkg-deb -R %s /tmp/newer && sed -i 's/^Version: .*/&+newer/' /tmp/newer/DEBIAN/control "
			.. "&& dpkg-deb -b /tmp/newer /tmp/newer.deb"):format(deb));
		local text = ok "dpkg -i /tmp/newer.deb";
		assert.truthy(text:find("restart it at a quiet time", 1, true), text);
		assert.equal(process, host.pid());
		assert.equal(before, host.configuration());
		local _, dave = host.joins(game, "Dave", "tavern");
		assert.equal("available", dave.type);
		client:wait { from = "/Dave" };
		ok "systemctl reload prosody";
		local _, eve = host.joins(game, "Eve", "tavern");
		assert.equal("available", eve.type);
		host.restart();
		assert.not_equal(process, host.pid());
		host.focus "tavern";
		local _, fred = host.joins(game, "Fred", "tavern");
		assert.equal("available", fred.type);
	end);

	it("adds a walled-off game", function ()
		local dev = rig.game { port = 11092 };
		local text = ok "skotos-bridge-setup --yes --add-game dev --rooms 'dev-*'";
		assert.truthy(text:find('ok    the game "dev" is connected', 1, true), text);
		dev:command { line = ("login %s %s"):format(rig.hex("Bob"), rig.hex("tavern")) };
		local refused = host.told(dev, 0);
		assert.is_false(refused.success);
		ok "skotos-bridge-setup --yes --remove-game dev";
		dev:stop();
	end);

	it("is taken out and set up again and again, more often than systemd allows a unit to start", function ()
		for _ = 1, 3 do
			ok "skotos-bridge-setup --yes --undo";
			assert.equal(untouched, host.configuration());
			ok "skotos-bridge-setup --yes --game 127.0.0.1 --moderator Skott";
		end
		host.focus "tavern";
		local _, bob = host.joins(game, "Bob", "tavern");
		assert.equal("available", bob.type);
	end);

	it("takes over the settings of an old chat_admin_server, whose tokens stay good", function ()
		ok "skotos-bridge-setup --yes --undo";
		host.put("/root/chat_admin_config.json", [[{"jitsi": {"domain": "meet.test"},
			"jwt": {"app_id": "skoot", "secret": "the-old-servers-own-secret-of-40-characters"},
			"inbound": {"host": "127.0.0.1", "port": 4114}, "outbound": {"host": "127.0.0.1", "port": 11091}}]], "600");
		local text = ok "skotos-bridge-setup --yes --from /root/chat_admin_config.json --game 127.0.0.1";
		assert.falsy(text:find("the-old-servers-own-secret", 1, true), text);
		host.focus "tavern";
		local _, bob = host.joins(game, "Bob", "tavern");
		assert.equal("available", bob.type);
		local now = os.time();
		local function is_let_in(iat, exp)
			local payload = { iss = "skoot", aud = "jitsi", sub = "meet.test", room = "tavern", iat = iat, exp = exp,
				context = { user = { name = "Eve" } } };
			local old = rig.call("token", { secret = "the-old-servers-own-secret-of-40-characters", payload = payload }).token;
			return rig.client({ port = 5280, jid = host.HOST, token = old, room = "tavern" }).connected;
		end
		assert.is_true(is_let_in(now, now + 60));
		-- Its links, which name no end: those that were out before, until the day that setup named.
		assert.is_true(is_let_in(now - 3600, nil));
		assert.is_false(is_let_in(now, nil));
		ok "skotos-bridge-setup --yes --from /root/chat_admin_config.json --game 127.0.0.1 --old-links-until 2026-01-01";
		assert.is_false(is_let_in(now - 3600, nil));
		ok "rm /root/chat_admin_config.json";
	end);

	it("leaves the configuration byte for byte as it was when it is removed, and a Prosody that runs and starts",
			function ()
		local text = ok "dpkg --remove prosody-mod-skotos-bridge";
		assert.truthy(text:find("Restarting Prosody", 1, true), text);
		assert.equal(untouched, host.configuration());
		host.until_true("Prosody", host.answers);
		host.restart();
		assert.not_equal("", ok "find /var/lib/prosody -name 'skotos_bridge_*'");
		ok "dpkg --purge prosody-mod-skotos-bridge";
		assert.equal(clean, host.files());
		assert.equal("", ok "find /var/lib/prosody -name 'skotos_bridge_*'");
	end);

	it("leaves no trace when it is purged at once", function ()
		ok("dpkg -i " .. deb);
		ok "skotos-bridge-setup --yes --game 127.0.0.1";
		assert.not_equal(untouched, host.configuration());
		ok "dpkg --purge prosody-mod-skotos-bridge";
		assert.equal(clean, host.files());
		host.until_true("Prosody", host.answers);
	end);

	it("never wrote a token, a secret or a traceback of ours into Prosody's log", function ()
		local log = ok "cat /var/log/prosody/prosody.log";
		assert.falsy(log:find("eyJ" .. ("[%w_-]"):rep(14)));
		assert.falsy(log:find("skotos[^\n]*\n%s*stack traceback"));
	end);
end);
