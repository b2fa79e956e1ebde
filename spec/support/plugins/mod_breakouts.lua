-- A stand-in for Jitsi's breakout rooms, for the specs: loaded in a MUC component of its own, whose rooms are made from
-- a main room, ask that one who is what, and end with it.
local main_host = module:get_option_string("main_muc");
local mains = {}; -- JID of a room here -> JID of its main room

local function muc(host) return prosody.hosts[host].modules.muc; end

local function main_of(room) return mains[room.jid] and muc(main_host).get_room_from_jid(mains[room.jid]); end

-- Makes the room `name` here, which belongs to the main room `main_jid`.
function module.environment.make(name, main_jid)
	local main, room_jid = muc(main_host).get_room_from_jid(main_jid), name .. "@" .. module.host;
	main._data.breakout_rooms = main._data.breakout_rooms or {};
	main._data.breakout_rooms[room_jid] = name;
	main:set_persistent(true);
	mains[room_jid] = main_jid;
	return room_jid;
end

local room_mt = muc(module.host).room_mt;

function room_mt.get_affiliation(room, jid)
	local main = main_of(room);
	return main and main:get_affiliation(jid) or "none";
end

function room_mt.get_members_only(room)
	local main = main_of(room);
	return main ~= nil and main:get_members_only();
end

module:hook("muc-room-pre-create", function (event)
	if not main_of(event.room) then
		event.origin.send(require "util.stanza".error_reply(event.stanza, "cancel", "not-allowed"));
		return true;
	end
end);

module:hook_global("server-started", function ()
	module:context(main_host):hook("muc-room-destroyed", function (event)
		for room_jid in pairs(event.room._data.breakout_rooms or {}) do
			local room = muc(module.host).get_room_from_jid(room_jid);
			if room then room:destroy(nil, event.reason); end
			mains[room_jid] = nil;
		end
	end, 1);
end);
