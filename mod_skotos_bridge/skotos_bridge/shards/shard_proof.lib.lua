-- Whether an s2s session of Prosody's proves who speaks. Knows no XMPP beyond the session's fields (core/s2smanager.lua,
-- mod_s2s_auth_certs.lua, the same in 0.12 and 13.0).

local M = {};

-- Why what came over `session` does not come, proven, from the domain `from`; nil when it does.
function M.unproven(session, from)
	local other;
	if session.type == "s2sin" then
		other = session.from_host;
	elseif session.type == "s2sout" then -- XEP-0288: both ways on one connection
		other = session.to_host;
	else
		return "it did not come over s2s";
	end
	if session.direction == "outgoing" then other = session.to_host; end
	if not session.secure then return "the connection is not encrypted"; end
	if session.cert_chain_status ~= "valid" then return "no trusted authority has signed its certificate"; end
	if session.cert_identity_status ~= "valid" then return "its certificate is not for that domain"; end
	if other ~= from then return ("the certificate that was verified is %s's"):format(tostring(other)); end
end

return M;
