-- The game runs a room's breakout rooms with the room: they are the same channel to it.
local rig = require "spec.support.rig";
local unhurried = require "spec.support.unhurried";
local moderated = require "spec.support.moderated";

local HOST = [[skotos_games = { marrach = { skotos_port = %d, rooms = { "room*" }, skotos_commands = true } }]];

describe("the people in a breakout room", function ()
	local host, game;
	setup(function ()
		game = rig.game {};
		host = moderated.start("skotos_bridge", { muc_options = moderated.BREAKOUTS, host_options = HOST:format(game.port),
			game_port = false });
		game:connected {};
	end);
	teardown(function ()
		assert.equal(0, game:stats().unasked);
		assert.equal(0, host:stop().code);
		game:stop();
	end);

	local function done(command)
		local reply = game:ask { command = command };
		assert.is_true(reply.success, reply.message);
		return reply;
	end

	-- A room with Mod in it, and Bob in a breakout room of its.
	local function scene(manner)
		local room = host:new_room();
		local breakout = host:breakout(room);
		local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
		local bob = rig.player(host.prosody, { room = room, name = "Bob", manner = manner });
		bob:leave { room = room, nick = "Bob" };
		bob:join { room = breakout, nick = "Bob", name = "Bob", manner = manner };
		return room, breakout, mod, bob;
	end

	local function occupants(room)
		local list = {};
		for i, occupant in ipairs(done({ cmd = "occupants", channel = room }).occupants) do
			list[i] = occupant.id .. (occupant.moderator and " moderates" or "");
		end
		return table.concat(list, ", ");
	end

	it("are listed with the room's, and counted", function ()
		local room, breakout, mod = scene();
		assert.equal("Bob, Mod moderates", occupants(room));
		host.moves(mod, room, breakout, "Mod");
		assert.equal("Bob, Mod moderates", occupants(room)); -- the main room is empty
		for _, open in ipairs(done({ cmd = "rooms" }).rooms) do
			assert.is_nil(open.channel:find("^b%d"));
			if open.channel == room then assert.equal(2, open.occupants); end
		end
	end);

	it("are kicked and kept out, made moderators, muted, spoken to, and end with the room", unhurried(function ()
		local room, breakout, _, bob = scene("obey");
		done { cmd = "set_moderator", channel = room, id = "Bob", moderator = true };
		bob:wait { from = breakout .. "/Bob", role = "moderator", affiliation = "owner" };
		done { cmd = "set_moderator", channel = room, id = "Bob", moderator = false };
		bob:wait { from = breakout .. "/Bob", role = "participant", affiliation = "member" };
		done { cmd = "mute", channel = room, id = "Bob", media = "audio", muted = true };
		assert.equal(breakout .. "/focus", bob:mutes().list[1].from);
		assert.equal(2, done({ cmd = "say", channel = room, text = "Hear, hear." }).count);
		local said = bob:heard({ text = "Hear, hear." }).list;
		assert.equal(breakout, said[#said].from);
		done { cmd = "say", channel = room, id = "Bob", text = "For you." };
		bob:heard { text = "For you." };
		done { cmd = "kick", channel = room, id = "Bob", banFor = 600, reason = "brawl" };
		assert.equal("brawl", bob:wait({ from = breakout .. "/Bob", type = "unavailable" }).reason);
		for _, place in ipairs { room, breakout } do
			assert.equal("not-allowed", bob:join({ room = place, nick = "again" }).condition);
		end
		local eve = rig.player(host.prosody, { room = room, name = "Eve" });
		host.moves(eve, room, breakout, "Eve");
		done { cmd = "end", channel = room, reason = "dawn" };
		assert.is_true(eve:wait({ from = breakout .. "/Eve", type = "unavailable" }).destroyed);
		local _, new = rig.player(host.prosody, { room = room, name = "New" });
		assert.equal("available", new.type);
	end));

	it("are told of under the room's channel, which opens and closes once", function ()
		local from = game:stats().events;
		done { cmd = "subscribe", events = { "joined", "left", "moderator", "room_opened", "room_closed" } };
		local room, breakout, _, bob = scene();
		done { cmd = "set_moderator", channel = room, id = "Bob", moderator = true };
		bob:leave { room = breakout, nick = "Bob" };
		bob:wait { from = breakout .. "/Bob", type = "unavailable" };
		host.focus:leave { room = breakout, nick = "focus" }; -- with which the breakout room ends
		host.focus:wait { from = breakout .. "/focus", type = "unavailable" };
		rig.player(host.prosody, { room = room, name = "Eve" });
		done { cmd = "kick", channel = room, id = "Eve" };
		done { cmd = "end", channel = room };
		local told = {};
		for i, event in ipairs(game:events({ from = from, count = 11 }).list) do
			assert.equal(room, event.channel);
			told[i] = event.event .. (event.id and " " .. event.id or "");
		end
		assert.same({ "room_opened", "joined Mod", "joined Bob", "left Bob", "joined Bob", "moderator Bob", "left Bob",
			"joined Eve", "left Eve", "left Mod", "room_closed" }, told);
	end);
end);
