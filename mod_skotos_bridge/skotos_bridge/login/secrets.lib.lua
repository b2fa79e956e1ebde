-- The secrets that sign and check tokens, from app_secret or from a file that only Prosody may read. No text that this file gives holds a byte
-- of one.

local lfs = require "lfs";
local pposix = require "util.pposix";

local defaults = module:require "skotos_bridge/admin/defaults";
local secret_text = module:require "skotos_bridge/admin/secret_text";

local M = {};

local LARGEST_FILE = 65536; -- bytes
M.HASH = { HS256 = 32, HS384 = 48, HS512 = 64 }; -- bytes; a shorter secret is a warning (RFC 7518, 3.2: as long as the hash)

-- A path as one word of a shell command.
local function quoted(path)
	return "'" .. path:gsub("'", [['\'']]) .. "'";
end

-- Whether only the user `uid`, the group `gid` and root may read the file at `path`, and none but the user or root change it: true, or nil
-- and why not. It is C's to say (luaclib/host/private_file.h); where C does not load nobody logs in, and `check` has more urgent things to tell.
function M.is_private(path, uid, gid)
	local bridge = package.loaded.skotos_bridge;
	if not bridge then return true; end
	return bridge.private_file(path, uid, gid);
end

-- What the file at `path` holds, at most LARGEST_FILE bytes; nil and why it cannot be read.
function M.contents(path)
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
	local ok, reason = M.is_private(path, uid, gid);
	if not ok then
		return nil, ("skotos_secret_file = %q: %s%s"):format(path, reason,
			lfs.attributes(path, "mode") == "file" and ("; mend it with: chown prosody: %s && chmod 600 %s"):format(quoted(path), quoted(path)) or "");
	end
	local text, why = M.contents(path);
	if not text then return nil, ("skotos_secret_file = %q: %s"):format(path, why); end
	local secrets = secret_text.secrets(text);
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

-- How strong `secrets` are for `algorithm` (default: signature_algorithm's): true; or true and a line that warns; or nil and a line that refuses.
-- `allow_weak` makes the refusal a warning.
function M.strength(secrets, allow_weak, algorithm)
	local shortest, enough = math.huge, M.HASH[algorithm or defaults.signature_algorithm] or M.HASH.HS256;
	for _, secret in ipairs(secrets) do shortest = math.min(shortest, #secret); end
	if shortest >= enough then return true; end
	local line = ("a secret in app_secret or skotos_secret_file has %d bytes; %d or more are wanted%s (openssl rand -hex %d makes one)")
		:format(shortest, enough, enough > M.HASH.HS256 and " with " .. algorithm or "", enough);
	if shortest < secret_text.LEAST and not allow_weak then
		return nil, line .. "; under " .. secret_text.LEAST .. " only with skotos_allow_weak_secret = true";
	end
	return true, line;
end

-- The algorithm of the tokens of `module`'s host.
function M.algorithm(module)
	return module:get_option_string("signature_algorithm", defaults.signature_algorithm);
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
		M.algorithm(module));
	if not ok then return nil, line; end
	return secrets, line;
end

return M;
