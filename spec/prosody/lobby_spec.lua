-- Who waits in the lobby: the game is told, lets in, turns away and keeps out.
local commanded = require "spec.support.commanded";
local rig = require "spec.support.rig";

local OPTIONS = [[
allow_empty_token = true
skotos_games = { marrach = { skotos_port = %d, rooms = { "hall*" }, skotos_commands = true } }]];
local MUCS = 'modules_enabled = { "rig_lobby" }\n' .. rig.muc "lobby.meet.test";

local prosody, focus;
local done, fails, told, events = commanded.done, commanded.fails, commanded.told, commanded.events;

local function new_room(without_lobby)
	local room = commanded.new_room();
	local code = ([[local muc = prosody.hosts["conference.meet.test"].modules; ]]
		.. [[muc.rig_lobby.open_lobby(muc.muc.get_room_from_jid("%s@conference.meet.test"))]]):format(room);
	if not without_lobby then prosody:lua { code = code }; end
	return room, room .. "@lobby.meet.test";
end

-- Somebody who is sent to the lobby, and waits there.
local function knocks(room, lobby, name, person)
	local client, refused = rig.player(prosody, { room = room, name = name, person = person, nick = name .. "0" });
	assert.same({ "error", "registration-required" }, { refused.type, refused.condition });
	assert.equal("available", client:join({ room = lobby, nick = name, name = "Somebody" }).type);
	return client;
end

describe("whoever waits in the lobby", function ()
	setup(function ()
		local _;
		prosody, _, focus = commanded.start { host = OPTIONS, muc = MUCS };
	end);
	teardown(commanded.finish);

	it("is told of, by the name in the token, and let in by the game as by a moderator's page", function ()
		local room, lobby = new_room();
		done { cmd = "subscribe", events = { "knocking", "joined" } };
		local from = told();
		local bob = knocks(room, lobby, "Bob", "bob-1");
		local reply = done { cmd = "admit", channel = room, id = "bob-1" };
		assert.same({ room, "bob-1", "Bob" }, { reply.channel, reply.id, reply.displayName });
		bob:invited { from = room .. "@conference.meet.test" };
		assert.equal("available", bob:join({ room = room, nick = "Bob" }).type);
		bob:leave { room = lobby, nick = "Bob" };
		assert.same({
			{ event = "knocking", channel = room, occupant = "Bob", id = "bob-1", displayName = "Bob", waiting = true };
			{ event = "joined", channel = room, occupant = "Bob", id = "bob-1", displayName = "Bob", moderator = false };
			{ event = "knocking", channel = room, occupant = "Bob", id = "bob-1", displayName = "Bob", waiting = false,
				why = "admitted" };
		}, events(from, 3));
	end);

	it("is turned away by the game, with the reason, and may knock again", function ()
		local room, lobby = new_room();
		done { cmd = "subscribe", events = { "knocking" } };
		local from = told();
		local bob = knocks(room, lobby, "Bob", "bob-1");
		done { cmd = "deny", channel = room, displayName = "Bob", reason = "not tonight" };
		local gone = bob:wait { from = lobby .. "/Bob", type = "unavailable" };
		assert.same({ "not tonight", true }, { gone.reason, table.concat(gone.codes, " "):find("307", 1, true) ~= nil });
		assert.equal("available", bob:join({ room = lobby, nick = "Bob" }).type);
		bob:leave { room = lobby, nick = "Bob" };
		local list = events(from, 4);
		assert.same({ true, false, "denied", true, false, "left" },
			{ list[1].waiting, list[2].waiting, list[2].why, list[3].waiting, list[4].waiting, list[4].why });
	end);

	it("is kept out of room and lobby for as long as the game says", function ()
		local room, lobby = new_room();
		knocks(room, lobby, "Bob", "bob-1");
		local before = os.time();
		local reply = done { cmd = "deny", channel = room, id = "bob-1", banFor = 60 };
		assert.is_true(reply["until"] >= before + 60);
		local again, refused = rig.player(prosody, { room = room, name = "Bob", person = "bob-1", nick = "x" });
		assert.same({ "error", "not-allowed" }, { refused.type, refused.condition });
		refused = again:join { room = lobby, nick = "y" };
		assert.same({ "error", "not-allowed" }, { refused.type, refused.condition });
	end);

	it("is not a moderator who looks who waits, nor one of Jitsi's", function ()
		local room, lobby = new_room();
		done { cmd = "subscribe", events = { "knocking" } };
		local from = told();
		local mod = rig.player(prosody, { room = room, name = "Mod", nick = "m", moderator = true });
		mod:join { room = lobby, nick = "m" };
		focus:join { room = lobby, nick = "focus" };
		knocks(room, lobby, "Bob", "bob-1");
		assert.equal("bob-1", events(from, 1)[1].id);
		fails('id: "Mod" came, nobody in the lobby of "' .. room .. '" has it',
			{ cmd = "admit", channel = room, id = "Mod" });
	end);

	it("has not opened the lobby, which would be the opener's", function ()
		local room, lobby = new_room(true);
		for i, moderator in ipairs { false, true } do
			local _, own = rig.player(prosody, { token_room = room, room = lobby, name = "P" .. i, moderator = moderator });
			assert.same({ "error", "not-allowed", "that room has no lobby" }, { own.type, own.condition, own.error_text });
		end
	end);

	it("may go when the room has ended before the lobby, of which nothing is told any more", function ()
		local room, lobby = new_room();
		done { cmd = "subscribe", events = { "knocking" } };
		local from = told();
		local bob = knocks(room, lobby, "Bob", "bob-1");
		assert.equal("bob-1", events(from, 1)[1].id);
		from = told();
		prosody:lua { code = (
			[[return prosody.hosts["conference.meet.test"].modules.muc.get_room_from_jid("%s@conference.meet.test"):destroy()]])
			:format(room) };
		bob:leave { room = lobby, nick = "Bob" };
		bob:wait { from = lobby .. "/Bob", type = "unavailable" };
		fails("that room is not open", { cmd = "admit", channel = room, id = "bob-1" });
		assert.equal(from, told());
		assert.is_nil(prosody:log().text:match "[^\n]*attempt to[^\n]*");
	end);

	it("has to be there, and the room has to have a lobby", function ()
		local room = new_room();
		local open = new_room(true);
		fails("that room has no lobby", { cmd = "admit", channel = open, id = "bob-1" });
		fails("nobody in the lobby of", { cmd = "deny", channel = room, id = "bob-1" });
		fails("that room is not open", { cmd = "deny", channel = "hall-nowhere", id = "bob-1" });
	end);

	it("cannot wait before a room that his token does not open", function ()
		local _, lobby = new_room();
		local bob = rig.player(prosody, { room = "hall-other", name = "Bob" });
		local refused = bob:join { room = lobby, nick = "b" };
		assert.same({ "error", "not-allowed" }, { refused.type, refused.condition });
	end);
end);
