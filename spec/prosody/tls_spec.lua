-- The link of a live Prosody through Debian's stunnel, as packaging/game-host sets it up, to the stand-in game.
local rig = require "spec.support.rig";
local socket = require "socket";

local function path_of(dir, name) return ("%s/%s"):format(dir, name); end

-- What skotos_tls says in a host with the certificates of `dir`; `client`: whose certificate is shown.
local function tls_option(dir, client)
	client = client or "jitsi";
	return ('skotos_tls = { ca = "%s", certificate = "%s", key = "%s", verify_name = "game.test" }')
		:format(path_of(dir, "ca.pem"), path_of(dir, client .. ".pem"), path_of(dir, client .. ".key"));
end

local function count(text, what) return select(2, text:gsub(what:gsub("%p", "%%%0"), "")); end

describe("a game behind stunnel", function ()
	local dir, game, stunnel, prosody, asked, lost;
	setup(function ()
		dir = os.tmpname();
		os.remove(dir);
		assert(os.execute("spec/support/certificates.sh " .. dir));
		game = rig.game {};
		stunnel = rig.stunnel { game = game.port, certificates = dir };
		prosody = rig.prosody { game_port = stunnel.port, host_options = tls_option(dir) };
		game:connected {};
		asked, lost = 0, 0;
	end);
	teardown(function ()
		prosody:stop();
		stunnel:stop();
		game:stop();
		os.execute("rm -rf " .. dir);
	end);

	local function burst(n)
		game:command { line = "burst " .. n };
		asked = asked + n;
	end
	-- A game that gets no turn for a while has its frames parted by stunnel's buffer, or where the kernel's window
	-- ends, and a reply that is parted in its token is lost to its player: at most a fifth of all here, and none of
	-- them waits in vain.
	local function most_are_understood()
		local stats = game:settled {};
		lost = asked - stats.understood;
		assert.equal(lost, stats.failed);
		assert.is_true(lost <= asked / 5, ("%d of %d lost"):format(lost, asked));
	end
	local function all_are_understood() assert.equal(asked - lost, game:settled {}.understood); end
	local function reload(host_options)
		return prosody:reload { options = { game_port = stunnel.port, host_options = host_options } };
	end

	it("understands nearly all replies of bursts, three times over", function ()
		for _ = 1, 3 do
			for _, n in ipairs { 1000, 200, 50 } do
				burst(n);
				most_are_understood();
			end
		end
		assert.is_true(game:stats().unasked <= lost);
	end);

	it("understands nearly all replies though it is busy for 2 s in the middle of a burst", function ()
		for _ = 1, 2 do
			burst(500);
			game:command { line = "busy 2000" };
			burst(500);
			most_are_understood();
		end
	end);

	it("keeps its connection when the configuration is loaded again with the same certificates", function ()
		local before = game:stats().connects;
		reload(tls_option(dir));
		burst(5);
		all_are_understood();
		assert.equal(before, game:stats().connects);
	end);

	it("is connected to anew when the certificate's file has changed", function ()
		local before = game:stats().connects;
		assert(os.execute(("cd %s && mv jitsi.pem old.pem && mv jitsi.key old.key && mv game.pem old-game.pem && mv "
			.. "game.key old-game.key"
			.. " && \"$OLDPWD\"/packaging/game-host/make-certificates.sh . game.test jitsi.test >/dev/null"):format(dir)));
		reload(tls_option(dir));
		-- The old connection may still be there for a moment.
		for _ = 1, 500 do
			local stats = game:stats();
			if stats.connects > before and stats.connected == 1 then break; end
			socket.sleep(0.02);
		end
		burst(5);
		all_are_understood();
		assert.equal(before + 1, game:stats().connects);
	end);

	it("keeps the settings from before when a file is wrong, and says which", function ()
		reload(tls_option(dir, "nobody"));
		prosody:wait_log { text = ('skotos_tls.certificate = "%s/nobody.pem": a certificate in PEM is wanted: No such file '
			.. 'or directory; '
			.. "the settings from before stay in force"):format(dir) };
		burst(5);
		all_are_understood();
	end);

	local shapes = {
		{ "skotos_tls = true", "skotos_tls = true: a table of ca, certificate, key (paths), verify_name and pin_sha256" },
		{ 'skotos_tls = { cert = "/x" }', "cert is none of them is wanted" },
		{ "skotos_tls = { ca = 7 }", "ca is no string" },
		{ "skotos_tls = { pin_sha256 = { 7 } }", "pin_sha256 is neither" },
		{ "skotos_tls = { }; skotos_reply_size = 20000",
			"skotos_reply_size = 20000: with skotos_tls at most 16384 is wanted" },
	};
	for _, case in ipairs(shapes) do
		it("is not looked for with " .. case[1] .. ", which is wrong", function ()
			reload(case[1]);
			prosody:wait_log { text = case[2] };
		end);
	end

	it("lets nobody in without a certificate, and the log says what is missing", function ()
		reload(('skotos_tls = { ca = "%s/ca.pem", verify_name = "game.test" }'):format(dir));
		prosody:wait_log { text = "it wants a client's certificate (skotos_tls: certificate and key" };
		assert.equal(0, game:stats().connected);
	end);

	it("lets nobody in with a certificate of another authority, and the log says so", function ()
		reload(tls_option(dir, "foreign/jitsi"));
		prosody:wait_log { text = "it refuses our certificate" };
		assert.equal(0, game:stats().connected);
	end);

	it("is not believed under another name", function ()
		reload((tls_option(dir):gsub("game%.test", "mud.test")));
		prosody:wait_log { text = 'its certificate is for "game.test"; "mud.test" is wanted' };
		assert.equal(0, game:stats().connected);
	end);

	it("is found again when all is right again, and its session is resumed after a cut", function ()
		reload(tls_option(dir));
		game:connected {};
		burst(1);
		all_are_understood();
		game:command { line = "drop" };
		game:connected {};
		prosody:wait_log { text = "session resumed)" };
		assert.is_true(count(prosody:log().text, "connected to the game at") < 10);
		burst(50);
		most_are_understood();
	end);

	it("leaves no key in the log", function ()
		local log = prosody:log().text;
		assert.is_nil(log:find("PRIVATE", 1, true));
		assert.is_nil(log:find(rig.SECRET, 1, true));
	end);
end);

