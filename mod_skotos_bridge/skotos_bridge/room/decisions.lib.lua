-- What was decided about a person in a room, by the person in the token and not by the random JID; kept until the room ends, and a ban with
-- an end until then. It is one for a main room and its breakout rooms.

local M = { BANS = 1024 };

local bans = {}; -- room JID -> person -> true, or the time (seconds since 1970) at which the ban ends
local moderators = {}; -- room JID -> person -> true or false, against what the token says
local mutes = { audio = {}, video = {}, desktop = {} }; -- media -> room JID -> person -> true
local main_jid = function (room_jid) return room_jid; end; -- the JID of a room's main room, nil where it has none
local changed = function () end; -- is told of each room about whose people something has changed, whoever decided it
local observer; -- is told of each decision that is made here

local function put(list, room_jid, person, value)
	list[room_jid] = list[room_jid] or {};
	list[room_jid][person] = value;
end

-- Of more than BANS in one room the one that ends first goes.
local function keep_bounds(list)
	local count, first = 0, nil;
	for person, ban in pairs(list) do
		count = count + 1;
		if ban ~= true and (not first or ban < list[first]) then first = person; end
	end
	if count > M.BANS and first then list[first] = nil; end
end

-- One decision as it is remembered and told: `kind` is "ban" (value true, the time in seconds since 1970 at which it ends, or false),
-- "moderator" (true or false), "audio", "video" or "desktop" (true: muted, or false). This one tells nobody: it is for what others decided.
function M.apply(room_jid, kind, person, value)
	room_jid = main_jid(room_jid) or room_jid;
	if kind == "ban" then
		put(bans, room_jid, person, value or nil);
		keep_bounds(bans[room_jid]);
	elseif kind == "moderator" then
		put(moderators, room_jid, person, value);
	elseif mutes[kind] then
		put(mutes[kind], room_jid, person, value or nil);
	end
	changed(room_jid);
end

local function decide(room_jid, kind, person, value)
	room_jid = main_jid(room_jid) or room_jid;
	M.apply(room_jid, kind, person, value);
	if observer then observer(room_jid, kind, person, value); end
end

-- Has `tell(room_jid, kind, person, value)` hear of each decision that is made on this server from now on.
function M.observe(tell) observer = tell; end

-- Keeps `person` out of the room until `until_time` (seconds since 1970), or with nil until the room ends.
function M.ban(room_jid, person, until_time) decide(room_jid, "ban", person, until_time or true); end

function M.unban(room_jid, person) decide(room_jid, "ban", person, false); end

-- Is `person` (nil: nobody is) kept out at `now`, by default the present? Second result: until when, nil for the room's end.
function M.is_banned(room_jid, person, now)
	local list = bans[main_jid(room_jid) or room_jid];
	local ban = person ~= nil and list and list[person];
	if not ban then return false; end
	if ban == true then return true; end
	return (now or os.time()) < ban, ban;
end

-- Makes or unmakes `person` a moderator of the room until it ends; nil leaves it to the token again.
function M.set_moderator(room_jid, person, is_moderator) decide(room_jid, "moderator", person, is_moderator); end

-- true or false as set_moderator decided; nil where nothing was decided or there is no person.
function M.decision(room_jid, person)
	local decided = moderators[main_jid(room_jid) or room_jid];
	if decided == nil or person == nil then return nil; end
	return decided[person];
end

-- Mutes `person` in the room, or lets him speak again; `media` is "audio", "video" (all that is seen of him) or "desktop" (his screen).
function M.set_muted(room_jid, person, media, muted) decide(room_jid, media, person, muted); end

function M.is_muted(room_jid, person, media)
	local list = mutes[media][main_jid(room_jid) or room_jid];
	if list ~= nil and person ~= nil and list[person] == true then return true; end
	return media == "desktop" and M.is_muted(room_jid, person, "video");
end

-- Whether anybody is muted in the room.
function M.has_muted(room_jid)
	room_jid = main_jid(room_jid) or room_jid;
	for _, rooms in pairs(mutes) do
		if next(rooms[room_jid] or {}) ~= nil then return true; end
	end
	return false;
end

-- Those of `list` (person -> ban) that have an end, and that after `now`; nil when there are none.
local function with_an_end(list, now)
	local lasting;
	for person, ban in pairs(list or {}) do
		if ban ~= true and ban > now then
			lasting = lasting or {};
			lasting[person] = ban;
		end
	end
	return lasting;
end

-- The room has ended, at `now` (by default the present).
function M.forget(room_jid, now)
	bans[room_jid] = with_an_end(bans[room_jid], now or os.time());
	moderators[room_jid] = nil;
	for _, rooms in pairs(mutes) do rooms[room_jid] = nil; end
	changed(room_jid);
end

-- Forgets the bans that have ended at `now` (seconds since 1970), also of rooms that are long over.
function M.expire(now)
	for room_jid, list in pairs(bans) do
		local ended = false;
		for person, ban in pairs(list) do
			if ban ~= true and ban <= now then list[person], ended = nil, true; end
		end
		if next(list) == nil then bans[room_jid] = nil; end
		if ended then changed(room_jid); end
	end
end

-- Has `tell(room_jid)` hear of each change from now on.
function M.on_change(tell) changed = tell; end

-- Calls `each`(room_jid, kind, person, value) for all that holds, as `apply` takes it.
function M.each(each)
	local function all(list, kind)
		for room_jid, about in pairs(list) do
			for person, value in pairs(about) do each(room_jid, kind, person, value); end
		end
	end
	all(bans, "ban");
	all(moderators, "moderator");
	for media, list in pairs(mutes) do all(list, media); end
end

-- `how.main_jid`(room_jid): to which main room a room belongs (places.lib.lua).
function M.attach(how) main_jid = how.main_jid; end

-- All of it as a plain table of strings, numbers and booleans, and back.
function M.save() return { bans = bans, moderators = moderators, mutes = mutes }; end

function M.restore(saved)
	bans = saved and saved.bans or {};
	moderators = saved and saved.moderators or {};
	for media in pairs(mutes) do mutes[media] = saved and saved.mutes and saved.mutes[media] or {}; end
end

return M;
