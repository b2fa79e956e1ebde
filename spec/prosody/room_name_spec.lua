-- Rooms whose names Jitsi's page encodes: from the game's request to the voice, the game's commands and events, on a
-- live Prosody.
local rig = require "spec.support.rig";
local bridge = require "skotos_bridge";

for _, auth in ipairs { "token", "skotos_bridge" } do
	describe("rooms of odd names under the login " .. auth, function ()
		local prosody, game, focus;
		setup(function ()
			game = rig.game {};
			prosody = rig.prosody { auth = auth, host_options =
				([[skotos_games = { marrach = { skotos_port = %d, rooms = { "Großer *", "*+*", "Таверна", "[dev]*" }, ]]
					.. [[skotos_commands = true } }]]):format(game.port) };
			focus = rig.focus(prosody);
			game:connected {};
		end);
		teardown(function ()
			assert.equal(0, prosody:stop().code);
			game:stop();
		end);

		for _, channel in ipairs { "Großer Saal", "a+b", "ТАВЕРНА", "[dev]Bar" } do
			it(channel .. ": the token opens the room that the page makes of it, and the game goes on calling it by its name",
					function ()
				local told = game:ask { command = { login = "Bob", channel = channel } };
				assert.is_true(told.success, told.message);
				local node = assert(bridge.room_node(channel));
				focus:join { room = node, nick = "focus" };
				local before = game:stats().events;
				assert.is_true(game:ask({ command = { cmd = "subscribe", channel = channel, events = { "joined" } } }).success);
				local _, own = rig.player(prosody, { room = node, token = told.token, nick = "Bob", name = "Bob" });
				assert.equal("available", own.type);
				local event = game:events({ from = before, count = 1 }).list[1];
				local reply = game:ask { command = { cmd = "occupants", channel = channel } };
				assert.is_true(reply.success, reply.message);
				assert.equal(1, #reply.occupants);
				local plain, tenant = bridge.channel_of(node);
				assert.equal(tenant and ("[%s]%s"):format(tenant, plain) or plain, reply.channel);
				assert.same({ "joined", reply.channel }, { event.event, event.channel });
				local ban = game:ask { command = { cmd = "kick", channel = node, displayName = "Bob", banFor = 60 } };
				assert.is_true(ban.success, ban.message);
				local _, again = rig.player(prosody, { room = node, token = told.token, nick = "Bob2", name = "Bob" });
				assert.equal("error", again.type);
				assert.is_false(game:ask({ command = { cmd = "move", channel = channel, displayName = "Bob",
					to = "it's" } }).success);
			end);
		end
	end);
end
