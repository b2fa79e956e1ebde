-- What was decided about people (decisions.lib.lua) outlives a restart of Prosody: a ban with an end until then, the rest if the room opens
-- again in the time in which players come back by themselves. Where there are several shards the others tell the rest.

local kept_lib = module:require "skotos_bridge/admin/kept";

local M = {};

local EXPIRE = 300; -- seconds between two looks for bans that have ended

local kept; -- admin/kept.lib.lua's
local how; -- what attach was given

local function content(part)
	local list = {};
	how.decisions.each(function (...)
		if kept_lib.part_of((...)) == part then list[#list + 1] = { ... }; end
	end);
	return list[1] and list or nil;
end

local function is_open(room_jid)
	local muc = how.places.main_muc();
	local room = muc and muc.get_room_from_jid(room_jid);
	return room and room:has_occupant() or false;
end

local function restore()
	local now, waiting = os.time(), {};
	local back_soon = not how.shared and kept:alive_at() and now - kept:alive_at() <= how.grace;
	kept:read(function (item)
		local room_jid, kind, person, value = table.unpack(item);
		if type(room_jid) ~= "string" or type(person) ~= "string" or value == nil then return; end
		local has_end = kind == "ban" and math.type(value) == "integer";
		if has_end and value <= now or not has_end and not back_soon then return; end
		how.decisions.apply(room_jid, kind, person, value);
		if not has_end then waiting[room_jid] = true; end
	end);
	if next(waiting) == nil then return; end
	how.module:add_timer(how.grace, function ()
		for room_jid in pairs(waiting) do
			if not is_open(room_jid) then how.decisions.forget(room_jid); end
		end
	end);
end

-- `the_how`: module, journal, grace (seconds), shared (whether there are several shards), and the libraries decisions and places.
function M.attach(the_how)
	how = the_how;
	kept = kept_lib.open(how.module, how.journal, "skotos_bridge_people", content);
	restore();
	how.decisions.on_change(function (room_jid) kept:changed(room_jid); end);
	how.module:add_timer(EXPIRE, function ()
		how.decisions.expire(os.time());
		return EXPIRE;
	end);
end

function M.detach() kept:close(); end

return M;
