-- What was decided about a person in a room, by the person in the token and not by the random JID; kept until the room ends.

local M = {};

local bans = {}; -- room JID -> person -> true, or the time (seconds since 1970) at which the ban ends
local moderators = {}; -- room JID -> person -> true or false, against what the token says

-- The person that verified claims speak of: context.user.id, else context.user.name; nil when they name none.
function M.id_of(claims)
	local context = claims and type(claims.context) == "table" and claims.context;
	local user = context and type(context.user) == "table" and context.user;
	if not user then return nil; end
	if type(user.id) == "string" and user.id ~= "" then return user.id; end
	return type(user.name) == "string" and user.name ~= "" and user.name or nil;
end

-- Keeps `person` out of the room until `until_time` (seconds since 1970), or with nil until the room ends.
function M.ban(room_jid, person, until_time)
	bans[room_jid] = bans[room_jid] or {};
	bans[room_jid][person] = until_time or true;
end

function M.unban(room_jid, person)
	if bans[room_jid] then bans[room_jid][person] = nil; end
end

-- Is `person` (nil: nobody is) kept out at `now`, by default the present?
function M.is_banned(room_jid, person, now)
	local ban = person ~= nil and bans[room_jid] and bans[room_jid][person];
	if not ban then return false; end
	return ban == true or (now or os.time()) < ban;
end

-- Makes or unmakes `person` a moderator of the room until it ends; nil leaves it to the token again.
function M.set_moderator(room_jid, person, is_moderator)
	moderators[room_jid] = moderators[room_jid] or {};
	moderators[room_jid][person] = is_moderator;
end

-- true or false as set_moderator decided; nil where nothing was decided or there is no person.
function M.decision(room_jid, person)
	local decided = moderators[room_jid];
	if decided == nil or person == nil then return nil; end
	return decided[person];
end

function M.forget(room_jid)
	bans[room_jid] = nil;
	moderators[room_jid] = nil;
end

-- All of it as a plain table of strings, numbers and booleans, and back.
function M.save() return { bans = bans, moderators = moderators }; end

function M.restore(saved)
	bans = saved and saved.bans or {};
	moderators = saved and saved.moderators or {};
end

return M;
