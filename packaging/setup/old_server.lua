-- The settings of an old chat_admin_server (its chat_admin_config.json), in setup's own words.

local files = require "files";
local json = require "json";
local lua_config = require "lua_config";

local M = {};

local function member(tree, object, name, kind)
	local value = type(tree[object]) == "table" and tree[object][name];
	if value ~= nil and type(value) ~= kind and kind == "number" then value = tonumber(value); end
	return type(value) == kind and value or nil;
end

local function is_loopback(host)
	return host == "localhost" or host == "::1" or host:find("^127%.") ~= nil;
end

-- Reads the file: { domain =, app_id =, secret =, game_host =, game_port =, at_game =, listen = { interface =, port = } }, all but at_game
-- may be missing; at_game tells that the old server stood on the game's own host, so that its address says nothing here. Nil and why.
function M.read(path)
	local text, err = files.read(path);
	if not text then return nil, "--from: " .. err; end
	local tree = json.decode(text);
	if type(tree) ~= "table" then return nil, ("--from %s: it is no JSON object"):format(path); end
	local taken = {
		domain = member(tree, "jitsi", "domain", "string"), app_id = member(tree, "jwt", "app_id", "string");
		secret = member(tree, "jwt", "secret", "string");
		game_host = member(tree, "outbound", "host", "string"), game_port = math.tointeger(member(tree, "outbound", "port", "number"));
	};
	local port = math.tointeger(member(tree, "inbound", "port", "number"));
	if port then taken.listen = { interface = member(tree, "inbound", "host", "string") or "127.0.0.1", port = port }; end
	if next(taken) == nil then return nil, ("--from %s: it has none of jitsi, jwt, outbound, inbound; is it chat_admin_config.json?"):format(path); end
	taken.at_game = taken.game_host ~= nil and is_loopback(taken.game_host);
	return taken;
end

-- What the taking over tells, a line each; never the secret. `secret_taken`: it is the one that signs from now on.
function M.told(taken, secret_taken)
	local lines = {};
	local function line(name, value)
		if value ~= nil then lines[#lines + 1] = ("  %s: %s"):format(name, type(value) == "table" and lua_config.written(value, "") or tostring(value)); end
	end
	line("jitsi.domain", taken.domain);
	line("jwt.app_id", taken.app_id);
	line("jwt.secret", taken.secret and (secret_taken and "(not shown)" or "not taken over: see below") or nil);
	line("outbound", taken.game_host and ("%s, port %s"):format(taken.game_host, taken.game_port or 11091) or nil);
	line("inbound", taken.listen);
	return lines;
end

return M;
