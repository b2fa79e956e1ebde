-- Prosody's loop comes back to a socket when it has served all others that are ready: with hundreds of people who join or
-- speak at once in a large room, that takes seconds, and a game's players wait for their tokens. So links have a turn
-- between two stanzas of players', too, and while one of these goes out to hundreds.

local monotonic = require "util.time".monotonic;

local M = {};

local EVERY = 0.002; -- seconds: between two turns by the clock, so that a stanza that costs nothing costs nothing more
local LOOK_EVERY = 16; -- stanzas that go out between two looks at the clock
local MANY = 30; -- people in a room: to fewer a stanza goes out sooner than the next turn is due

-- Whether Prosody itself says that a session ends (mod_presence.lua, resource-unbind): it does so in the midst of a
-- room's telling something to all, when that does not go out to one. A kick then would be undone by what the others hear.
local function is_farewell(event)
	local origin = event.origin;
	return origin ~= nil and origin.full_jid ~= nil and prosody.full_sessions[origin.full_jid] ~= origin;
end

local function has_many(room)
	local count = 0;
	for _ in pairs(room._occupants) do
		count = count + 1;
		if count == MANY then return true; end
	end
	return false;
end

-- Gives each of `links()` (name -> link of game_link.lib.lua) a turn before a stanza is read by anybody, and a short one
-- while stanzas go out and there is a room that has had many in it. `host`: the module API of the players' VirtualHost.
-- Gives back a function that is to be called with the module API of each MUC component.
function M.hook(host, links)
	local due, short_due, unseen = 0, 0, LOOK_EVERY;
	local function stanza_comes(event)
		if monotonic() < due or is_farewell(event) then return; end
		for _, link in pairs(links()) do link:take_turn(); end
		due = monotonic() + EVERY;
		short_due = due;
	end
	local function look()
		unseen = LOOK_EVERY;
		if monotonic() < short_due then return; end
		for _, link in pairs(links()) do link:take_short_turn(); end
		short_due = monotonic() + EVERY;
	end
	-- Runs at each delivery, of which a join has hundreds.
	local function stanza_goes()
		local left = unseen - 1;
		if left == 0 then return look(); end
		unseen = left;
	end
	for _, kind in ipairs { "presence", "message", "iq" } do
		for _, to in ipairs { "full", "bare", "host" } do host:hook(("pre-%s/%s"):format(kind, to), stanza_comes, 10000); end
	end
	local large = {}; -- JIDs of the rooms that have had many in them
	local function at_each_delivery(hook_or_unhook)
		for _, kind in ipairs { "presence", "message", "iq" } do host[hook_or_unhook](host, kind .. "/full", stanza_goes, 10000); end
	end
	local function occupant_joined(event)
		local room = event.room;
		if large[room.jid] or not has_many(room) then return; end
		if next(large) == nil then at_each_delivery("hook"); end
		large[room.jid] = true;
	end
	local function room_destroyed(event)
		if not large[event.room.jid] then return; end
		large[event.room.jid] = nil;
		if next(large) == nil then at_each_delivery("unhook"); end
	end
	return function (muc)
		muc:hook("muc-occupant-joined", occupant_joined);
		muc:hook("muc-room-destroyed", room_destroyed);
		local rooms = prosody.hosts[muc.host].modules.muc; -- nil while the component starts
		for room in rooms and rooms.live_rooms() or function () end do occupant_joined { room = room }; end
	end;
end

return M;
