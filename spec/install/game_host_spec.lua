-- skotos-game-setup on a host that was booted for this (run.sh), on which cron keeps an old chat_admin_server: it is
-- retired, stunnel is set up as a service of systemd's, and with the line that it prints for the Jitsi host (here the
-- same machine) the players get in.
if not os.getenv "INIT" then return; end

local host = require "spec.support.jitsi_host";
local rig = require "spec.support.rig";

local ok = host.ok;

local INSTANCE = "/var/game/.root/usr/System/data/instance";
local OLD = "/var/chat_admin_server";
local RUNS = "pgrep -f chat_admin_config[.]json";

describe("skotos-game-setup on a game's host", function ()
	local game, before, said;

	-- Everything that setup may change here.
	local function state()
		return ok(("cat %s; crontab -l; ls -A %s /etc/stunnel; systemctl is-enabled stunnel@skotos-game || true")
			:format(INSTANCE, OLD));
	end

	setup(function ()
		host.prepare();
		ok("dpkg -i " .. host.deb());
		ok("mkdir -p $(dirname " .. INSTANCE .. ") " .. OLD .. " /etc/stunnel && rm -rf " .. OLD
			.. "/* /var/lib/skotos-game-setup /etc/stunnel/skotos*");
		host.put(INSTANCE, "portbase 11000\njitsi_host old.example.com\nhostname game.test\n", "644");
		host.put(OLD .. "/chat_admin_config.json", "{}", "600");
		-- The old server: what cron starts once a minute, unless it runs or is told not to. (The "/" keeps it from taking the
		-- specs' own look for it.)
		host.put(OLD .. "/start.sh", ("#!/bin/sh\ncd %s\n[ -e NO_START.txt ] || pgrep -f /chat_admin_config || exec lua5.4 "
				.. "-e 'require \"socket\".sleep(3600)' %s/chat_admin_config.json\n")
			:format(OLD, OLD), "755");
		ok((
			"echo '* * * * * %s/start.sh >/dev/null 2>&1' | crontab - && systemctl restart cron && "
				.. "echo 127.0.0.1 game.test >>/etc/hosts"):format(OLD));
		ok("systemd-run --unit old-server " .. OLD .. "/start.sh");
		host.until_true("the old server", function () return host.run(RUNS) == 0; end);
		before = state();
		game = rig.game { port = 11091 };
	end);
	teardown(function ()
		if game then game:stop(); end
		host.run("crontab -r; systemctl stop old-server stunnel@skotos-game; rm -rf /var/game /etc/stunnel/skotos* "
			.. "/var/lib/skotos-game-setup " .. OLD);
		host.run("dpkg --purge prosody-mod-skotos-bridge; systemctl stop prosody; sed -i /game.test/d /etc/hosts; rm -rf "
			.. "/etc/prosody/certs/skotos");
	end);

	it("retires the old server: its process, its line in cron", function ()
		said = ok "skotos-game-setup --tls game.test meet.test";
		assert.not_equal(0, (host.run(RUNS)), said);
		assert.falsy(("\n" .. ok "crontab -l"):find("\n%s*[^#%s][^\n]*chat_admin_server"));
		ok(OLD .. "/start.sh");
		assert.not_equal(0, (host.run(RUNS)), "it can be started still");
	end);

	it("points the game at the Jitsi host, and keeps every other line", function ()
		assert.equal("portbase 11000\njitsi_host meet.test\nhostname game.test\n", host.read(INSTANCE));
	end);

	it("has systemd keep stunnel before the game, now and after a restart of the machine", function ()
		assert.truthy(ok "systemctl is-active stunnel@skotos-game":find "^active");
		assert.truthy(ok "systemctl is-enabled stunnel@skotos-game":find "^enabled");
	end);

	it("prints what the Jitsi host needs, which brings the players in over TLS", function ()
		local files = said:match "Bring to the Jitsi host, into (/%S+) ";
		local from = said:match "alone%): (/%S+)/ca%.pem";
		ok(("install -d -m 750 -g prosody %s && install -m 640 -g prosody %s/ca.pem %s/jitsi.pem %s/jitsi.key %s/")
			:format(files, from, from, from, files));
		local line = said:match "and there:  (skotos%-bridge%-setup [^\n]*\\\n[^\n]*)";
		ok(line .. " --yes");
		host.focus "tavern";
		local _, bob = host.joins(game, "Bob", "tavern");
		assert.equal("available", bob.type, bob.condition);
		local status, text = host.run("prosodyctl mod_skotos_bridge check --time-server 127.0.0.1:"
			.. rig.call("time.start", { ahead = 0 }).port);
		assert.equal(0, status, text);
		assert.truthy(text:find("is up (TLSv1.3", 1, true), text);
	end);

	it("is as good when it runs twice", function ()
		local once = state();
		ok "skotos-game-setup --tls game.test meet.test";
		assert.equal(once, state());
	end);

	it("is undone: the old server's line, the instance file, stunnel", function ()
		ok "skotos-game-setup --undo";
		assert.equal(before, state());
		assert.not_equal(0, (host.run "systemctl is-active stunnel@skotos-game"));
		assert.not_equal(0, (host.run "test -e /var/lib/skotos-game-setup"));
	end);
end);
