-- The link between a live Prosody and the stand-in game: bursts, hostile names, restarts.
local rig = require "spec.support.rig";

local function pair(options, game_options)
	local game = rig.game(game_options or {});
	options = options or {};
	options.game_port = game.port;
	local prosody = rig.prosody(options);
	game:connected {};
	return prosody, game;
end

local function finish(prosody, game)
	assert.same({}, rig.complaints(prosody));
	assert.equal(0, game:stats().unasked);
	assert.equal(0, prosody:stop().code);
	assert.equal(0, game:stop().code);
end

describe("another port of the game", function ()
	it("is named in the log, since it says something before it is asked", function ()
		local greeter = rig.call("greeter.start", { text = "Welcome! What is your name? " });
		local prosody = rig.prosody { game_port = greeter.port };
		prosody:wait_log { text = ("what answers at 127.0.0.1:%d says something before it is asked"):format(greeter.port) };
		assert.equal(0, prosody:stop().code);
	end);
end);

describe("a burst of logins", function ()
	it("is understood to the last one, five runs in a row", function ()
		local prosody, game = pair();
		local asked = 0;
		for _ = 1, 5 do
			for _, n in ipairs { 50, 200, 1000 } do
				game:command { line = "burst " .. n };
				asked = asked + n;
				local s = game:settled {};
				assert.equal(asked, s.understood);
			end
		end
		finish(prosody, game);
	end);

	it("is understood while the game is busy for 2 s in its middle", function ()
		local prosody, game = pair();
		for run = 1, 5 do
			game:command { line = "burst 500" };
			game:command { line = "busy 2000" };
			game:command { line = "burst 500" };
			assert.equal(1000 * run, game:settled {}.understood);
		end
		finish(prosody, game);
	end);

	-- The peer's window may end inside a frame then, and the kernel would send that part after 200 ms.
	it("is understood by a game that was asked before and reads nothing for 2 s", function ()
		for before = 1, 3 do
			local prosody, game = pair();
			for i = 1, before * 3 do
				game:command { line = "burst 1" };
				assert.equal(i, game:settled {}.understood);
			end
			game:command { line = "burst 100" };
			game:command { line = "busy 2000" };
			local s = game:settled {};
			assert.equal(before * 3 + 100, s.understood);
			assert.equal(0, s.odd_reads);
			finish(prosody, game);
		end
	end);

	it("loses replies without the padding, so that this spec can see a loss", function ()
		local prosody, game = pair({ host_options = "skotos_reply_size = 0" }, { timeout = 4000 });
		game:command { line = "busy 2000" };
		game:command { line = "burst 1000" };
		local s = game:settled {};
		assert.equal(1000, s.asked);
		assert.is_true(s.understood < 1000, "nothing was lost");
		assert.equal(1000, s.understood + s.timeouts + s.failed);
		prosody:stop();
	end);
end);

