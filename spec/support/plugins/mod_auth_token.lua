-- A stand-in for Jitsi's own token login, for the specs: SASL ANONYMOUS for whoever brings a valid token in the query.
local formdecode = require "util.http".formdecode;
local uuid = require "util.uuid".generate;
local jwt = require "util.jwt";
local sasl = require "util.sasl";

local secret = module:get_option_string("app_secret");
local allow_empty = module:get_option_boolean("allow_empty_token", false);

local function session_begins(event)
	local query = event.request.url.query;
	local params = query and formdecode(query) or {};
	event.session.auth_token = params.token;
	event.session.jitsi_web_query_room = params.room;
end
module:hook_global("bosh-session", session_begins);
module:hook_global("websocket-session", session_begins);

sasl.registerMechanism("ANONYMOUS", { "anonymous" }, function (self)
	local ok, reason = self.profile.anonymous();
	if not ok then return "failure", "not-allowed", reason; end
	self.username = uuid();
	return "success";
end);

local provider = {};
function provider.get_sasl_handler(session)
	return sasl.new(module.host, {
		anonymous = function ()
			if not session.auth_token then return allow_empty, "token required"; end
			local ok, claims = jwt.verify(secret, session.auth_token);
			if not ok then return false, "token not valid"; end
			session.jitsi_meet_room = claims.room;
			session.jitsi_meet_context_user = claims.context and claims.context.user;
			return true;
		end;
	});
end
module:provides("auth", provider);
