-- skotos-bridge-setup on configurations as Jitsi's Debian packages write them, in a folder that stands for /.
local setup_lib = require "spec.support.setup";
local tree_lib = require "spec.support.jitsi_tree";

local HOST = tree_lib.HOST;

describe("skotos-bridge-setup", function ()
	local tree;
	local function new(o) tree = tree_lib.new(o); return tree; end
	after_each(function () tree = tree and tree_lib.remove(tree); end);

	local function setup(arguments, before) return setup_lib.run(tree, arguments, before); end
	local function settings(name) return setup_lib.settings(tree, name); end
	local function secret() return tree_lib.read(setup_lib.secret(tree)); end

	local function ok(arguments, before) return setup_lib.ok(tree, arguments, before); end

	local function refused(arguments, text)
		local state = tree_lib.state(tree);
		local status, said = setup(arguments);
		assert.not_equal(0, status, said);
		assert.truthy(said:find(text, 1, true), said);
		assert.equal(state, tree_lib.state(tree));
	end

	it("turns a stock Jitsi without tokens into one with a game, and makes a strong secret that only Prosody may read",
			function ()
		new();
		ok "--yes --game game.example.com:12091 --moderator Skott --moderator \"O'Neil\"";
		local s = settings();
		assert.equal("skotos_bridge", s.authentication);
		assert.equal("skotos", s.app_id);
		assert.equal("game.example.com", s.skotos_host);
		assert.equal(12091, s.skotos_port);
		assert.same({ "Skott", "O'Neil" }, s.skotos_moderators);
		assert.is_false(s.skotos_allow_moderator_tokens);
		assert.is_false(s.allow_empty_token);
		assert.equal("/etc/prosody/skotos-bridge/meet.test.secret", s.skotos_secret_file);
		assert.truthy(secret():find("^%x+\n$"));
		assert.equal(65, #secret());
		assert.truthy(tree_lib.state(tree):find("./etc/prosody/skotos-bridge/meet.test.secret 600 ", 1, true));
		assert.truthy(tree_lib.state(tree):find("./etc/prosody/skotos-bridge 700 ", 1, true));
		assert.equal("false", require "hocon".get(tree_lib.read(tree.jicofo), "jicofo.conference.enable-auto-owner"));
	end);

	it("touches no line of Jitsi's file but adds one, and turns off what works against it in the MUC", function ()
		new { login = "token", moderation = true };
		local before = tree_lib.read(tree.meet);
		local text = ok "--yes --game 127.0.0.1";
		assert.equal(before .. 'Include "../skotos-bridge/meet.test.cfg.lua" -- skotos-bridge-setup\n',
			tree_lib.read(tree.meet));
		assert.truthy(text:find("token_moderation is turned off in conference.meet.test", 1, true), text);
		local config = setup_lib.config(tree);
		assert.is_false(config:enables("conference." .. HOST, "token_moderation"));
		assert.is_true(config:enables("conference." .. HOST, "muc_meeting_id"));
		assert.equal("token", settings("jigasi.meet.jitsi").authentication);
	end);

	it("tells what it turns off when it does so, and not of what is off already", function ()
		new { moderation = true };
		assert.truthy(ok("--yes --game 127.0.0.1"):find("token_moderation is turned off", 1, true));
		for _, arguments in ipairs { "--add-game dev --tenant dev", "--remove-game dev", "--game 10.0.0.5" } do
			local text = ok("--yes " .. arguments);
			assert.falsy(text:find("turned off", 1, true), text);
		end
	end);

	it("keeps Jitsi's own app_secret", function ()
		new { login = "token" };
		local text = ok "--yes --game 127.0.0.1";
		assert.equal(tree_lib.SECRET, settings().app_secret);
		assert.is_nil(settings().skotos_secret_file);
		assert.is_nil(secret());
		assert.falsy(text:find(tree_lib.SECRET, 1, true));
	end);

	it("shows a secret neither in what it prints nor as another program's argument", function ()
		new { login = "token" };
		-- All programs that it starts are started by way of timeout; this one tells their arguments.
		local folder, given = tree.root .. "-bin", "a-secret-from-a-file-that-is-long-enough";
		assert(os.execute(("mkdir %s && printf '#!/bin/sh\\necho \"$@\" >>%s/arguments\\nexec /usr/bin/timeout \"$@\"\\n' "
				.. ">%s/timeout && chmod 755 %s/timeout")
			:format(folder, folder, folder, folder)));
		assert(os.execute(("umask 077; printf '%%s\\n' %s > %s/given"):format(given, tree.root)));
		local status, text = setup("--yes --game 127.0.0.1 --secret-file " .. tree.root .. "/given",
			("PATH=%s:$PATH"):format(folder));
		local arguments = tree_lib.read(folder .. "/arguments");
		os.execute("rm -rf " .. folder);
		assert.equal(0, status, text);
		assert.truthy(arguments:find("read_config.lua", 1, true) and arguments:find("meet.test.secret", 1, true));
		assert.falsy(arguments:find(given, 1, true) or arguments:find(tree_lib.SECRET, 1, true));
		assert.equal(given .. "\n", secret());
		assert.is_false(settings().app_secret);
		assert.falsy(text:find(given, 1, true));
		assert.falsy(text:find(tree_lib.SECRET, 1, true));
		assert.falsy(text:find("turns-own-secret", 1, true));
	end);

	it("takes the secret from standard input", function ()
		new();
		local pipe = assert(io.popen(("printf 'a-secret-from-a-pipe-that-is-long-enough\\n' | "
			.. "packaging/bin/skotos-bridge-setup --root %s --yes --game 127.0.0.1 --secret-file - >/dev/null")
			:format(tree.root)));
		pipe:read("a");
		assert.is_true(pipe:close());
		assert.equal("a-secret-from-a-pipe-that-is-long-enough\n", secret());
	end);

	it("does the same twice as once", function ()
		new { moderation = true };
		ok "--yes --game 127.0.0.1 --moderator Skott";
		local state = tree_lib.state(tree);
		assert.truthy(ok "--yes --game 127.0.0.1 --moderator Skott":find("nothing changes", 1, true));
		assert.equal(state, tree_lib.state(tree));
	end);

	it("changes later what is asked for and leaves the rest", function ()
		new();
		ok "--yes --game 10.0.0.5 --moderator Skott";
		ok "--yes --game 10.0.0.6:12091";
		assert.equal("10.0.0.6", settings().skotos_host);
		assert.same({ "Skott" }, settings().skotos_moderators);
		ok "--yes --moderator Bob --game-may-make-moderators";
		assert.equal(12091, settings().skotos_port);
		assert.same({ "Bob" }, settings().skotos_moderators);
		assert.is_true(settings().skotos_allow_moderator_tokens);
	end);

	for name, o in pairs { ["without tokens"] = {},
			["with tokens and token_moderation"] = { login = "token", moderation = true },
			["without Jicofo"] = { no_jicofo = true } } do
		it("undoes everything byte for byte: " .. name, function ()
			new(o);
			local state = tree_lib.state(tree);
			ok "--yes --game 10.0.0.5:12091 --moderator Skott";
			ok "--yes --add-game dev --rooms 'dev-*'";
			assert.not_equal(state, tree_lib.state(tree));
			ok "--undo --yes";
			assert.equal(state, tree_lib.state(tree));
			assert.truthy(ok "--undo --yes":find("nothing to undo", 1, true));
		end);
	end

	it("shows what would change with --dry-run and changes nothing", function ()
		new();
		local state = tree_lib.state(tree);
		local text = ok "--dry-run --game 10.0.0.5";
		assert.truthy(text:find('+    skotos_host = "10.0.0.5"', 1, true));
		assert.equal(state, tree_lib.state(tree));
	end);

	it("takes over an old chat_admin_server's settings", function ()
		new();
		local path = tree.root .. "/chat_admin_config.json";
		local file = assert(io.open(path, "wb"));
		file:write('{"jitsi": {"domain": "meet.jitsi"}, "jwt": {"app_id": "oldid", "secret": '
			.. '"the-old-servers-secret-is-long-enough"},\n'
			.. ' "outbound": {"host": "10.0.0.9", "port": 12091}}');
		file:close();
		local text = ok("--yes --from " .. path);
		local s = settings();
		assert.equal("oldid", s.app_id);
		assert.equal("meet.jitsi", s.skotos_domain);
		assert.equal("10.0.0.9", s.skotos_host);
		assert.equal(12091, s.skotos_port);
		assert.equal("the-old-servers-secret-is-long-enough\n", secret());
		assert.falsy(text:find("the-old-servers-secret", 1, true));
	end);

	it("adds a walled-off game that has neither the first one's moderators nor its rooms, and takes it out", function ()
		new();
		ok "--yes --game 10.0.0.5 --moderator Skott";
		local before = tree_lib.read(setup_lib.drop_in(tree));
		ok "--yes --add-game dev --rooms 'dev-*'";
		local games = settings().skotos_games;
		assert.same({ rooms = { "*" } }, games.game);
		assert.same({ "dev-*" }, games.dev.rooms);
		assert.same({}, games.dev.skotos_moderators);
		assert.is_false(games.dev.skotos_allow_moderator_tokens);
		assert.equal("127.0.0.1", games.dev.skotos_host);
		assert.is_nil(games.dev.skotos_tls);
		assert.equal(11092, games.dev.skotos_port);
		ok "--yes --remove-game dev";
		assert.equal(before, tree_lib.read(setup_lib.drop_in(tree)));
	end);

	it("adds a game with a tenant of its own, as skotos-game-setup --dev prints it", function ()
		new();
		ok "--yes --game 10.0.0.5";
		ok "--yes --add-game dev --tenant dev --game 127.0.0.1:11092";
		assert.equal("dev", settings().skotos_games.dev.tenant);
		assert.same({ "*" }, settings().skotos_games.dev.rooms);
	end);

	it("writes the files of a TLS link, which a walled-off game behind a tunnel does not inherit", function ()
		new();
		ok("--yes --game 198.51.100.7:11092 --tls-ca /c/ca.pem --tls-certificate /c/jitsi.pem --tls-key /c/jitsi.key "
			.. "--tls-name game.example.com");
		assert.same({ ca = "/c/ca.pem", certificate = "/c/jitsi.pem", key = "/c/jitsi.key",
			verify_name = "game.example.com" }, settings().skotos_tls);
		ok "--yes --game 198.51.100.7";
		assert.equal("/c/ca.pem", settings().skotos_tls.ca);
		ok "--yes --add-game dev --rooms 'dev-*'";
		assert.is_false(settings().skotos_games.dev.skotos_tls);
	end);

	it("asks a person at a terminal what it does not know, again where the answer cannot be, and changes nothing on a no",
			function ()
		new();
		local state = tree_lib.state(tree);
		local function at_terminal(answers)
			local pipe = assert(io.popen(("printf '%s' | timeout 60 script -qec \"packaging/bin/skotos-bridge-setup --root "
				.. "'%s'\" /dev/null 2>&1"):format(answers, tree.root)));
			local text = pipe:read("a");
			pipe:close();
			return text;
		end
		local text = at_terminal "10.0.0.5:99999\\n10.0.0.5:12091\\ny\\nSkott, O Neil\\nn\\n";
		assert.truthy(text:find("1 to 65535", 1, true), text);
		assert.truthy(text:find("Nothing was changed", 1, true), text);
		assert.equal(state, tree_lib.state(tree));
		text = at_terminal "none\\ny\\nn\\n"; -- without a game nobody is asked who its moderators are
		assert.truthy(text:find("skotos_host = false", 1, true) and text:find("Nothing was changed", 1, true), text);
		text = at_terminal "10.0.0.5:12091\\ny\\nSkott, O Neil\\n\\n";
		local s = settings();
		assert.equal(12091, s.skotos_port, text);
		assert.is_true(s.allow_empty_token);
		assert.same({ "Skott", "O Neil" }, s.skotos_moderators);
	end);

	it("goes without a game: tokens of others are checked, with a secret where one is needed, and a game can come later",
			function ()
		new();
		ok "--yes --no-game --app-id portal";
		local s = settings();
		assert.same({ "skotos_bridge", "portal", false }, { s.authentication, s.app_id, s.skotos_host });
		assert.is_nil(s.skotos_moderators);
		assert.equal(65, #secret());
		assert.truthy(ok("--yes"):find("nothing changes", 1, true));
		refused("--yes --add-game dev --tenant dev", "set up the first game");
		refused("--yes --no-game --game 127.0.0.1", "do not go together");
		ok "--yes --game 127.0.0.1";
		assert.equal("127.0.0.1", settings().skotos_host);
	end);

	it("needs no secret where tokens are checked with a public key and none are made", function ()
		new { login = "token" };
		local before = tree_lib.read(tree.meet);
		local changed, count = before:gsub('app_secret="[^"]*"',
			'signature_algorithm = "ES256"; skotos_public_key = "/etc/prosody/key.pem"', 1);
		assert.equal(1, count);
		local file = assert(io.open(tree.meet, "w"));
		file:write(changed);
		file:close();
		ok "--yes --no-game";
		local s = settings();
		assert.same({ false, "ES256" }, { s.skotos_host, s.signature_algorithm });
		assert.is_nil(s.skotos_secret_file);
	end);

	it("names main_muc where the MUC is not called as the module would guess", function ()
		new { text = 'VirtualHost "meet.jitsi"\n    authentication = "token"\n    app_id = "x"\n    app_secret = "'
			.. tree_lib.SECRET
			.. '"\n    modules_enabled = { "bosh" }\n\nComponent "muc.meet.jitsi" "muc"\n    storage = "memory"\n' };
		ok "--yes --game 127.0.0.1";
		assert.equal("muc.meet.jitsi", settings("meet.jitsi").main_muc);
	end);

	local refusals = {
		{ "says where the game is when nobody can be asked", {}, "--yes", "--game HOST:PORT" };
		{ "does not guess between yes and no without a terminal", {}, "--game 127.0.0.1", "--yes" };
		{ "does not send requests in the clear over the internet unasked", {}, "--yes --game 198.51.100.7",
			"--allow-plaintext" };
		{ "does not take away a login with accounts unasked", { login = "internal_hashed" }, "--yes --game 127.0.0.1",
			"--replace-login" };
		{ "does not leave a weak secret that the module would refuse", { login = "token", secret = "short" },
			"--yes --game 127.0.0.1", "--new-secret" };
		{ "refuses a host that is not there", {}, "--yes --game 127.0.0.1 --host other.example.com", "meet.test" };
		{ "refuses an unknown option", {}, "--yes --gmae 127.0.0.1", "--gmae" };
		{ "refuses a port that is none", {}, "--yes --game 127.0.0.1:99999", "1 to 65535" };
		{ "refuses a configuration that is no Lua, and says that it was so before",
			{ text = "VirtualHost \"meet.test\"\n  authentication = \"token\"\n}\n"
			.. "Component \"conference.meet.test\" \"muc\"\n" }, "--yes --game 127.0.0.1",
				"does not load as it is, which is nothing that setup has done" };
		{ "refuses a second game before the first", {}, "--yes --add-game dev --rooms 'dev-*'", "first game" };
	};
	for _, case in ipairs(refusals) do
		it(case[1], function ()
			new(case[2]);
			refused(case[3], case[4]);
		end);
	end
end);