describe("a hostile name", function ()
	local TRUE_SPLIT = 'x", "channel": "c", "moderator": true, "validFor": 600, "seq": %s }\0{ "cmd": "jwt_token", '
		.. '"displayName": "z';
	local cases = {
		{ "a duplicate key", 'x", "moderator": true, "q": "', false },
		{ "validUntil", 'x", "validUntil": 9999999999, "q": "', false },
		{ "an email", 'x", "email": "a@b.c", "q": "', false }, { "an avatar", 'x", "avatar": "http://x/", "q": "', false },
		{ "an id", 'x", "id": "Skott", "q": "', false },
		{ "a backslash", "a\\", false }, { "another way to write a name", "Sko\\u0074t", false }, { "a tab", "a\t", false },
		{ "a newline and an object", 'a" }\n{ "cmd": "jwt_token', false },
		{ "a split with its own number", TRUE_SPLIT, false, 0 }, { "a split with a smaller number", TRUE_SPLIT, false, -2 },
		{ "a split with the next number", TRUE_SPLIT, false, 1 },
		{ "a split with a huge number", TRUE_SPLIT, false, 1000000 },
		{ "a broken half", '\0{ "cmd": "jwt_token", "displayName": "Skott', false }, { "an escaped NUL", "\\u0000", false },
		{ "a lone surrogate", "\\ud83d", false }, { "what XML cannot hold", "a\u{fffe}b", false },
		{ "129 characters", ("x"):rep(129), false }, { "nothing", "", false }, { "128 characters", ("x"):rep(128), true },
		{ "Latin-1", "Ren\xe9", true }, { "4-byte UTF-8", "\xf0\x9f\x90\x89", true },
	};
	local prosody, game;
	setup(function () prosody, game = pair(); end);
	teardown(function () prosody:stop(); end);

	local function login(name)
		local seq = game:command { line = ("login %s %s"):format(rig.hex(name), rig.hex("tavern")) }.line:match("%d+");
		game:settled {};
		return game:result { seq = seq };
	end

	for _, case in ipairs(cases) do
		it("with " .. case[1] .. (case[3] and " is served" or " is refused at once") .. ", and the next player is served",
				function ()
			assert.is_true(login("Before").success);
			local name = case[4] and case[2]:format(game:stats().asked + case[4]) or case[2];
			local result = login(name);
			assert.equal("reply", result.state);
			assert.equal(case[3], result.success);
			assert.equal(8192, result.length);
			if result.success then
				local claims = rig.call("verify", { token = result.token }).jose;
				assert.is_false(claims.moderator);
				assert.is_nil(claims.context.user.email);
				assert.equal("tavern", claims.room);
			end
			assert.is_true(login("Next").success);
			assert.equal(0, game:stats().unasked);
			assert.equal(0, game:stats().timeouts);
		end);
	end

	-- the kernel library alone
	local TRACE = "Bad argument 2 for kfun call_other\n   24 reply_for   /usr/SkotOS/sys/avchat\n";
	for shown, text in pairs { ["Bad argument 2 for kfun"] = TRACE,
			["[Nov 29 16:21:18] Oops!"] = "\n \r\n[Nov 29 16:21:18] Oops!  Your action …\n" } do
		it("is told from the driver's own text, behind which a request is served: " .. shown, function ()
			game:command { line = "raw " .. rig.hex(text) };
			assert.is_true(login("Bob").success);
			prosody:reload {}; -- what is told once a minute begins anew
			prosody:wait_log { text = 'the game\'s driver reports an error of its own on this port: "' .. shown };
		end);
	end
end);

describe("a player of an unchanged game", function ()
	it("is a moderator by the list as he writes himself, though the game asks for all in small letters, in its one room",
			function ()
		local prosody, game = pair { host_options = 'skotos_moderators = { "Skott" }' };
		for name, moderator in pairs { Skott = true, SKOTT = true, Skot = false, Skotty = false } do
			local seq = game:command { line = "player " .. rig.hex(name) }.line:match("%d+");
			game:settled {};
			local claims = rig.call("verify", { token = game:result { seq = seq }.token }).jose;
			assert.same({ name:lower(), "jitsi_chat_default", moderator },
				{ claims.context.user.name, claims.room, claims.moderator });
		end
		finish(prosody, game);
	end);
end);

describe("a game that restarts", function ()
	for _, how in ipairs { "cold", "warm" } do
		for _, size in ipairs { 1, 60, 400 } do
			it(("%s in a burst of %d has every later login served and none mistaken"):format(how, size), function ()
				local prosody, game = pair();
				game:command { line = "burst " .. size };
				game:command { line = "restart " .. how };
				game:connected {};
				local before = game:stats();
				game:command { line = "burst 50" };
				local after = game:settled {};
				assert.equal(before.understood + 50, after.understood);
				assert.equal(0, after.unasked);
				assert.equal(0, prosody:stop().code);
			end);
		end
	end

	it("is found again within 2 s of opening its port, and the log says what was lost", function ()
		local prosody, game = pair();
		game:command { line = "stop" };
		prosody:wait_log { text = "lost the game at" };
		prosody:wait_log { text = "cannot reach the game at" };
		game:command { line = "start" };
		game:connected {};
		assert.is_true(tonumber(prosody:log().text:match "next try in ([%d.]+) s") < 2);
		prosody:stop();
	end);
end);
