-- Who goes on with a session whose connection broke (XEP-0198). Prosody finds it by the name of its owner and its id, so a page brings that
-- id with its login already, as `previd`, to be given the name.

local st = require "util.stanza";
local uuid = require "util.uuid".generate;

local M = {};

-- Whether both sessions are of one whom the tokens name. Where they name nobody, it has to be the same token; or none, and none.
local function is_same_holder(one, other)
	if one.skotos_person or other.skotos_person then return one.skotos_person == other.skotos_person; end
	return one.auth_token == other.auth_token;
end

local function with_id(sessions, id, host)
	for _, session in pairs(sessions) do
		if session.resumption_token == id and session.host == host then return session; end
	end
end

-- The name of the session on `host` with the id session.previd, if `session`, whose token has been checked, may go on with it; nil where it
-- is to have a name of its own. It is lent: who does not go on with that session does not keep its name.
function M.lend_name(session, host)
	local id = session.previd;
	local old = id and id ~= "" and with_id(prosody.full_sessions, id, host);
	session.skotos_lent_name = old and is_same_holder(old, session) and old.username or nil;
	return session.skotos_lent_name;
end

-- Two sessions of one name would have what a room gives to the bare JID, each what the other's token says, and as long as either lives.
local function binds(event)
	local session = event.session;
	if session.skotos_lent_name and session.username == session.skotos_lent_name then session.username = uuid(); end
	session.skotos_lent_name = nil;
end

-- Names come from other modules too (pre-jitsi-authentication), which may be another's.
local function resumes(session, stanza)
	local own = prosody.bare_sessions[("%s@%s"):format(session.username, session.host)];
	local old = own and with_id(own.sessions, stanza.attr.previd, session.host);
	if not old or is_same_holder(old, session) then return; end
	session.send(st.stanza("failed", { xmlns = stanza.attr.xmlns })
		:tag("item-not-found", { xmlns = "urn:ietf:params:xml:ns:xmpp-stanzas" }));
	return true;
end

-- `module`: the login of its host.
function M.hook(module)
	module:hook("pre-resource-bind", binds, 100);
	for version = 2, 3 do module:hook_tag("urn:xmpp:sm:" .. version, "resume", resumes, 100); end
end

return M;
