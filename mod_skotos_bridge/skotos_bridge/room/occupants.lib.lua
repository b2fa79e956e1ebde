-- Who is in a room, as a game sees it: people with their ids and names, without Jitsi's own (the focus, bridges, recorders).

local bridge = require "skotos_bridge";
local jid = require "util.jid";

local occupants_of = module:require "skotos_bridge/room/occupants_of";

local M = {};

local bearer, moderation, places, services, muc_host; -- what attach was given
local joined = {}; -- JID of the room / nickname -> time of the join, seconds since 1970

local function muc_module()
	local host = prosody.hosts[muc_host];
	return host and host.modules and host.modules.muc;
end

local function has_occupant(room)
	for _, each in ipairs(places.rooms_of(room.jid)) do
		if each:has_occupant() then return true; end
	end
	return false;
end

-- The open main room `channel`, or nil and why not. It may be empty itself, while people are in its breakout rooms.
function M.room(channel)
	local room_jid = places.room_jid(channel);
	local muc = muc_module();
	local room = room_jid and muc and muc.get_room_from_jid(room_jid);
	if not room or not has_occupant(room) then return nil, ("channel: %q came, that room is not open: nobody is in it"):format(channel); end
	return room;
end

-- The JID that the room `channel` has, whether it is open or not; nil when no room can be called so.
function M.room_jid(channel) return places.room_jid(channel); end

-- The name by which a game knows the room.
function M.channel_of(room) return places.channel_of(room); end

local function presence_name(occupant)
	local presence = occupant:get_presence();
	local name = presence and presence:get_child_text("nick", "http://jabber.org/protocol/nick");
	name = name and bridge.printable(name);
	return name ~= "" and name or nil;
end

-- An occupant as { occupant = its nickname, room =, nick = its JID in the room, bare =, id = the person or nil, name =, raw = Prosody's
-- own }; nil for one of Jitsi's own.
function M.describe(room, occupant)
	if services.is_service(occupant.bare_jid) then return nil; end
	local own = moderation.visitor(room, occupant.bare_jid) or bearer.of_jid(occupant.jid); -- in the lobby nothing is given yet
	local nickname = jid.resource(occupant.nick);
	return {
		occupant = nickname, room = room, nick = occupant.nick, bare = occupant.bare_jid, raw = occupant;
		id = own and own.person, name = own and own.name or presence_name(occupant) or nickname;
		joined = joined[occupant.nick], moderator = occupant.role == "moderator";
	};
end

-- All people in the room, and in all others of its channel, by nickname; with `bare`, those of that bare JID alone.
function M.list(room, bare)
	local list = {};
	for _, each in ipairs(places.rooms_of(places.main_jid(room.jid) or room.jid)) do
		for nick in pairs(bare and occupants_of.nicks(each, bare) or each._occupants) do
			list[#list + 1] = M.describe(each, each:get_occupant_by_nick(nick));
		end
	end
	table.sort(list, function (a, b) return a.occupant < b.occupant; end);
	return list;
end

-- Jicofo in the room, or nil: the MUC's admin with the nickname that every Jitsi page knows it by.
function M.focus(room)
	local occupant = room:get_occupant_by_nick(room.jid .. "/focus");
	return occupant and moderation.is_admin(occupant.bare_jid) and occupant or nil;
end

local function key_of(person) return person.id or person.bare; end

local function ambiguous(command, found, where)
	local ids = {};
	for _, person in ipairs(found) do
		local id = person.id and ("%q"):format(person.id) or "one without a token";
		if not ids[id] then
			ids[id] = true;
			ids[#ids + 1] = id;
		end
	end
	return ("displayName: %q came, which %d people have in %s; their id is wanted: %s"):format(command.displayName, #ids, where,
		table.concat(ids, ", ", 1, math.min(#ids, 5)));
end

-- The person that `command` names by id or displayName: all of that person's occupants in `list`. Nil and why there is nobody, or not just
-- one, `where` they were looked for.
function M.find_in(list, command, where)
	local found, keys, count = {}, {}, 0;
	for _, person in ipairs(list) do
		if (command.id and person.id == command.id) or (command.displayName and person.name == command.displayName) then
			found[#found + 1] = person;
			if not keys[key_of(person)] then
				keys[key_of(person)] = true;
				count = count + 1;
			end
		end
	end
	if count == 1 then return found; end
	if count > 1 then return nil, ambiguous(command, found, where); end
	local field = command.id and "id" or "displayName";
	return nil, ("%s: %q came, nobody in %s has it"):format(field, command[field], where);
end

-- The same among all people of the room.
function M.find(room, command) return M.find_in(M.list(room), command, ("%q"):format(command.channel)); end

-- All open rooms with people in them: { { channel =, occupants = how many, since = seconds or nil }, … } by name.
function M.rooms()
	local list, muc = {}, muc_module();
	if not muc then return list; end
	for room in muc.each_room(true) do
		local people = M.list(room);
		if #people > 0 then
			list[#list + 1] = { channel = M.channel_of(room), occupants = #people, since = joined[room.jid] };
		end
	end
	table.sort(list, function (a, b) return a.channel < b.channel; end);
	return list;
end

-- Remembers times; `muc` is the MUC component's module API.
function M.hook(muc)
	muc:hook("muc-room-created", function (event) joined[event.room.jid] = os.time(); end, 10);
	muc:hook("muc-occupant-joined", function (event) joined[event.nick] = os.time(); end, 10);
	muc:hook("muc-occupant-left", function (event) joined[event.nick] = nil; end, -10);
	muc:hook("muc-room-destroyed", function (event) joined[event.room.jid] = nil; end, -10);
end

-- `how`: bearer, moderation, places and services (the libraries of these names), muc_host.
function M.attach(how)
	bearer, moderation, places, services, muc_host = how.bearer, how.moderation, how.places, how.services, how.muc_host;
end
function M.save() return joined; end
function M.restore(saved) joined = saved or {}; end

return M;
