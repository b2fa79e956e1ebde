-- A login that is refused: the line in the log with the reason, and what the client is told.

local M = {};

-- The bridge's own, by kind: the condition (RFC 6120 section 8.3.3), the reason for the log, the text for the client. The check of a token
-- brings its own (luaclib/core/token/verdict.h), and so do Jitsi's modules that judge a login.
M.OURS = {
	none = { condition = "not-allowed", text = "it brings no token", client = "token required" };
	context = { condition = "not-allowed", text = "claim context: nothing came", client = "jwt missing required context claim" };
	banned = { condition = "not-allowed", text = "jitsi-access-ban-check: the user is banned", client = "user is banned" };
};

-- Says in `journal` why (as in OURS) the login from the address `ip` (nil: it is not known) is refused; those of one `kind` are told together
-- when they come in numbers. Gives what the client gets, { condition =, text = }.
function M.tell(journal, ip, kind, why)
	journal:fault("login " .. kind, "warn", ("Login from %s refused: %s"):format(ip or "an unknown address", why.text));
	return { condition = why.condition, text = why.client };
end

return M;
