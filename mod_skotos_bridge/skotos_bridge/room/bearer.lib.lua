-- Whom the token of a session names. It holds as long as the session does, whatever becomes of the token, and in every room: the main one,
-- its breakout rooms, its lobby.

local person = module:require "skotos_bridge/login/person";

local M = {};

local setup; -- what attach was given

-- { person = the id, name = the display name or nil, without what XML cannot hold }; nil for a session without a token that holds.
function M.of(session)
	local known = session.skotos_bearer;
	if known and known.token == session.auth_token then return known; end
	local claims = session.auth_token and setup.claims_of(session);
	if not claims then return nil; end
	local name = person.name_of(claims);
	name = name and setup.bridge.printable(name);
	known = { token = session.auth_token, person = person.id_of(claims), name = name ~= "" and name or nil };
	session.skotos_bearer = known;
	return known;
end

-- The same of whoever has logged in on this server with the full JID.
function M.of_jid(full)
	local session = prosody.full_sessions[full];
	return session and M.of(session);
end

-- `how`: bridge; claims_of(session), the verified claims of its token or nil.
function M.attach(how) setup = how; end

return M;
