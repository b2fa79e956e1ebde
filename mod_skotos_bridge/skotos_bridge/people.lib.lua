-- What was decided about a person in a room, by the person in the token and not by the random JID; kept until the room ends.

local M = {};

local bans = {}; -- room JID -> person -> true

-- The person that verified claims speak of: context.user.id, else context.user.name; nil when they name none.
function M.id_of(claims)
	local context = claims and type(claims.context) == "table" and claims.context;
	local user = context and type(context.user) == "table" and context.user;
	if not user then return nil; end
	if type(user.id) == "string" and user.id ~= "" then return user.id; end
	return type(user.name) == "string" and user.name ~= "" and user.name or nil;
end

function M.ban(room_jid, person)
	bans[room_jid] = bans[room_jid] or {};
	bans[room_jid][person] = true;
end

function M.unban(room_jid, person)
	if bans[room_jid] then bans[room_jid][person] = nil; end
end

function M.is_banned(room_jid, person)
	return person ~= nil and bans[room_jid] ~= nil and bans[room_jid][person] == true;
end

function M.forget(room_jid)
	bans[room_jid] = nil;
end

-- A plain table of all decisions, and back; for a reload of the module.
function M.save() return bans; end
function M.restore(saved) bans = saved or {}; end

return M;
