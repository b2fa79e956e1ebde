-- prosodyctl mod_skotos_bridge check: each known fault of the configuration and of what runs, put in on purpose, is
-- named with what mends it.
local ctl = require "spec.support.ctl";
local ctl_check = require "spec.support.ctl_check";
local rig = require "spec.support.rig";
local free_port = require "spec.support.free_port";
local socket = require "socket";
local check, named = ctl_check.check, ctl_check.named;

describe("prosodyctl mod_skotos_bridge check", function ()
	local game, prosody, folder;
	setup(function () prosody, game, folder = ctl_check.start(); end);
	teardown(function () ctl_check.stop(prosody, game); end);

	it("finds nothing wrong where all is well, and exits with 0", function ()
		local code, told = check();
		for _, line in ipairs(told.checks) do assert.equal("ok", line.level, line.check .. ": " .. line.text); end
		assert.equal("ok", told.status);
		assert.equal(0, code);
		local _, out = ctl.run(folder, ctl_check.words());
		assert.truthy(out:find("ok    game       meet.test: game game: the link to 127.0.0.1:" .. game.port .. " is up", 1,
			true), out);
		assert.equal(1, game:stats().connected, "the check connected to a game that had its link");
	end);

	local SECRET = ("app_secret = %q"):format(rig.SECRET);
	local faults = {
		{ "a secret that the running Prosody does not have",
			{ { SECRET, 'app_secret = "another-secret-that-nobody-has-loaded-yet"' } },
			"secret", "fail", "the running Prosody refuses tokens that the configuration's secret signs",
			"systemctl reload prosody" };
		{ "a short secret", { { SECRET, 'app_secret = "short"' } }, "config", "fail", "5 bytes; 32 or more are wanted",
			"systemctl reload prosody" };
		{ "a middling secret", { { SECRET, 'app_secret = "twenty-bytes-long-it"' } }, "secret", "warn",
			"20 bytes; 32 or more are wanted", "systemctl reload prosody", 2 };
		{ "a wrong option", { { "skotos_port = ", "skotos_port = 0 -- " } }, "config", "fail",
			"skotos_port = 0: a whole number from 1 to 65535 is wanted", "prosody.cfg.lua" };
		{ "an unknown option", { { "skotos_port = ", "skotos_prot = 1 skotos_port = " } }, "config", "warn",
			"did you mean skotos_port?", "systemctl reload prosody" };
		{ "a wrong MUC name", { { '"conference.meet.test"', '"conference.meet.tset"' } }, "muc", "fail",
			'there is no MUC component "conference.meet.tset"',
			'main_muc = "conference.meet.test"' };
		{ "an old plugin", { { '"muc"\n', '"muc"\n  modules_enabled = { "token_moderation" }\n' } }, "plugins", "fail",
			"token_moderation is in modules_enabled on conference.meet.test",
			'take "token_moderation" out of modules_enabled of conference.meet.test' };
		{ "Jitsi's own login", { { '"skotos_bridge"', '"token"' } }, "login", "warn", 'authentication = "token"',
			'authentication = "skotos_bridge" in VirtualHost "meet.test"' };
		{ "a login without tokens", { { '"skotos_bridge"', '"anonymous"' } }, "login", "fail", 'authentication = "anonymous"',
			'authentication = "skotos_bridge"' };
		{ "a name that has no address", { { "skotos_port = ", 'skotos_host = "game.invalid" skotos_port = ' } }, "name",
			"fail", "game.invalid has no address", "/etc/hosts" };
		{ "two links to one game", { { "skotos_port = ",
			"skotos_games = { a = { rooms = { \"a\" } }, b = { rooms = { \"b\" } } } skotos_port = " } }, "config", "fail",
			"a and b are both at 127.0.0.1", "prosody.cfg.lua" };
		{ "a bridge on no host", { { '"skotos_bridge","rig"', '"rig"' }, }, "config", "fail",
			'no VirtualHost has "skotos_bridge" in its modules_enabled', "skotos-bridge-setup" };
	};
	for _, fault in ipairs(faults) do
		it("names " .. fault[1] .. ", and the remedy", function ()
			local changes = fault[2];
			if fault[1]:find("login") then
				changes = { { 'authentication = "skotos_bridge"', "authentication = " .. fault[2][1][2] } };
			end
			if fault[1] == "a bridge on no host" then changes = { { '"skotos_bridge", "rig"', '"rig"' } }; end
			local code, told = check(changes);
			named(told, fault[3], fault[4], fault[5], fault[6]);
			assert.equal(fault[7] or (fault[4] == "fail" and 2 or 1), code);
		end);
	end

	it("names DNS that says nothing", function ()
		local silent = assert(socket.udp());
		assert(silent:setsockname("127.0.0.1", 0));
		local _, port = silent:getsockname();
		local code, told = check { { "run_as_root = true",
			('run_as_root = true; unbound = { resolvconf = false, forward = "127.0.0.1@%d" }'):format(port) };
			{ "skotos_port = ", 'skotos_host = "game.example.net" skotos_port = ' } };
		silent:close();
		named(told, "name", "fail", "DNS does not answer within 10 s when it is asked for game.example.net",
			"/etc/resolv.conf");
		assert.equal(2, code);
	end);

	it("names an old plugin that is still loaded though it is out of the configuration", function ()
		local muc = [[prosody.hosts["conference.meet.test"].modules.token_moderation = %s return 1]];
		prosody:lua { code = muc:format "{ module = { } }" };
		local _, told = check();
		prosody:lua { code = muc:format "nil" };
		named(told, "plugins", "fail", "token_moderation is still loaded on conference.meet.test",
			"systemctl restart prosody");
	end);

	it("names a player who is no moderator only because a letter of his name is another in the list", function ()
		prosody:reload { options = { host_options = 'skotos_moderators = { "Zo\u{EB}" }' } };
		for _, name in ipairs { "zo\u{EB}", "zo\u{CB}", "zo", "zo\u{CB}" } do
			rig.player(prosody, { room = "near", name = name });
		end
		local _, told = check();
		named(told, "config", "warn",
			'"zo\u{CB}" has come and is no moderator: skotos_moderators has "Zo\u{EB}", other bytes',
			'skotos_moderators = { "zo\u{CB}" }');
		local _, lines = prosody:log().text:gsub("has come and is no moderator", "%0");
		assert.equal(1, lines);
		prosody:reload { options = { host_options = "" } };
		assert.equal(0, (check()));
	end);

	local MUC = '"muc"\n';
	local against = {
		{ "token_verification", "warn", "it writes whole tokens into the log" },
		{ "token_affiliation_legacy", "warn", "decides about moderators too" };
		{ "muc_allowners", "fail", 'his page hangs at "joining"' }, { "muc_auth_http", "warn", "asks an address of its own" };
	};
	for _, case in ipairs(against) do
		it("names " .. case[1] .. " in the MUC, unless it is disabled there", function ()
			local _, told = check { { MUC, MUC .. ('  modules_enabled = { %q }\n'):format(case[1]) } };
			named(told, "plugins", case[2], case[1] .. " is in modules_enabled on conference.meet.test: ",
				('take "%s" out of modules_enabled'):format(case[1]));
			local _, disabled = check { { MUC, MUC .. ('  modules_enabled = { %q }\n  modules_disabled = { %q }\n')
				:format(case[1], case[1]) } };
			assert.equal(1, #ctl.lines(disabled, "plugins", "ok"));
		end);
	end

	it("names options that are not in force, and what brings them into force", function ()
		local code, told = check { { "skotos_port = ", "skotos_commands = true; skotos_port = " } };
		named(told, "in-force", "warn", "what the files say of skotos_commands is not in force", "systemctl reload prosody");
		assert.equal(1, code);
		local _, late = check { { "skotos_port = ", "skotos_moderators_may_grant = true; skotos_port = " } };
		named(late, "in-force", "warn", "what the files say of skotos_moderators_may_grant counts after a restart",
			"systemctl restart prosody");
	end);

	it("tells what came into force with a reload, and what did not", function ()
		local function after_reload(host_options)
			prosody:reload { options = { host_options = host_options } };
			return select(2, ctl.ask(prosody.dir, ctl_check.words()));
		end
		assert.equal(1, #ctl.lines(after_reload "skotos_commands = true", "in-force", "ok"));
		named(after_reload "skotos_commands = true; skotos_moderators_may_grant = true", "in-force", "warn",
			"skotos_moderators_may_grant counts after a restart",
			"systemctl restart prosody");
		named(after_reload 'skotos_tls = { ca = "/nowhere/ca.pem" }', "in-force", "warn",
			"skotos_commands, skotos_tls is not in force", "read its log");
		assert.equal(1, #ctl.lines(after_reload "", "in-force", "ok"));
	end);

	it("names files of skotos_tls that cannot be read, though the link from before is up", function ()
		local code, told = check { { "skotos_port = ", 'skotos_tls = { ca = "/nowhere/ca.pem" }; skotos_port = ' } };
		named(told, "certificate", "fail", "/nowhere/ca.pem", "Prosody's user has to be able to read it");
		named(told, "in-force", "warn", "skotos_tls", "systemctl reload prosody");
		assert.equal(2, code);
	end);

	it("names another port of the game, which greets who connects", function ()
		local greeter = rig.call("greeter.start", { text = "Welcome! What is your name? " });
		local _, told = check { { "skotos_port = " .. game.port, "skotos_port = " .. greeter.port } };
		named(told, "game", "fail", "says something before it is asked", "portbase + 91");
		-- Once in force, and once mended.
		prosody:reload { options = { host_options = ("skotos_port = %d"):format(greeter.port) } };
		prosody:wait_log { text = "says something before it is asked" };
		prosody:reload { options = { host_options = "" } };
		game:connected { count = 1 };
		local _, mended = check();
		assert.equal(0, #ctl.lines(mended, "game", "fail"));
	end);

	it("names a server that is drained, and does not connect to its game", function ()
		assert.equal(0, (ctl.run(folder, { "drain" })));
		game:connected { count = 0 };
		local code, told = check();
		assert.equal(0, (ctl.run(folder, { "undrain" })));
		named(told, "game", "warn", "this server takes no new rooms and leaves its games to other shards: it is draining",
			"mod_skotos_bridge undrain");
		assert.equal(0, #ctl.lines(told, "game", "fail"));
		assert.equal(1, code);
		game:connected { count = 1 };
	end);

	it("names a host that no page can reach", function ()
		local _, told = check { { '"bosh", "websocket", ', "" } };
		named(told, "pages", "fail", 'neither "bosh" nor "websocket" is enabled',
			'modules_enabled = { …; "bosh"; "websocket" }');
	end);

	it("names the guests' VirtualHost, and a bridge that is on it too", function ()
		local guest = 'VirtualHost "guest.meet.test"\n  authentication = "anonymous"\n  modules_enabled = { %s }\n';
		local _, told = check { { 'VirtualHost "auth.meet.test"', guest:format "" .. 'VirtualHost "auth.meet.test"' } };
		assert.equal(1, #ctl.lines(told, "guests", "ok"));
		local _, open = check { { 'VirtualHost "auth.meet.test"', guest:format "" .. 'VirtualHost "auth.meet.test"' },
			{ "skotos_port = ", "allow_empty_token = true; skotos_port = " } };
		assert.truthy(ctl.lines(open, "guests", "ok")[1].text:find("since meet.test has allow_empty_token = true", 1, true));
		local twice = { { 'VirtualHost "auth.meet.test"',
			guest:format '"skotos_bridge"' .. 'VirtualHost "auth.meet.test"' } };
		local _, both = check(twice);
		named(both, "guests", "fail", "where it cannot load", "JWT_AUTH_TYPE=skotos_bridge");
		-- Nothing is proposed that would shut out the guests.
		for _, topic in ipairs { "prosody", "config", "login", "pages" } do
			assert.same({}, ctl.lines(both, topic, "fail"));
		end
		local _, alone = check(twice, { "--host", "guest.meet.test" });
		named(alone, "config", "fail", "the guests' VirtualHost of meet.test", "--host meet.test");
	end);

	it("notes guests, whom only an administrator can tell from a fault, and exits with 0", function ()
		local _, told = check { { "skotos_port = ", "allow_empty_token = true; skotos_port = " } };
		local note = ctl.lines(told, "login", "ok")[2];
		assert.truthy(note and note.text:find("right where they are wanted", 1, true));
		assert.truthy(note.text:find("where not: allow_empty_token = false", 1, true));
		for _, line in ipairs(told.checks) do
			assert.equal(line.check == "in-force" and "warn" or "ok", line.level, line.text);
		end
		prosody:reload { options = { host_options = "allow_empty_token = true" } };
		local code = check { { "skotos_port = ", "allow_empty_token = true; skotos_port = " } };
		prosody:reload { options = { host_options = "" } };
		assert.equal(0, code);
	end);

	it("names options that refuse their own tokens", function ()
		local _, told = check { { "skotos_port = ", 'asap_accepted_audiences = { "others" }; skotos_port = ' } };
		named(told, "login", "fail", "the options refuse the very tokens that they make", "asap_ options");
	end);

	it("looks as root with the same eyes as Prosody's user: prosodyctl --root", function ()
		local path = ctl.write(folder .. "/secret", rig.SECRET .. "\n");
		os.execute(("chown 12345:12345 %s %s/data; chmod 640 %s"):format(path, prosody.dir, path));
		local _, told = check { { SECRET, ("skotos_secret_file = %q"):format(path) } };
		os.execute(("chown 0:0 %s/data; rm %s"):format(prosody.dir, path));
		assert.equal(0, #ctl.lines(told, "rights", "fail"));
		assert.equal(0, #ctl.lines(told, "config", "fail"));
	end);

	it("names games that share the one room of unchanged games, unless they have tenants", function ()
		local function with(tenant)
			local _, told = check { { "skotos_port = ", ([[skotos_games = { live = { rooms = { "*" } }, dev = { %s,
				skotos_port = 1 }, more = { rooms = { "x" }, skotos_port = 2 } }
				skotos_port = ]]):format(tenant) } };
			return told;
		end
		named(with 'rooms = { "*" }', "game", "warn", "the games dev, live share the room jitsi_chat_default", "tenant");
		for _, line in ipairs(ctl.lines(with 'tenant = "dev"', "game", "warn")) do
			assert.falsy(line.text:find("share", 1, true));
		end
	end);

	it("never shows a secret", function ()
		local _, out = ctl.run(folder, { "check" });
		local _, told = ctl.run(folder, { "check", "--json" });
		assert.falsy((out .. told):find(rig.SECRET, 1, true));
	end);

	it("names a port where nobody listens", function ()
		local port = free_port();
		local code, told = check { { "skotos_port = " .. game.port, "skotos_port = " .. port } };
		named(told, "game", "fail", "nobody to talk to at 127.0.0.1 port " .. port .. ": Connection refused",
			"start the game");
		assert.equal(2, code);
	end);

	it("names a game that is down behind something that accepts and closes", function ()
		local answered = rig.call("closer.start", {});
		local _, told = check { { "skotos_port = " .. game.port, "skotos_port = " .. answered.port } };
		named(told, "game", "fail", "closed by the game", "a stunnel whose game is down");
	end);

	it("names a secret that every user may read, in a file of its own or in the configuration", function ()
		os.execute("mkdir -p " .. folder .. "/open");
		local path = ctl.write(folder .. "/secret", rig.SECRET .. "\n");
		os.execute("chmod 644 " .. path);
		local code, told = check { { SECRET, ("skotos_secret_file = %q"):format(path) } };
		named(told, "rights", "fail", "others than Prosody may read or change it (mode 644)", "chmod 600 '" .. path .. "'");
		assert.equal(2, code);
		os.execute("chmod 600 " .. path);
		local _, kept = check { { SECRET, ("skotos_secret_file = %q"):format(path) } };
		assert.equal(0, #ctl.lines(kept, "rights", "fail"));
		-- In a folder that everybody may enter, as /etc/prosody is.
		local public = io.popen("mktemp -d"):read("l");
		os.execute(("chmod 755 %s"):format(public));
		ctl.write(public .. "/prosody.cfg.lua", ctl_check.text());
		os.execute(("chmod 644 %s/prosody.cfg.lua"):format(public));
		local _, open = ctl.ask(public, { "check" });
		named(open, "rights", "fail", "prosody.cfg.lua holds the secret, and every user of this machine may read it",
			"chmod 640");
		os.execute(("chmod 640 %s/prosody.cfg.lua"):format(public));
		local _, closed = ctl.ask(public, { "check" });
		assert.equal(0, #ctl.lines(closed, "rights", "fail"));
		-- The same behind a link out of a folder that nobody may enter.
		os.execute(("chmod 644 %s/prosody.cfg.lua; ln -sf %s/prosody.cfg.lua %s/prosody.cfg.lua"):format(public, public,
			folder));
		local _, linked = ctl.ask(folder, { "check" });
		named(linked, "rights", "fail", "every user of this machine may read it", "chmod 640");
		os.remove(folder .. "/prosody.cfg.lua");
		os.execute("rm -r " .. public);
	end);

	it("names another connection to the game", function ()
		local second = assert(socket.connect("127.0.0.1", game.port));
		game:connected { count = 2 };
		local code, told = check();
		named(told, "bridges", "warn", "another program on this host is connected to the game game at 127.0.0.1:"
			.. game.port, "unless it is the bridge of another Jitsi shard");
		assert.equal(1, code);
		second:close();
		game:connected { count = 1 };
		assert.equal(0, (check()));
	end);

	it("names two VirtualHosts with links to one game", function ()
		local second = ('VirtualHost "two.test"\n  app_id = "skotos"; app_secret = %q; main_muc = "conference.meet.test"; '
			.. 'authentication = "skotos_bridge"\n'
			.. '  modules_enabled = { "skotos_bridge" }; skotos_port = %d\n'):format(rig.SECRET, game.port);
		local _, told = check { { 'VirtualHost "auth.meet.test"', second .. 'VirtualHost "auth.meet.test"' } };
		named(told, "bridges", "fail", "meet.test: game game and two.test: game game are the same game",
			"its own skotos_host and skotos_port");
		named(told, "prosody", "fail", "skotos_bridge is not loaded on two.test in the running Prosody",
			"systemctl restart prosody");
		local _, one = check({ { 'VirtualHost "auth.meet.test"', second .. 'VirtualHost "auth.meet.test"' } },
			{ "--host", "meet.test" });
		assert.equal("ok", one.status);
	end);

	it("looks at the configuration alone when it is told to", function ()
		local code, told = ctl.ask(folder, { "check", "--offline" });
		for _, line in ipairs(told.checks) do
			assert.falsy(line.check == "prosody" or line.check == "game" or line.check == "clock" or line.check == "in-force",
				line.text);
		end
		assert.equal(0, code);
	end);

	it("knows the MUC however its name is written", function ()
		local _, told = check { { 'main_muc = "conference.meet.test"', 'main_muc = "Conference.Meet.Test"' } };
		assert.equal(1, #ctl.lines(told, "muc", "ok"));
	end);

	it("names a Prosody that does not run, or runs without the bridge", function ()
		local _, told = check { { 'data_path = "' .. prosody.dir .. '/data"', 'data_path = "' .. folder .. '"' } };
		named(told, "prosody", "fail", "Prosody does not run", "systemctl start prosody");
		local bare = rig.prosody { bridge = false, shell = true };
		local _, without = check { { 'data_path = "' .. prosody.dir .. '/data"', 'data_path = "' .. bare.dir .. '/data"' } };
		named(without, "prosody", "fail", "without skotos_bridge", "systemctl restart prosody");
		bare:stop();
	end);

	it("proposes no reload where Prosody has no bridge to reload, and nothing of a bridge where none is wanted",
			function ()
		local bare = rig.prosody { bridge = false, shell = true };
		local at_bare = { 'data_path = "' .. prosody.dir .. '/data"', 'data_path = "' .. bare.dir .. '/data"' };
		local _, told = check { at_bare, { "skotos_port = ", "skotos_prot = 1 skotos_port = " } };
		named(told, "config", "warn", "did you mean skotos_port?", "systemctl restart prosody");
		local jicofo = ctl.write(folder .. "/jicofo.conf", "jicofo { conference { } }\n");
		local _, out = check({ at_bare, { '"skotos_bridge", "rig"', '"rig"' } }, { "--jicofo", jicofo });
		bare:stop();
		assert.same({}, ctl.lines(out, "jicofo", "warn"));
		assert.same({}, ctl.lines(out, "prosody", "fail"));
		named(out, "config", "fail", "no VirtualHost has", "skotos-bridge-setup");
	end);

	it("names another maker of tokens from the logins that were refused", function ()
		local token = rig.token { name = "Bob", secret = "another-secret-for-the-specs-of-40-characters" };
		assert.is_false(rig.client { port = prosody.http, token = token, room = "tavern" }.connected);
		local _, told = check();
		named(told, "secret", "warn",
			"1 logins were refused since Prosody started, because another secret signed their tokens",
			"the same secret everywhere");
	end);
end);
