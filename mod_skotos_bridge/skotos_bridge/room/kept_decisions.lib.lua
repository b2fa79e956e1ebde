-- What was decided about people (decisions.lib.lua) outlives a restart of Prosody: a ban with an end until then, the rest if the room opens
-- again in the time in which players come back by themselves. Where there are several shards the others tell the rest; there, with a ban
-- and with its end before its time stand when and on which shard that was decided, so that a shard that was away can be told of it.

local kept_lib = module:require "skotos_bridge/admin/kept";

local M = {};

local EXPIRE = 300; -- seconds between two looks for bans that have ended

local kept; -- admin/kept.lib.lua's
local how; -- what attach was given

local over = {}; -- part -> when the first of what lasts in it, as the shards know it, is over

local function note_end(part, ends) over[part] = math.min(over[part] or ends, ends); end

local function content(part)
	local list, dated = {}, {};
	over[part] = nil;
	for _, item in ipairs(how.shared and how.shared.lasting(os.time()) or {}) do
		if kept_lib.part_of(item[1]) == part then
			list[#list + 1] = item;
			dated[item[1] .. "\n" .. item[3]] = true;
			note_end(part, item[7]);
		end
	end
	how.decisions.each(function (room_jid, kind, person, value)
		if kept_lib.part_of(room_jid) ~= part or kind == "ban" and dated[room_jid .. "\n" .. person] then return; end
		list[#list + 1] = { room_jid, kind, person, value };
	end);
	return list[1] and list or nil;
end

local function is_open(room_jid)
	local muc = how.places.main_muc();
	local room = muc and muc.get_room_from_jid(room_jid);
	return room and room:has_occupant() or false;
end

-- The shards know it again, so that they can tell those that do not.
local function recall(item, now)
	if not how.shared or item[2] ~= "ban" then return; end
	local ends = math.type(item[7]) == "integer" and item[7] or item[4] or 0;
	note_end(kept_lib.part_of(item[1]), ends);
	if ends > now then how.shared.recall(item); end
end

local function restore()
	local now, waiting = os.time(), {};
	local back_soon = not how.shared and kept:alive_at() and now - kept:alive_at() <= how.grace;
	kept:read(function (item)
		local room_jid, kind, person, value = table.unpack(item);
		if type(room_jid) ~= "string" or type(person) ~= "string" or value == nil then return; end
		local has_end = kind == "ban" and math.type(value) == "integer";
		if has_end or value == false then recall(item, now); end
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

-- `the_how`: module, journal, grace (seconds), shared (shard.lib.lua, nil where there is one shard only), and the libraries decisions and places.
function M.attach(the_how)
	how = the_how;
	kept = kept_lib.open(how.module, how.journal, "skotos_bridge_people", content);
	restore();
	how.decisions.on_change(function (room_jid) kept:changed(room_jid); end);
	how.module:add_timer(EXPIRE, function ()
		local now = os.time();
		how.decisions.expire(now);
		for part, ends in pairs(over) do
			if ends <= now then kept:changed(nil, part); end
		end
		return EXPIRE;
	end);
end

function M.detach() kept:close(); end

return M;
