-- skotos_listen in a live Prosody: its options, its life, and that it holds nobody up.
local rig = require "spec.support.rig";
local socket = require "socket";
local json = require "util.json";
local free_port = require "spec.support.free_port";

local function call(port, ip)
	local caller = socket.tcp();
	caller:settimeout(60);
	local ok, err = caller:connect(ip or "127.0.0.1", port);
	return ok and caller or nil, err;
end

local function ask(caller, name, more)
	assert(caller:send(('{"cmd":"jwt_token","displayName":"%s","channel":"tavern"%s}\n'):format(name, more or "")));
	return json.decode(assert(caller:receive("*l")));
end

describe("skotos_listen", function ()
	local prosody, port, game;
	local function options(more) return ("skotos_listen = { port = %d } %s"):format(port, more or ""); end
	local function reload(host_options)
		prosody:reload { options = { game_port = game.port, host_options = host_options } };
	end

	setup(function ()
		game = rig.game {};
		port = free_port();
		prosody = rig.prosody { game_port = game.port, host_options = options() };
		game:connected {};
	end);
	teardown(function ()
		prosody:stop();
		game:stop();
	end);

	it("gives a program of this host a token with which a player logs in", function ()
		local caller = assert(call(port));
		local reply = ask(caller, "Bob", ',"moderator":true,"id":"bob-7"');
		caller:close();
		local client, own = rig.player(prosody, { name = "Bob", token = reply.token });
		assert.equal("owner", own.affiliation);
		client:disconnect {};
	end);

	it("gives no moderator in the rooms of a game that may have none", function ()
		reload(options [[skotos_games = { dev = { rooms = { "tavern" }, skotos_allow_moderator_tokens = false } }]]);
		local caller = assert(call(port));
		local reply = ask(caller, "Eve", ',"moderator":true');
		assert.is_false(reply.success);
		assert.truthy(reply.message:find("skotos_allow_moderator_tokens", 1, true));
		assert.is_true(ask(caller, "Eve").success);
		caller:close();
		reload(options());
	end);

	it("follows new settings without sending anyone away", function ()
		local caller = assert(call(port));
		assert.is_true(ask(caller, "Bob", ',"moderator":true').success);
		reload(options "skotos_allow_moderator_tokens = false");
		assert.is_false(ask(caller, "Bob", ',"moderator":true').success);
		assert.is_true(ask(caller, "Bob").success);
		reload(options());
		caller:close();
	end);

	it("moves to another port, and closes the old one", function ()
		local old = port;
		local caller = assert(call(old));
		port = free_port();
		reload(options());
		assert.is_true(ask(assert(call(port)), "Bob").success);
		assert.is_nil((call(old)));
		assert.same({ nil, "closed" }, { caller:receive(1), (select(2, caller:receive(1))) });
	end);

	local wrong = {
		{ "skotos_listen = true", "skotos_listen = true: a table of interface" },
		{ "skotos_listen = { port = 0 }", "port is no whole number from 1 to 65535" },
		{ 'skotos_listen = { host = "127.0.0.1" }', "host is none of them" },
		{ 'skotos_listen = { interface = "here" }', 'skotos_listen.interface = "here": a numeric address is wanted' },
		{ 'skotos_listen = { interface = "0.0.0.0" }', "others than this host would reach it" },
		{ 'skotos_listen = { interface = "*" }', "skotos_allow_plaintext = true if" },
		{ 'skotos_listen = { interface = "::" }', "others than this host would reach it" },
	};
	for _, case in ipairs(wrong) do
		it("is refused as " .. case[1] .. ", and the old one stays", function ()
			reload(case[1]);
			prosody:wait_log { text = case[2] };
			local caller = assert(call(port));
			assert.is_true(ask(caller, "Bob").success);
			caller:close();
		end);
	end

	it("may be on every interface with skotos_allow_plaintext", function ()
		port = free_port();
		reload(('skotos_allow_plaintext = true skotos_listen = { interface = "*", port = %d }'):format(port));
		assert.is_true(ask(assert(call(port, "127.0.0.2")), "Bob").success);
		reload(options());
	end);

	it("whose port is taken says so, and the rest of the module works", function ()
		local taken = assert(socket.bind("127.0.0.1", 0));
		local _, number = taken:getsockname();
		reload(("skotos_listen = { port = %d }"):format(number));
		prosody:wait_log { text = ("cannot listen at 127.0.0.1, port %d: Address already in use; trying again every 30 s")
			:format(number) };
		game:command { line = "burst 5" };
		assert.equal(game:stats().asked, game:settled {}.understood);
		taken:close();
		reload(options());
		assert.is_true(ask(assert(call(port)), "Bob").success);
	end);

	it("keeps thousands of requests of one program from holding up the game's logins", function ()
		local flood = assert(call(port));
		flood:settimeout(0);
		local blob, at = ('{"displayName":"x","channel":"y"}\n'):rep(2000), 1;
		for i = 1, 200 do
			local done, _, last = flood:send(blob, at);
			at = (done or last) + 1;
			if at > #blob then at = 1; end
			repeat local some = flood:receive(65536); until not some;
			if i % 20 == 0 then
				game:command { line = "burst 20" };
				assert.equal(game:stats().asked, game:settled {}.understood);
			end
		end
		flood:close();
		assert.equal(0, game:stats().timeouts);
	end);

	it("leaves nothing behind when the module is reloaded, unloaded and loaded", function ()
		local function manage(what)
			return prosody:lua { code = ([[return (require "core.modulemanager".%s(host, "skotos_bridge"))]]):format(what) };
		end
		local before = rig.descriptors(prosody);
		for _ = 1, 5 do
			local caller = assert(call(port));
			assert.is_true(ask(caller, "Bob").success);
			manage "reload";
			caller:close();
		end
		manage "unload";
		assert.is_nil((call(port)));
		manage "load";
		game:connected {};
		assert.is_true(ask(assert(call(port)), "Bob").success);
		assert.is_true(rig.descriptors(prosody) <= before + 2, before .. " became " .. rig.descriptors(prosody));
	end);

	it("ends when the option is taken out", function ()
		reload "";
		assert.is_nil((call(port)));
	end);
end);