describe("a public address", function ()
	-- 192.0.2.1 (RFC 5737) leads nowhere. A Prosody resolves names over DNS; hosts.test is answered inside it.
	local REFUSED = "a public address, and the link is not encrypted; set skotos_tls, or skotos_allow_plaintext = true";
	local function lookup(ip)
		return ([[require "net.adns".lookup = function (handler, name, type)
			handler(type == "A" and { { a = "%s" } } or {}); end]]):format(ip);
	end
	local prosody, game;
	setup(function ()
		game = rig.game {};
		prosody = rig.prosody { game_port = game.port };
		game:connected {};
		prosody:lua { code = lookup("192.0.2.1") };
	end);
	teardown(function ()
		prosody:stop();
		game:stop();
	end);
	local function reload(host_options, port)
		prosody:reload { options = { game_port = port or game.port, host_options = host_options } };
	end
	local function state()
		return prosody:lua { code = [[return require "core.modulemanager".get_module(host, ]]
			.. [["skotos_bridge").status().game.state]] }.result;
	end

	it("is not connected to without encryption, and the line says what to set", function ()
		reload('skotos_host = "192.0.2.1"');
		prosody:wait_log { text = "skotos_host 192.0.2.1 is 192.0.2.1, " .. REFUSED };
	end);

	it("is not connected to when a name leads to it", function ()
		reload('skotos_host = "game.hosts.test"');
		prosody:wait_log { text = "skotos_host game.hosts.test is 192.0.2.1, " .. REFUSED };
		assert.is_not.equal("connecting", state());
	end);

	it("may be private without encryption, named or not", function ()
		prosody:lua { code = lookup("127.0.0.1") };
		reload('skotos_host = "near.hosts.test"');
		game:connected {};
		assert.equal("up", state());
	end);
end);
