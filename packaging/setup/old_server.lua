-- The settings of an old chat_admin_server (its chat_admin_config.json), in setup's own words.

local chat_admin_config = require "chat_admin_config";
local command = require "command";
local defaults = require "defaults";
local files = require "files";
local json = require "json";
local lua_config = require "lua_config";

local M = {};

local function is_loopback(host)
	return host == "localhost" or host == "::1" or host:find("^127%.") ~= nil;
end

-- Reads the file: { app_id =, secret =, domain =, game_host =, game_port =, at_game =, listen = { interface =, port = }, ignored = { … } };
-- domain, game_host and listen may be missing; at_game tells that the old server stood on the game's own host, so that its address says
-- nothing here; ignored are the members that mean nothing. Nil and why.
function M.read(path)
	local text, err = files.read(path);
	if not text then return nil, "--from: " .. err; end
	local old, ignored = chat_admin_config.read(json.decode(text));
	if not old then return nil, ("--from %s: %s; is it chat_admin_config.json?"):format(path, ignored); end
	local taken = {
		app_id = old.jwt.app_id, secret = old.jwt.secret, domain = old.jitsi.domain;
		game_host = old.outbound.host, game_port = old.outbound.port or defaults.skotos_port, ignored = ignored;
	};
	if old.inbound.port then taken.listen = { interface = old.inbound.host or "127.0.0.1", port = old.inbound.port }; end
	taken.at_game = taken.game_host ~= nil and is_loopback(taken.game_host);
	return taken;
end

local function shown(value)
	return type(value) == "table" and lua_config.written(value, "") or tostring(value);
end

-- What the taking over tells, a line each; never the secret. `counts`: what counts from now on, in the words of `taken`, but secret = whether
-- the old one signs.
function M.told(taken, counts)
	local lines = {};
	local function line(name, value, instead)
		if value == nil then return; end
		lines[#lines + 1] = ("  %s: %s"):format(name, command.escaped(instead and "not taken over: " .. instead or shown(value)));
	end
	line("jitsi.domain", taken.domain, counts.domain ~= taken.domain and ("skotos_domain stays %q"):format(counts.domain));
	line("jwt.app_id", taken.app_id, counts.app_id ~= taken.app_id
		and ("app_id is %q; the old one is %q (--app-id %s takes it)"):format(counts.app_id, taken.app_id, taken.app_id));
	line("jwt.secret", "(not shown)", not counts.secret and "see below");
	line("outbound", taken.game_host and ("%s, port %d"):format(taken.game_host, taken.game_port),
		counts.game_host ~= taken.game_host and ("the game is at %s"):format(counts.game_host));
	line("inbound", taken.listen);
	for _, name in ipairs(taken.ignored) do line(name, "", "it means nothing here"); end
	return lines;
end

return M;
