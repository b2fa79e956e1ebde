-- What a game may not command, or commands in vain: each command with each thing that can be wrong, and what it leaves
-- undone.
local rig = require "spec.support.rig";

local OPTIONS = [[skotos_games = {
	marrach = { skotos_port = %d, rooms = { "hall*" }, skotos_commands = true };
	castle = { skotos_port = %d, rooms = { "castle*" } };
}]];

-- Every command about the room `channel`, sound but for what a case puts in.
local function commands(channel)
	return {
		{ cmd = "set_moderator", channel = channel, id = "Bob", moderator = true };
		{ cmd = "kick", channel = channel, id = "Bob" };
		{ cmd = "mute", channel = channel, id = "Bob", media = "audio", muted = true };
		{ cmd = "move", channel = channel, id = "Bob", to = "hall2" };
		{ cmd = "say", channel = channel, text = "hear!" };
		{ cmd = "occupants", channel = channel };
		{ cmd = "end", channel = channel };
	};
end

describe("a command is refused with a reason, and does nothing,", function ()
	local game, castle, prosody, focus, bob;

	setup(function ()
		game, castle = rig.game {}, rig.game {};
		prosody = rig.prosody { host_options = OPTIONS:format(game.port, castle.port) };
		focus = rig.focus(prosody);
		focus:join { room = "hall", nick = "focus" };
		focus:join { room = "hall-empty", nick = "focus" };
		bob = rig.player(prosody, { room = "hall", name = "Bob", manner = "obey" });
		rig.player(prosody, { room = "castle", name = "Bob" });
		game:connected {};
		castle:connected {};
	end);
	teardown(function ()
		assert.equal(0, game:stats().unasked + castle:stats().unasked);
		assert.equal(0, prosody:stop().code);
	end);
	-- Bob is where he was, and what he was.
	after_each(function ()
		local list = game:ask({ command = { cmd = "occupants", channel = "hall" } }).occupants;
		assert.equal(1, #list);
		assert.same({ "Bob", false, {} }, { list[1].id, list[1].moderator, list[1].muted });
		assert.same({}, bob:mutes().list);
	end);

	local function fails(text, command)
		local reply = game:ask { command = command };
		assert.is_false(reply.success, "it succeeds");
		assert.is_truthy(reply.message:find(text, 1, true), reply.message);
	end

	for i, command in ipairs(commands "hall") do
		local name = command.cmd;
		it(name .. " with a wrong type", function ()
			local wrong = commands "hall"[i];
			wrong.channel = 7;
			fails("channel: a number came, a string is wanted", wrong);
		end);
		it(name .. " in a stranger's room", function ()
			fails('channel: "castle" came, which matches none of this game\'s rooms', commands "castle"[i]);
		end);
		it(name .. " in a room that is not open", function ()
			fails('channel: "hall-nowhere" came, ', commands "hall-nowhere"[i]);
		end);
		if command.id then
			it(name .. " about somebody who is not there", function ()
				local other = commands "hall"[i];
				other.id = "zed";
				fails('id: "zed" came, nobody in "hall" has it', other);
				other.id, other.displayName = nil, "Zed";
				fails('displayName: "Zed" came, nobody in "hall" has it', other);
			end);
			it(name .. " in a room with nobody but Jicofo", function ()
				fails('id: "Bob" came, nobody in "hall-empty" has it', commands "hall-empty"[i]);
			end);
			it(name .. " about Jicofo", function ()
				local other = commands "hall"[i];
				other.id, other.displayName = nil, "focus";
				fails("nobody in", other);
			end);
		end
	end

	it("say in a room with nobody but Jicofo", function ()
		fails('channel: "hall-empty" came, nobody is in that room to hear it', commands "hall-empty"[5]);
		assert.same({}, game:ask({ command = { cmd = "occupants", channel = "hall-empty" } }).occupants);
	end);

	it("subscribe to a stranger's room, or to what is no event", function ()
		fails("matches none of this game's rooms", { cmd = "subscribe", events = { "joined" }, channel = "castle" });
		fails('"dies" came, the events are', { cmd = "subscribe", events = { "dies" } });
	end);

	it("one that does not exist", function () fails('cmd: "dance" came', { cmd = "dance", channel = "hall" }); end);

	it("every one where skotos_commands is off", function ()
		for _, command in ipairs(commands "castle") do
			local reply = castle:ask { command = command };
			assert.is_false(reply.success);
			assert.is_truthy(reply.message:find("skotos_commands = true, or a list with its name, turns it on", 1, true),
				reply.message);
		end
		local _, again = rig.player(prosody, { room = "castle", name = "Bob", nick = "Bob2" });
		assert.equal("participant", again.role);
	end);

	describe("out of a player's name:", function ()
		local KICK = [[{ "cmd": "kick", "channel": "hall", "id": "Bob", "seq": %d }]];
		local names = {
			{ "a whole command between two NULs", 'x\0%s\0{ "cmd": "jwt_token", "displayName": "y' };
			{ "a request made whole, and a command behind it",
				'x", "channel": "hall", "moderator": false, "validFor": 600, "seq": %%d }\0%s\0{ "cmd": "jwt_token", '
					.. '"displayName": "z' };
			{ "a command that takes the rest of the request in", 'x\0{ "cmd": "end", "reason": "' };
			{ "a second cmd", 'x", "cmd": "end", "q": "' };
		};
		for _, case in ipairs(names) do
			for _, ahead in ipairs { 0, 1, 2, 1000 } do
				it(case[1] .. ", numbered " .. ahead .. " ahead", function ()
					local next_seq = game:stats().next_seq;
					local name = case[2]:gsub("%%s", (KICK:format(next_seq + ahead))):gsub("%%+d", tostring(next_seq));
					game:command { line = ("login %s %s"):format(rig.hex(name), rig.hex("hall")) };
					game:settled {};
					assert.equal("reply", game:result({ seq = next_seq }).state);
					assert.is_false(game:result({ seq = next_seq }).success);
				end);
			end
		end
	end);
end);
