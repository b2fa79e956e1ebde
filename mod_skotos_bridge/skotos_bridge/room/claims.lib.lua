-- What a session's token says, once it is checked.

local verified = module:require "skotos_bridge/login/verified";

local M = {};

local how; -- what attach was given

-- The verified claims of a session, nil without a token; nil and the refusal when its token does not hold. Kept on the session only, and
-- only where the login of this host has checked them: expiry is asked when one logs in, not when one changes rooms.
function M.of(session)
	local token = session and session.auth_token; -- other modules have people join without a session
	if not token then return nil; end
	local verifier = how.verifier();
	local logged_in = verified.by_login(session, how.module.host);
	local kept = session.skotos_verified;
	if logged_in and kept and kept.token == token and kept.verifier == verifier then return kept.claims, kept.refusal; end
	local claims, refusal = verifier:verify(token, os.time(), { ignore_exp = logged_in });
	if logged_in then session.skotos_verified = { token = token, verifier = verifier, claims = claims, refusal = refusal }; end
	return claims, refusal;
end

-- The verified claims of whoever is on this server under a bare JID; nil when nobody is, or nobody with a token.
function M.of_bare(bare)
	for _, session in pairs(prosody.bare_sessions[bare] and prosody.bare_sessions[bare].sessions or {}) do
		local claims = M.of(session);
		if claims then return claims; end
	end
end

-- `the_how`: module, and verifier() for the verifier in force.
function M.attach(the_how) how = the_how; end

return M;
