-- The secrets that sign and check tokens, and the other options of the check. Secrets come from app_secret or from a file that only
-- Prosody may read; no text that this file gives holds a byte of one.

local datetime = require "util.datetime";
local lfs = require "lfs";
local pposix = require "util.pposix";

local M = {};

local LEAST = 16; -- bytes; a shorter secret is an error
local LARGEST_FILE = 65536; -- bytes
local FAR = 1 << 53; -- seconds: beyond any time
local HASH = { HS256 = 32, HS384 = 48, HS512 = 64 }; -- bytes; a shorter secret is a warning (RFC 7518, 3.2: as long as the hash)
local KEYED = { RS256 = true, RS384 = true, RS512 = true, ES256 = true, ES384 = true, ES512 = true };

-- A path as one word of a shell command.
local function quoted(path)
	return "'" .. path:gsub("'", [['\'']]) .. "'";
end

-- Whether the rights that `attributes` (lfs) tells keep a file with a secret to the user `uid` with the group `gid`: owned by that
-- user or by root, written by the owner alone, read by nobody else but Prosody's own group. Takes no bytes of the file.
function M.is_private(attributes, uid, gid)
	local rights = attributes.permissions;
	if attributes.uid ~= uid and attributes.uid ~= 0 then return false; end
	if rights:sub(7, 9) ~= "---" or rights:sub(5, 6) ~= "--" then return false; end
	return rights:sub(4, 4) == "-" or attributes.gid == gid;
end

local function contents(path)
	local file, err = io.open(path, "rb");
	if not file then return nil, err; end
	local text = file:read(LARGEST_FILE + 1) or "";
	file:close();
	if #text > LARGEST_FILE then return nil, "it is longer than " .. LARGEST_FILE .. " bytes"; end
	return text;
end

-- The user and group by whom Prosody runs: ours, but for root (prosodyctl --root), who looks on behalf of whoever owns Prosody's data.
function M.owner()
	local data = pposix.getuid() == 0 and lfs.attributes(prosody.paths.data or "");
	if data then return data.uid, data.gid; end
	return pposix.getuid(), pposix.getgid();
end

-- The secrets in the file at `path`: one a line, the first signs; white space around a line is not part of it. Nil and the line for
-- the administrator's log when it cannot be read, is empty, or can be read by others.
function M.from_file(path, uid, gid)
	local attributes, err = lfs.attributes(path);
	if not attributes then return nil, ("skotos_secret_file: %s"):format(err); end
	if attributes.mode ~= "file" then return nil, ("skotos_secret_file = %q: a file is wanted, it is a %s"):format(path, attributes.mode); end
	if not M.is_private(attributes, uid, gid) then
		return nil, ("skotos_secret_file = %q: others than Prosody may read or change it (%s); mend it with: chown prosody: %s && chmod 600 %s")
			:format(path, attributes.permissions, quoted(path), quoted(path));
	end
	local text, why = contents(path);
	if not text then return nil, ("skotos_secret_file = %q: %s"):format(path, why); end
	local secrets = {};
	for line in text:gmatch("[^\r\n]+") do
		line = line:match("^%s*(.-)%s*$");
		if line ~= "" then secrets[#secrets + 1] = line; end
	end
	if #secrets == 0 then return nil, ("skotos_secret_file = %q: it is empty; a secret a line is wanted"):format(path); end
	return secrets;
end

local function from_option(value)
	if type(value) == "string" then value = { value }; end
	if type(value) ~= "table" or #value == 0 then return nil, "app_secret: a string or a list of strings is wanted"; end
	local secrets = {};
	for i, secret in ipairs(value) do
		if type(secret) ~= "string" or secret == "" then return nil, "app_secret: a string or a list of strings is wanted"; end
		secrets[i] = secret;
	end
	return secrets;
end

-- How strong `secrets` are for `algorithm` (default HS256): true; or true and a line that warns; or nil and a line that refuses.
-- `allow_weak` makes the refusal a warning.
function M.strength(secrets, allow_weak, algorithm)
	local shortest, enough = math.huge, HASH[algorithm or "HS256"] or HASH.HS256;
	for _, secret in ipairs(secrets) do shortest = math.min(shortest, #secret); end
	if shortest >= enough then return true; end
	local line = ("a secret in app_secret or skotos_secret_file has %d bytes; %d or more are wanted%s (openssl rand -hex %d makes one)")
		:format(shortest, enough, enough > HASH.HS256 and " with " .. algorithm or "", enough);
	if shortest < LEAST and not allow_weak then
		return nil, line .. "; under " .. LEAST .. " only with skotos_allow_weak_secret = true";
	end
	return true, line;
end

-- The secrets of `module`'s host, the first signs: a list of strings. Second result nil or a line that warns. Or nil and the line that
-- says what is wrong.
function M.read(module)
	local value, path = module:get_option("app_secret") or nil, module:get_option_string("skotos_secret_file"); -- false: none here
	local secrets, err;
	if value ~= nil and path then return nil, "app_secret and skotos_secret_file are both set; take one out"; end
	if path then
		secrets, err = M.from_file(path, M.owner());
	elseif value ~= nil then
		secrets, err = from_option(value);
	else
		err = "app_secret is missing: the secret that signs the tokens, a string or a list of strings; or set skotos_secret_file";
	end
	if not secrets then return nil, err; end
	local ok, line = M.strength(secrets, module:get_option_boolean("skotos_allow_weak_secret", false),
		module:get_option_string("signature_algorithm"));
	if not ok then return nil, line; end
	return secrets, line;
end

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
	local text, err = contents(value);
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

-- What the log says of old tokens at `now`, by checker_options' result; nil where there are none.
function M.old_tokens_note(options, now)
	if options.old_until == 0 then return nil; end
	local function day(time) return os.date("!%Y-%m-%d %H:%M UTC", time); end
	if now >= options.old_until then
		return ("tokens without exp are refused since %s; take out skotos_old_tokens_before and skotos_old_tokens_until"):format(day(options.old_until));
	end
	return ("tokens without exp that were issued before %s are good until %s"):format(day(options.old_before), day(options.old_until));
end

-- What bridge.checker takes, from the options of `module`'s host: tokens issued by `app_id` (unless asap_accepted_issuers has others, as in
-- Jitsi's login) and signed with `secrets` (nil with RS* and ES*) for `domain` (unless enable_domain_verification is false). Nil and a line
-- when an option is wrong.
function M.checker_options(module, app_id, secrets, domain)
	local algorithm = module:get_option_string("signature_algorithm", "HS256");
	if not HASH[algorithm] and not KEYED[algorithm] then
		return nil, ("signature_algorithm = %q: HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384 or ES512 is wanted"):format(algorithm);
	end
	local leeway = math.tointeger(tonumber(module:get_option("skotos_leeway", 10)));
	if not leeway or leeway < 0 or leeway > 300 then
		return nil, ("skotos_leeway = %s: a whole number from 0 to 300 is wanted"):format(tostring(module:get_option("skotos_leeway")));
	end
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
	if HASH[algorithm] then
		options.secrets = secrets;
	else
		options.public_key, err = public_key(module);
		if not options.public_key then return nil, err; end
	end
	return options;
end

-- Whether tokens are checked with a public key, so that no secret is needed for it.
function M.is_keyed(module)
	return KEYED[module:get_option_string("signature_algorithm", "HS256")] == true;
end

return M;
