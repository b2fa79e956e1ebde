-- authentication = "skotos_bridge": SASL ANONYMOUS (RFC 4505) for whoever brings a valid token in the query of BOSH or WebSocket, in the
-- place of Jitsi's authentication = "token". Works with and without mod_skotos_bridge on the host.

local sasl = require "util.sasl";
local uuid = require "util.uuid".generate;

local ok, bridge = pcall(require, "skotos_bridge");
if not ok then
	error("the C module skotos_bridge.so is not found or does not load; is it in Lua's C path? " .. tostring(bridge):match("^[^\n]*"), 0);
end

module:require "skotos_bridge/admin/once";
local timers = module:require "skotos_bridge/admin/timers";
local grace_lib = module:require "skotos_bridge/login/tokens_in_use";
local kept_tokens = module:require "skotos_bridge/login/kept_tokens";
local login = module:require "skotos_bridge/login/login";
local resumption = module:require "skotos_bridge/login/resumption";
local journal = module:require "skotos_bridge/admin/journal".new(module);
local option = module:require "skotos_bridge/admin/option";
local secrets_lib = module:require "skotos_bridge/login/secrets";
local verifier_options = module:require "skotos_bridge/login/verifier_options";
local enabled = module:require "skotos_bridge/login/enabled";
local modulemanager = require "core.modulemanager";

local how; -- what login.judge takes
local outcomes = module:shared(("/%s/skotos_bridge/logins"):format(module.host)); -- outcome of a token's check -> logins, for status and metrics

-- Reads the options; nil and one line for the administrator when one is wrong.
local function prepare()
	local app_id = module:get_option("app_id");
	if type(app_id) ~= "string" or app_id == "" then return nil, "app_id is missing: the name that the tokens are issued by, a string"; end
	local secrets, note;
	if not verifier_options.is_keyed(module) then
		secrets, note = secrets_lib.read(module);
		if not secrets then return nil, note; end
	end
	local options, err = verifier_options.read(module, app_id, secrets, module:get_option_string("skotos_domain", module.host));
	if not options then return nil, err; end
	local function raw(name) return module:get_option(name); end
	local seconds, seconds_err = option.read(raw, "skotos_reconnect_grace");
	if not seconds then return nil, seconds_err; end
	local most, most_err = option.read(raw, "skotos_token_max_validity");
	if not most then return nil, most_err; end
	local verifier, why = bridge.verifier(options);
	if not verifier then return nil, why; end
	-- Said once: by mod_skotos_bridge where it is loaded.
	if not enabled.has(module) then
		for _, line in ipairs { note or false, verifier_options.fetched_keys(module) } do
			if line then journal:event("warn", line); end
		end
	end
	return {
		verifier = verifier, seconds = seconds, pardon = most, old = verifier_options.old_tokens_note(options, os.time());
		allow_empty = module:get_option_boolean("allow_empty_token", false);
	};
end

local function apply(settings)
	how.verifier, how.allow_empty, how.pardon, how.grace.seconds = settings.verifier, settings.allow_empty, settings.pardon, settings.seconds;
	if settings.old then journal:event("info", settings.old); end
end

local function config_reloaded()
	local settings, err = prepare();
	if not settings then
		journal:event("error", ("%s; the settings from before stay in force"):format(err));
		return;
	end
	apply(settings);
end

-- A handler of its own and no other function for the mechanism, since util.sasl's mechanisms are shared with all other hosts, and its
-- ANONYMOUS asks again and again when it is refused.
local function new_handler(session)
	local handler = sasl.new(module.host, { anonymous = function () return true; end });
	function handler:process()
		local allowed, result = login.judge(how, session, os.time());
		if not allowed then return "failure", result.condition, result.text; end
		self.username = result or uuid();
		return "success";
	end
	function handler.clean_clone() return new_handler(session); end
	return handler;
end

local provider = { get_sasl_handler = new_handler };

-- Nobody has an account here.
local function none() return nil, "there are no accounts, only tokens"; end
for _, name in ipairs { "test_password", "get_password", "set_password", "user_exists", "create_user", "delete_user" } do
	provider[name] = none;
end

-- `what` (a method of the grace) happens to the token; other shards may want to know.
local function token_used(what, fingerprint, now)
	local last, live = how.grace[what](how.grace, fingerprint, now);
	kept_tokens.used(fingerprint);
	module:fire_event("skotos-token-used", { fingerprint = fingerprint, last = last, live = live });
end

local function known_elsewhere(fingerprint, now)
	return module:fire_event("skotos-token-known", { fingerprint = fingerprint, now = now }) == true;
end

-- For other shards: all that were used within the grace.
local function tokens_in_use()
	local list, now = {}, os.time();
	for _, item in ipairs(how.grace:save()) do
		if how.grace:allows(item[1], now) then list[#list + 1] = item; end
	end
	return list;
end

-- As Jitsi's mod_auth_token tells its other modules.
local function session_unbinds(event)
	prosody.events.fire_event("jitsi-pre-session-unbind", { jid = event.session.full_jid, session = event.session, error = event.error });
end

local function session_begins(event)
	local fingerprint = event.session.skotos_fingerprint;
	if fingerprint then token_used("session_begins", fingerprint, os.time()); end
end

local function session_ends(event)
	local fingerprint = event.session.skotos_fingerprint;
	if fingerprint then token_used("session_ends", fingerprint, os.time()); end
end

-- XEP-0198: the session `old` goes on, on what the new one logged in with.
local function goes_on(old, new)
	if old.host ~= module.host or not new.skotos_fingerprint or new.skotos_fingerprint == old.skotos_fingerprint then return; end
	session_ends { session = old };
	login.carry(old, new);
	session_begins { session = old };
end

-- Prosody 13.0 has emptied the new session when this comes, and tells of it before, by c2s-session-updated, which 0.12 does not know.
local function session_resumed(event) goes_on(event.resumed, event.origin); end
local function session_updated(event) goes_on(event.session, event.from_session); end

function module.load()
	local settings, err = prepare();
	if not settings then error(err, 0); end
	how = {
		module = module, bridge = bridge, journal = journal, grace = grace_lib.new(settings.seconds);
		count = function (outcome) outcomes[outcome] = (outcomes[outcome] or 0) + 1; end;
		token_used = token_used, known_elsewhere = known_elsewhere;
	};
	apply(settings);
	kept_tokens.attach(how.grace, module, journal);
	module:hook_global("bosh-session", login.read_request);
	module:hook_global("websocket-session", login.read_request);
	module:hook_global("config-reloaded", config_reloaded);
	module:hook("skotos-tokens-in-use", tokens_in_use);
	module:hook("pre-resource-unbind", session_unbinds, 11);
	module:hook("resource-bind", session_begins);
	module:hook("resource-unbind", session_ends);
	module:hook("smacks-hibernation-end", session_resumed);
	module:hook_global("c2s-session-updated", session_updated);
	resumption.hook(module);
	module:provides("auth", provider);
	if enabled.by_login(module) then modulemanager.load(module.host, "skotos_bridge"); end -- what is wrong with it stands in the log; logins go on
end

function module.unload()
	kept_tokens.detach();
	journal:close();
	timers.stop();
end

function module.save()
	return { grace = how.grace:save() };
end

function module.restore(saved)
	how.grace:restore(saved.grace);
end
