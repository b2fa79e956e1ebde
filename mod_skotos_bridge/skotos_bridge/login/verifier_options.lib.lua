-- The options of the check of a token: which are let in, and by which key.

local datetime = require "util.datetime";

local option = module:require "skotos_bridge/admin/option";
local secrets_lib = module:require "skotos_bridge/login/secrets";

local M = {};

local FAR = 1 << 53; -- seconds: beyond any time
local KEYED = { RS256 = true, RS384 = true, RS512 = true, ES256 = true, ES384 = true, ES512 = true };

-- Options by which Jitsi's login would fetch keys, which this module does not: nil, or a line that warns.
function M.fetched_keys(module)
	for _, name in ipairs { "asap_key_server", "cache_keys_url" } do
		if module:get_option(name) ~= nil then
			return ("%s is set, and passed over: this module fetches no keys; it checks tokens with %s only"):format(name,
				M.is_keyed(module) and "skotos_public_key" or "app_secret or skotos_secret_file");
		end
	end
end

-- The key of RS* and ES*: skotos_public_key, or what Jitsi's login would take, app_secret.
local function public_key(module)
	local value, secret = module:get_option("skotos_public_key"), module:get_option("app_secret");
	if value == nil and type(secret) == "string" and secret:find("-----BEGIN PUBLIC KEY", 1, true) then return secret; end
	if type(value) ~= "string" or value == "" then return nil, "skotos_public_key: a PEM public key, or the path of a file with one, is wanted"; end
	if value:find("-----BEGIN", 1, true) then return value; end
	local text, err = secrets_lib.contents(value);
	if not text then return nil, ("skotos_public_key: %s"):format(err); end
	if not text:find("-----BEGIN", 1, true) then return nil, ("skotos_public_key = %q: the file holds no PEM"):format(value); end
	return text;
end

local function list(module, name, default)
	local items = {};
	for _, item in ipairs(module:get_option_array(name, default)) do
		if type(item) ~= "string" then return nil, name .. ": a list of strings is wanted"; end
		items[#items + 1] = item;
	end
	return items;
end

-- Tokens without `exp` that were issued (`iat`) before skotos_old_tokens_before (seconds since 1970) are good until skotos_old_tokens_until (a
-- day, "YYYY-MM-DD", to its end in UTC; or seconds since 1970): both times, 0 and 0 without the options; nil and a line when one is wrong.
function M.old_tokens(module)
	local before, until_time = module:get_option("skotos_old_tokens_before"), module:get_option("skotos_old_tokens_until");
	if before == nil and until_time == nil then return 0, 0; end
	if before == nil or until_time == nil then return nil, "skotos_old_tokens_before and skotos_old_tokens_until: both are wanted, or neither"; end
	local from = math.tointeger(tonumber(before));
	if not from or from < 0 or from > FAR then
		return nil, ("skotos_old_tokens_before = %s: a time in seconds since 1970 is wanted"):format(tostring(before));
	end
	local ends = math.tointeger(tonumber(until_time));
	local date = type(until_time) == "string" and until_time:match "^%d%d%d%d%-%d%d%-%d%d$" and datetime.parse(until_time .. "T00:00:00Z");
	if date and os.date("!%Y-%m-%d", date) == until_time then ends = math.tointeger(date) + 86400; end
	if not ends or ends < 0 or ends > FAR then
		return nil, ('skotos_old_tokens_until = %s: a day, "YYYY-MM-DD", or a time in seconds since 1970 is wanted'):format(tostring(until_time));
	end
	return from, ends;
end

-- What the log says of old tokens at `now`, by read's result; nil where there are none.
function M.old_tokens_note(options, now)
	if options.old_until == 0 then return nil; end
	local function day(time) return os.date("!%Y-%m-%d %H:%M UTC", time); end
	if now >= options.old_until then
		return ("tokens without exp are refused since %s; take out skotos_old_tokens_before and skotos_old_tokens_until"):format(day(options.old_until));
	end
	return ("tokens without exp that were issued before %s are good until %s"):format(day(options.old_before), day(options.old_until));
end

-- What bridge.verifier takes, from the options of `module`'s host: tokens issued by `app_id` (unless asap_accepted_issuers has others, as in
-- Jitsi's login) and signed with `secrets` (nil with RS* and ES*) for `domain` (unless enable_domain_verification is false). Nil and a line
-- when an option is wrong.
function M.read(module, app_id, secrets, domain)
	local algorithm = secrets_lib.algorithm(module);
	if not secrets_lib.HASH[algorithm] and not KEYED[algorithm] then
		return nil, ("signature_algorithm = %q: HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384 or ES512 is wanted"):format(algorithm);
	end
	local leeway, leeway_err = option.read(function (name) return module:get_option(name); end, "skotos_leeway", option.integer(0, 300));
	if not leeway then return nil, leeway_err; end
	local issuers, err = list(module, "asap_accepted_issuers", { app_id });
	if not issuers then return nil, err; end
	local audiences, audiences_err = list(module, "asap_accepted_audiences", { "*" });
	if not audiences then return nil, audiences_err; end
	local verifies_domain = module:get_option_boolean("enable_domain_verification", true);
	local old_before, old_until = M.old_tokens(module);
	if not old_before then return nil, old_until; end
	local options = {
		old_before = old_before, old_until = old_until;
		algorithm = algorithm, issuers = issuers, audiences = audiences, leeway = leeway;
		require_room = module:get_option_boolean("asap_require_room_claim", true);
		domain = verifies_domain and domain or nil, tenants = verifies_domain;
	};
	if secrets_lib.HASH[algorithm] then
		options.secrets = secrets;
	else
		options.public_key, err = public_key(module);
		if not options.public_key then return nil, err; end
	end
	return options;
end

-- Whether tokens are checked with a public key, so that no secret is needed for it.
function M.is_keyed(module)
	return KEYED[secrets_lib.algorithm(module)] == true;
end

return M;
