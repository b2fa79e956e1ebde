-- One login with a token from the query of BOSH or WebSocket: the check, Jitsi's session fields and its global events. Knows no SASL.

local query_lib = module:require "skotos_bridge/login/query";
local verified = module:require "skotos_bridge/login/verified";
local person = module:require "skotos_bridge/login/person";
local refusal = module:require "skotos_bridge/login/refusal";
local resumption = module:require "skotos_bridge/login/resumption";

local M = {};

local region_header; -- option region_header_name

-- What the request brings, unchecked, onto the session: as Jitsi's mod_auth_token and mod_jitsi_session name it.
function M.read_request(event)
	local session, query, headers = event.session, event.request.url.query, event.request.headers or {};
	region_header = region_header or module:get_option_string("region_header_name", "x_proxy_region");
	session.user_region, session.user_agent_header = headers[region_header], headers.user_agent;
	session.auth_token = type(headers.authorization) == "string" and headers.authorization:match("^[Bb]earer +(%S+)$") or nil;
	if not query then return; end
	local params = query_lib.parameters(query);
	session.auth_token = params.token or session.auth_token;
	session.previd = params.previd;
	session.customusername = params.customusername;
	session.jitsi_web_query_room = params.room;
	session.jitsi_web_query_prefix = params.prefix or "";
	session.jitsi_bosh_query_room = session.jitsi_web_query_room;
	session.jitsi_bosh_query_prefix = session.jitsi_web_query_prefix;
end

local function given(value, bridge)
	if value ~= nil and value ~= bridge.null then return value; end
end

-- What verified claims say, where Jitsi's other modules look for it.
local function fill(session, claims, bridge)
	session.jitsi_meet_room = given(claims.room, bridge);
	session.jitsi_meet_domain = given(claims.sub, bridge);
	session.jitsi_meet_auth_issuer = given(claims.iss, bridge);
	local context = given(claims.context, bridge);
	if context == nil and given(claims.user_id, bridge) then session.jitsi_meet_context_user = { id = claims.user_id }; end
	if type(context) ~= "table" then return; end
	session.jitsi_meet_str_tenant = given(context.tenant, bridge);
	session.jitsi_meet_context_user = given(context.user, bridge);
	-- The old server's tokens: others index it.
	if type(context.user) == "string" then session.jitsi_meet_context_user = { name = context.user }; end
	session.jitsi_meet_context_group = given(context.group, bridge);
	session.jitsi_meet_context_features = given(context.features, bridge);
	session.jitsi_meet_context_room = given(context.room, bridge);
end

-- What a login has put on a session, which goes on with it when it is resumed by another connection (Jitsi's mod_auth_token does so too).
local CARRIED = {
	"auth_token", "skotos_login", "skotos_fingerprint", "skotos_person", "jitsi_meet_room", "jitsi_meet_domain";
	"jitsi_meet_auth_issuer", "jitsi_meet_str_tenant";
	"jitsi_meet_tenant_mismatch", "jitsi_meet_context_user", "jitsi_meet_context_group", "jitsi_meet_context_features", "jitsi_meet_context_room";
};

-- The session `old` goes on with what the login of `new` has verified.
function M.carry(old, new)
	for _, name in ipairs(CARRIED) do old[name] = new[name]; end
end

-- Checks the session's token at `now`. One whose time is over is good while it is in use here, up to `how.pardon` seconds after its exp,
-- however often it comes back. Gives the claims and the token's fingerprint; nil and a refusal as the verifier's.
local function verify(how, session, now)
	local fingerprint = how.bridge.fingerprint(session.auth_token);
	local claims, why = how.verifier:verify(session.auth_token, now);
	if not claims and why.code == "expired" and (how.grace:allows(fingerprint, now) or how.known_elsewhere(fingerprint, now)) then
		claims, why = how.verifier:verify(session.auth_token, now, { pardon = how.pardon });
		if claims then session.log("debug", "The token has expired, but it was in use here"); end
	end
	return claims, claims and fingerprint or why;
end

-- The same connection may try again, and be let in without a token: nothing of the one that was refused goes with it.
local function refused(session, journal, kind, why)
	for _, name in ipairs(CARRIED) do session[name] = nil; end
	return refusal.tell(journal, session.ip, kind, why or refusal.OURS[kind]);
end

-- Has Jitsi's global event `name` judge the session; gives the refusal when a handler says no.
local function judged(session, journal, name)
	local verdict = prosody.events.fire_event(name, session);
	if type(verdict) == "table" and verdict.res == false then
		local text = ("%s: %s"):format(name, tostring(verdict.reason));
		return refused(session, journal, name, { condition = verdict.error or "not-allowed", text = text, client = verdict.reason });
	end
end

-- Judges one login. `how` = { module =, bridge =, journal =, verifier =, grace =, allow_empty =, pardon =, token_used =, known_elsewhere =,
-- count = function (outcome) } (mod_auth_skotos_bridge.lua). Gives true and the username, which is nil where a new one is to be made; or
-- nil and { condition =, text = } for the client, the reason being in the log already.
function M.judge(how, session, now)
	local module, journal = how.module, how.journal;
	local no = judged(session, journal, "pre-jitsi-authentication-fetch-key");
	if no then return nil, no; end
	if session.auth_token == nil then
		how.count("none");
		if not how.allow_empty then return nil, refused(session, journal, "none"); end
	else
		local claims, fingerprint = verify(how, session, now);
		how.count(claims and "ok" or fingerprint.code);
		if not claims then
			local why = fingerprint;
			return nil, refused(session, journal, why.code, why);
		end
		fill(session, claims, how.bridge);
		verified.mark(session, module.host);
		if session.contextRequired and given(claims.context, how.bridge) == nil then
			return nil, refused(session, journal, "context");
		end
		session.skotos_fingerprint, session.skotos_person = fingerprint, person.id_of(claims);
		prosody.events.fire_event("jitsi-authentication-token-verified", { session = session, claims = claims });
	end
	if prosody.events.fire_event("jitsi-access-ban-check", session) == false then
		return nil, refused(session, journal, "banned");
	end
	local username = prosody.events.fire_event("pre-jitsi-authentication", session) or resumption.lend_name(session, module.host);
	no = judged(session, journal, "post-jitsi-authentication");
	if no then return nil, no; end
	if session.skotos_fingerprint then how.token_used("logged_in", session.skotos_fingerprint, now); end
	return true, username;
end

return M;
