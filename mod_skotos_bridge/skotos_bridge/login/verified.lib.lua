-- Which sessions' tokens a login has checked. Whatever else brings a token (a guest VirtualHost, another server) has proved nothing by it.

local M = {};

local JITSIS = "token"; -- the name of Jitsi's own provider, mod_auth_token

-- The token that the session holds has just been checked, by the login of the VirtualHost `host`.
function M.mark(session, host)
	session.skotos_login = { host = host, token = session.auth_token };
end

-- Whether the login of `host`, ours or Jitsi's, has checked the token that this session holds. Jitsi's leaves no mark of its own in all
-- versions: there it is enough that nobody is let in to that host but by it.
function M.by_login(session, host)
	if not session.auth_token or session.type ~= "c2s" or session.host ~= host then return false; end
	local mark = session.skotos_login;
	if mark then return mark.host == host and mark.token == session.auth_token; end
	return prosody.hosts[host].users.name == JITSIS;
end

return M;
