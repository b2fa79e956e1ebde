-- To which main room a breakout room belongs, without a server.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";

local MAIN, BREAKOUT, LOBBY = "conference.meet.test", "breakout.meet.test", "lobby.meet.test";

local function muc(rooms)
	return { modules = { muc = {
		get_room_from_jid = function (jid) return rooms[jid]; end;
		live_rooms = function ()
			local name, room;
			return function ()
				name, room = next(rooms, name);
				return room;
			end;
		end;
	} } };
end

local function room(rooms, jid, breakouts)
	rooms[jid] = { jid = jid, _data = { breakout_rooms = breakouts } };
	return rooms[jid];
end

describe("places", function ()
	local places, rooms, hooked, before;
	before_each(function ()
		before, hooked = _G.prosody, {};
		rooms = { [MAIN] = {}, [BREAKOUT] = {} };
		_G.prosody = { hosts = { [MAIN] = muc(rooms[MAIN]), [BREAKOUT] = muc(rooms[BREAKOUT]) } };
		places = dofile "mod_skotos_bridge/skotos_bridge/room/places.lib.lua";
		places.attach { bridge = require "skotos_bridge", muc_host = MAIN, breakout_host = BREAKOUT, lobby_host = LOBBY };
		places.hook { hook = function (_, name, handler) hooked[name] = handler; end };
		room(rooms[MAIN], "inn@" .. MAIN);
		room(rooms[MAIN], "tavern@" .. MAIN, { ["u-2@" .. BREAKOUT] = "cellar", ["u-1@" .. BREAKOUT] = "attic" });
		room(rooms[BREAKOUT], "u-1@" .. BREAKOUT);
	end);
	after_each(function () _G.prosody = before; end);

	it("gives a breakout room its main room's channel, and every other room its own", function ()
		assert.equal("tavern", places.channel_of { jid = "u-1@" .. BREAKOUT });
		assert.equal("tavern", places.channel_of(rooms[MAIN]["tavern@" .. MAIN]));
		assert.equal("inn", places.channel_of(rooms[MAIN]["inn@" .. MAIN]));
		assert.equal(rooms[MAIN]["tavern@" .. MAIN], places.main_of(rooms[BREAKOUT]["u-1@" .. BREAKOUT]));
		assert.is_true(places.is_breakout("u-1@" .. BREAKOUT));
		assert.is_false(places.is_breakout("inn@" .. MAIN));
	end);

	it("knows no main room of a breakout room that nobody made", function ()
		assert.is_nil(places.main_jid("u-9@" .. BREAKOUT));
		assert.is_nil(places.main_of { jid = "u-9@" .. BREAKOUT });
		room(rooms[MAIN], "late@" .. MAIN, { ["u-9@" .. BREAKOUT] = "late" });
		assert.equal("late@" .. MAIN, places.main_jid("u-9@" .. BREAKOUT));
	end);

	it("lists the main room and those of its breakout rooms that are open", function ()
		local names = {};
		for i, each in ipairs(places.rooms_of("tavern@" .. MAIN)) do names[i] = each.jid; end
		assert.same({ "tavern@" .. MAIN, "u-1@" .. BREAKOUT }, names);
		assert.same({}, places.rooms_of("none@" .. MAIN));
	end);

	it("works where there is no MUC for breakout rooms", function ()
		_G.prosody.hosts[BREAKOUT] = nil;
		assert.equal(1, #places.rooms_of("tavern@" .. MAIN));
		assert.equal("tavern", places.channel_of(rooms[MAIN]["tavern@" .. MAIN]));
	end);

	it("knows the hosts where players open rooms", function ()
		for _, host in ipairs { MAIN, BREAKOUT, LOBBY } do assert.is_true(places.is_players(host)); end
		for _, host in ipairs { "internal.meet.test", "meet.test" } do assert.is_false(places.is_players(host)); end
	end);

	it("finds an open room by its own name and by the one that a tenant's page has for it", function ()
		local guild = room(rooms[MAIN], "[guild]hall@" .. MAIN);
		assert.equal(rooms[MAIN]["inn@" .. MAIN], places.room_of("Inn@" .. MAIN));
		assert.equal(rooms[BREAKOUT]["u-1@" .. BREAKOUT], places.room_of("u-1@" .. BREAKOUT));
		assert.equal(guild, places.room_of("[guild]hall@" .. MAIN));
		assert.equal(guild, places.room_of("hall@conference.guild.meet.test"));
		for _, jid in ipairs {
			"hall@" .. MAIN, "hall@conference.other.meet.test", "hall@breakout.guild.meet.test",
				"hall@conference.guild.meet.test2", "hall@meet.test";
			"inn@elsewhere.test", MAIN, "", "hall@conference.guildXmeet.test", "[guild]hall@conference.guild.meet.test";
		} do
			assert.is_nil(places.room_of(jid), jid);
		end
		_G.prosody.hosts[MAIN] = nil;
		assert.is_nil(places.room_of("hall@conference.guild.meet.test"));
		assert.is_nil(places.room_of("inn@" .. MAIN));
	end);

	it("knows the address of a room that a page could open", function ()
		assert.equal("tavern%20room@" .. MAIN, places.room_jid "Tavern Room");
		assert.equal("[guild]hall@" .. MAIN, places.room_jid "[Guild]Hall");
		assert.is_nil((places.room_jid "a/b"));
		assert.equal("[guild]hall", places.channel_of { jid = "[guild]hall@" .. MAIN });
	end);

	it("gives a lobby to the main room of its name", function ()
		assert.equal("inn@" .. MAIN, places.main_jid("inn@" .. LOBBY));
		assert.equal(rooms[MAIN]["inn@" .. MAIN], places.main_of { jid = "inn@" .. LOBBY });
		assert.equal("x@elsewhere.test", places.main_jid("x@elsewhere.test"));
		assert.is_nil(places.main_of { jid = "x@elsewhere.test" });
	end);

	it("lists many breakout rooms by their names", function ()
		local made = {};
		for _, name in ipairs { "f", "b", "e", "c", "d", "a" } do
			made[name .. "@" .. BREAKOUT] = name;
			room(rooms[BREAKOUT], name .. "@" .. BREAKOUT);
		end
		room(rooms[MAIN], "many@" .. MAIN, made);
		local names = {};
		for _, each in ipairs(places.rooms_of("many@" .. MAIN)) do names[#names + 1] = each.jid:match "^[^@]+"; end
		assert.same({ "many", "a", "b", "c", "d", "e", "f" }, names);
	end);

	it("knows whose the breakout rooms are from when somebody has left the main one, which may be put aside then",
		function ()
		hooked["muc-occupant-left"] { room = rooms[MAIN]["tavern@" .. MAIN] };
		hooked["muc-occupant-left"] { room = rooms[MAIN]["inn@" .. MAIN] };
		hooked["muc-occupant-left"] { room = rooms[BREAKOUT]["u-1@" .. BREAKOUT] };
		rooms[MAIN]["tavern@" .. MAIN] = nil;
		assert.equal("tavern@" .. MAIN, places.main_jid("u-2@" .. BREAKOUT));
		assert.equal("tavern@" .. MAIN, places.main_jid("u-1@" .. BREAKOUT));
	end);

	for _, ended in ipairs { "u-1@" .. BREAKOUT, "tavern@" .. MAIN } do
		it("knows whose a breakout room was until the end of " .. ended, function ()
			assert.equal("tavern", places.channel_of { jid = "u-1@" .. BREAKOUT });
			rooms[MAIN]["tavern@" .. MAIN]._data.breakout_rooms = {}; -- Jitsi's module forgets it while the room is being ended
			assert.equal("tavern", places.channel_of { jid = "u-1@" .. BREAKOUT });
			hooked["muc-room-destroyed"] { room = { jid = ended } };
			assert.is_nil(places.main_jid("u-1@" .. BREAKOUT));
		end);
	end
end);
