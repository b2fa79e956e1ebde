-- A game with a tenant calls its rooms by their own names, "tavern", while everybody else knows them by those that Jitsi tells tenants apart
-- by, "[dev]tavern": here, and in C only for tokens (luaclib/core/policy/policy.h), one becomes the other. Without a tenant (nil) they are
-- the same.

local M = {};

-- The game's own name for the room `channel`; nil for one that is not its tenant's.
function M.own(tenant, channel)
	if not tenant then return channel; end
	local head = "[" .. tenant .. "]";
	return channel:sub(1, #head) == head and channel:sub(#head + 1) or nil;
end

local function copy(of)
	local same = {};
	for key, value in pairs(of) do same[key] = value; end
	return same;
end

-- A game's command as all others know its rooms.
function M.inward(tenant, command)
	if not tenant then return command; end
	local full = copy(command);
	for _, field in ipairs { "channel", "to", command.cmd == "rooms" and "cursor" or nil } do
		if full[field] then full[field] = ("[%s]%s"):format(tenant, full[field]); end
	end
	return full;
end

-- An event or a command's result as the game knows its rooms; nil for an event in a room that is not its tenant's.
function M.outward(tenant, told)
	if not tenant then return told; end
	local channel = told.channel and M.own(tenant, told.channel);
	if told.event and not channel then return nil; end
	local own = copy(told);
	own.channel, own.to = channel, told.to and M.own(tenant, told.to);
	if told.message then own.message = told.message:gsub('"%[' .. tenant:gsub("%p", "%%%0") .. "%]", '"'); end
	if told.rooms then
		own.rooms = {};
		for i, room in ipairs(told.rooms) do
			own.rooms[i] = copy(room);
			own.rooms[i].channel = M.own(tenant, room.channel);
		end
	end
	return own;
end

return M;
