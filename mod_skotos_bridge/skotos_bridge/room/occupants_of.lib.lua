-- Which occupants of a room belong to a bare JID: at each join and leave, so without a look at all who are there. The MUC keeps its
-- occupants by nickname and by full JID; the full JIDs of a bare one are its sessions.

local jid = require "util.jid";

local M = {};

-- Sessions are known of users of this server only: not of others', nor of a component's.
local function has_sessions_here(bare)
	local host = prosody.hosts[jid.host(bare)];
	return host ~= nil and host.type == "local";
end

-- The JIDs in the room that the bare JID has there now: { nick = true, … }.
function M.nicks(room, bare)
	local nicks = {};
	if has_sessions_here(bare) then
		local user = prosody.bare_sessions[bare];
		for _, session in pairs(user and user.sessions or {}) do
			local nick = room:get_occupant_jid(session.full_jid);
			if nick then nicks[nick] = true; end
		end
		return nicks;
	end
	-- Not room:each_occupant, which copies every occupant.
	for nick, occupant in pairs(room._occupants) do
		if occupant.bare_jid == bare then nicks[nick] = true; end
	end
	return nicks;
end

-- Whether the bare JID is in the room.
function M.is_in(room, bare) return next(M.nicks(room, bare)) ~= nil; end

return M;
