-- What setup and check tell of a booted Jitsi host (run.sh) where all looks well and is not: what the files say and
-- what is in force, a server that is drained, pages that cannot reach Prosody, a module that is gone. And what setup
-- makes good by being run again.
if not os.getenv "INIT" then return; end

local host = require "spec.support.jitsi_host";
local host_check = require "spec.support.host_check";
local rig = require "spec.support.rig";

local ok, run = host.ok, host.run;
local all_ok, named, configure = host_check.all_ok, host_check.named, host_check.configure;

local SETUP = "skotos-bridge-setup --yes ";
local SECRET = "/etc/prosody/skotos-bridge/meet.test.secret";

describe("a booted Jitsi host that is not as it looks", function ()
	local game;

	setup(function ()
		host.prepare();
		ok("dpkg -i " .. host.deb());
		game = rig.game { port = 11091 };
		ok(SETUP .. "--game 127.0.0.1");
	end);
	teardown(function ()
		if game then game:stop(); end
		run "dpkg --purge prosody-mod-skotos-bridge; systemctl stop prosody; rm -rf /etc/prosody/certs/skotos";
	end);

	local players = 0;
	local function lets_in()
		players = players + 1;
		host.focus "tavern";
		local _, own = host.joins(game, "Player " .. players, "tavern");
		assert.equal("available", own.type, own.condition);
	end

	it("has options in its files that are not in force: named, with what brings them there", function ()
		local put_back = configure("    allow_empty_token", "    skotos_commands = true\n    allow_empty_token");
		local mend = named("in-force", "warn", "skotos_commands is not in force", "systemctl reload prosody");
		ok(mend:match "systemctl reload prosody");
		all_ok();
		put_back();
		ok "systemctl reload prosody";
	end);

	it("has TLS files that Prosody's user may not read: setup changes nothing, or says so; check names them", function ()
		ok "install -d /etc/prosody/certs/skotos && install -m 600 /dev/null /etc/prosody/certs/skotos/ca.pem";
		local before = host.configuration();
		local status, text = run(SETUP .. "--game 127.0.0.1 --tls-ca /etc/prosody/certs/skotos/ca.pem");
		assert.equal(1, status, text);
		assert.truthy(text:find("/etc/prosody/certs/skotos/ca.pem", 1, true), text);
		assert.equal(before, host.configuration());
		local tls = '    skotos_tls = { ca = "/etc/prosody/certs/skotos/ca.pem" }\n';
		local put_back = configure("    skotos_host", tls .. "    skotos_host");
		ok "systemctl reload prosody";
		named("certificate", "fail", "/etc/prosody/certs/skotos/ca.pem", "Prosody's user has to be able to read it");
		named("in-force", "warn", "skotos_tls", "read its log");
		put_back();
		ok "systemctl reload prosody";
		all_ok();
	end);

	it("is drained: named, and setup says that too", function ()
		ok "prosodyctl mod_skotos_bridge drain";
		game:connected { count = 0 };
		named("game", "warn", "this server takes no new rooms", "mod_skotos_bridge undrain");
		local _, text = run(SETUP .. "--game 127.0.0.1");
		assert.truthy(text:find("wait  this server is drained", 1, true), text);
		ok "prosodyctl mod_skotos_bridge undrain";
		host_check.until_up();
		all_ok();
	end);

	it("has another port of the game in its configuration: named", function ()
		local greeter = rig.call("greeter.start", { text = "Welcome! What is your name? " });
		local other = ('skotos_host = "127.0.0.1"; skotos_port = %d'):format(greeter.port);
		local put_back = configure('skotos_host = "127.0.0.1"', other);
		ok "systemctl reload prosody";
		named("game", "fail", "says something before it is asked", "portbase + 91");
		put_back();
		ok "systemctl reload prosody";
		host_check.until_up();
	end);

	it("has a MUC with muc_allowners, and no way for pages: both named", function ()
		local put_back = configure('"muc_meeting_id";', '"muc_meeting_id"; "muc_allowners";');
		local put_ours_back = configure(', "muc_allowners"', "");
		named("plugins", "fail", "muc_allowners is in modules_enabled on conference.meet.test", 'take "muc_allowners" out');
		put_ours_back();
		put_back();
		put_back = configure('"bosh";', "");
		named("pages", "fail", 'neither "bosh" nor "websocket" is enabled', '"bosh"; "websocket"');
		put_back();
		all_ok();
	end);

	for what, lose in pairs {
		["its line in Jitsi's file is gone"] = function ()
			local text = host.read(host.CONFIG);
			host.put(host.CONFIG, (text:gsub("Include[^\n]*skotos%-bridge[^\n]*\n", "")), "644");
			host.restart();
			named("config", "fail", 'no VirtualHost has "skotos_bridge" in its modules_enabled', "skotos-bridge-setup");
		end;
		["its secret's file is gone"] = function () ok("rm " .. SECRET); end;
		["Jitsi's token package was installed later"] = function ()
			local text = host.read(host.CONFIG):gsub('authentication = "jitsi%-anonymous"', 'authentication = "token"', 1);
			text = text:gsub('%-%-app_id="example_app_id"', 'app_id="later"');
			text = text:gsub('%-%-app_secret="example_app_secret"', 'app_secret="a-secret-that-came-later-than-ours"');
			host.put(host.CONFIG, text, "644");
			host.restart();
		end;
	} do
		it("lets players in again when setup is run once more: " .. what, function ()
			lose();
			ok(SETUP .. "--game 127.0.0.1");
			all_ok();
			lets_in();
		end);
	end
end);
