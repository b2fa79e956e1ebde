-- Which room belongs where: the breakout rooms of Jitsi's mod_muc_breakout_rooms, which have random names on a MUC of their own, belong to
-- the main room from which people go into them, and to its channel.

local jid = require "util.jid";

local M = {};

local bridge, muc_host, breakout_host, lobby_host; -- what attach was given
local named = {}; -- the main room whose channel was asked for last, several times a join: its JID, and the channel
local of_main; -- how the JIDs of main rooms end
local main_room; -- the JID of the main room that was asked about last
local mains = {}; -- JID of a breakout room -> JID of its main room, kept until either ends, while Jitsi's module forgets it earlier

local function muc_of(host)
	local the_host = prosody.hosts[host];
	return the_host and the_host.modules and the_host.modules.muc;
end

-- Jitsi's module writes a main room's breakout rooms into that room's data.
local function find_main(room_jid)
	local muc = muc_of(muc_host);
	if not muc then return nil; end
	for room in muc.live_rooms() do
		local breakouts = room._data.breakout_rooms;
		if breakouts and breakouts[room_jid] ~= nil then return room.jid; end
	end
end

-- Asked thirty times a join, of one room: a JID is not taken apart for it, and looked at once.
local function is_main(room_jid)
	if room_jid == main_room then return true; end
	if room_jid:sub(-#of_main) ~= of_main then return false; end
	main_room = room_jid;
	return true;
end

-- Whether the room with this JID is a breakout room.
function M.is_breakout(room_jid) return jid.host(room_jid) == breakout_host; end

-- Whether players open rooms on the MUC component `host`.
function M.is_players(host) return host == muc_host or host == breakout_host or host == lobby_host; end

-- The JID of the main room to which the room `room_jid` belongs: its own unless it is a breakout room, nil for one of none, or a lobby,
-- which has its main room's name.
function M.main_jid(room_jid)
	if is_main(room_jid) then return room_jid; end
	if jid.host(room_jid) == lobby_host then return jid.node(room_jid) .. "@" .. muc_host; end
	if not M.is_breakout(room_jid) then return room_jid; end
	local main = mains[room_jid] or find_main(room_jid);
	mains[room_jid] = main;
	return main;
end

-- The main room of `room`, which may be itself; nil when there is none.
function M.main_of(room)
	if is_main(room.jid) then return room; end
	local main, muc = M.main_jid(room.jid), muc_of(muc_host);
	return main and muc and muc.get_room_from_jid(main) or nil;
end

-- The open room that a page calls `room_jid`, nil for none: pages have a tenant in the host (conference.TENANT.HOST), Jitsi's modules in
-- the room's name ([TENANT]room).
function M.room_of(room_jid)
	local node, host = jid.split(jid.prep(room_jid));
	if not node then return nil; end
	local muc = muc_of(host);
	if host ~= muc_host and host ~= breakout_host then
		local prefix, base = muc_host:match("^([^.]+%.)(.+)$");
		local tenant = prefix and host:sub(1, #prefix) == prefix and host:sub(-#base - 1) == "." .. base and host:sub(#prefix + 1, -#base - 2);
		if not tenant then return nil; end
		node, host, muc = ("[%s]%s"):format(tenant, node), muc_host, muc_of(muc_host);
	end
	return muc and muc.get_room_from_jid(node .. "@" .. host) or nil;
end

-- The channel of a room ({ jid = } is enough), by which a game knows it and its breakout rooms alike: the name of which Jitsi's page has
-- made the JID, "[tenant]name" for a tenant's room.
function M.channel_of(room)
	local main = M.main_jid(room.jid) or room.jid;
	if main ~= named.jid then
		local name, tenant = bridge.channel_of(jid.node(main));
		named = { jid = main, channel = tenant and ("[%s]%s"):format(tenant, name) or name };
	end
	return named.channel;
end

-- The JID that the room `channel` has, whether it is open or not; nil when no page can open a room of that name.
function M.room_jid(channel)
	local node = bridge.room_node(channel);
	return node and jid.prep(node .. "@" .. muc_host);
end

-- The open rooms of the main room `main_jid`: itself, if it is open, then its breakout rooms by their JIDs.
function M.rooms_of(main_jid)
	local main_muc, breakout_muc = muc_of(muc_host), muc_of(breakout_host);
	local main = main_muc and main_muc.get_room_from_jid(main_jid);
	local rooms, names = { main or nil }, {};
	for name in pairs(main and breakout_muc and main._data.breakout_rooms or {}) do names[#names + 1] = name; end
	table.sort(names);
	for _, name in ipairs(names) do rooms[#rooms + 1] = breakout_muc.get_room_from_jid(name) or nil; end
	return rooms;
end

-- Prosody's MUC module of the main rooms; nil while that component is not there.
function M.main_muc() return muc_of(muc_host); end

-- Whoever goes into a breakout room has just left the main one, which Prosody may put aside from then on (muc_room_cache_size).
local function occupant_left(event)
	if M.is_breakout(event.room.jid) then return; end
	for room_jid in pairs(event.room._data.breakout_rooms or {}) do mains[room_jid] = event.room.jid; end
end

-- `muc`: the module API of either MUC component. A room that has ended is somebody's no more, once all have heard of it.
function M.hook(muc)
	muc:hook("muc-occupant-left", occupant_left, 1000);
	muc:hook("muc-room-destroyed", function (event)
		mains[event.room.jid] = nil;
		for breakout, main in pairs(mains) do
			if main == event.room.jid then mains[breakout] = nil; end
		end
	end, -1000);
end

-- `how.bridge`: the C module; `how.muc_host`: the MUC component of the main rooms; `how.breakout_host` and `how.lobby_host`: those of their
-- breakout rooms and lobbies, which need not exist.
function M.attach(how)
	bridge, muc_host, breakout_host, lobby_host = how.bridge, how.muc_host, how.breakout_host, how.lobby_host;
	of_main, main_room, named = "@" .. muc_host, nil, {};
end

return M;
