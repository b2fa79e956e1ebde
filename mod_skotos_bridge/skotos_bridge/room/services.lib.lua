-- What in Jitsi's rooms is Jitsi's own: the focus, bridges, recorders and gateways, which are no people, and Jicofo's health checks, which
-- are no rooms of anybody's.

local jid = require "util.jid";

local M = { FOCUS = "focus" }; -- the nickname by which Jicofo comes, and every Jitsi page knows it

local is_admin, own_host; -- what attach was given
local prefixes = {}; -- beginnings of the JIDs of recorders and transcribers, as Jitsi's own modules are told them: byte -> list of those with it
local accounts = {}; -- host -> whether who is on it has logged in with an account's password

-- Players come by token or anonymously. Whoever has an account on another host of this server is one of Jitsi's programs.
local function has_accounts(host)
	if accounts[host] == nil then
		local authentication = host ~= own_host and module:context(host):get_option("authentication");
		accounts[host] = type(authentication) == "string" and authentication:find("^internal_") ~= nil;
	end
	return accounts[host];
end

-- Whether whoever has the bare JID is one of Jitsi's own programs, and no person.
function M.is_service(bare)
	if is_admin(bare) then return true; end
	local host = jid.host(bare);
	if not prosody.hosts[host] then return false; end -- nobody here gives names on another server
	for _, prefix in ipairs(prefixes[bare:byte()] or {}) do
		if bare:sub(1, #prefix) == prefix then return true; end
	end
	return has_accounts(host);
end

-- `muc`: the MUC component's module API.
function M.hook(muc)
	accounts = {};
	prefixes = {};
	local all = muc:get_option_inherited_set("recorder_prefixes", { "recorder@recorder.", "jibria@recorder.", "jibrib@recorder." })
		+ muc:get_option_inherited_set("transcriber_prefixes",
			{ "transcriber@recorder.", "transcribera@recorder.", "transcriberb@recorder." });
	for prefix in all:items() do
		local first = prefix:byte() or 0;
		prefixes[first] = prefixes[first] or {};
		table.insert(prefixes[first], prefix);
	end
end

-- `how`: is_admin(bare), host (the players' own).
function M.attach(how) is_admin, own_host = how.is_admin, how.host; end

return M;
