-- prosodyctl mod_skotos_bridge mint: a token as the game would have got it, and the address to open.

local hosts = module:require "skotos_bridge/ctl/hosts";
local json = require "util.json";
local urlencode = require "util.http".urlencode;

local M = {
	summary = "a token for a room, and the address to open";
	usage = "--room ROOM --name NAME [--moderator] [--for SECONDS] [--game GAME] [--url BASE] [--host HOST] [--json]";
	options = { room = "text", name = "text", moderator = "flag", ["for"] = "number", game = "text", url = "text" };
	help = [[
Makes a token with the secret and the options of the configuration, as a game that asks for ROOM and NAME gets it, and
prints the address that opens the room, and the token, which is the last line (prosodyctl itself may print warnings of
the configuration before; ... | tail -n 1 gives the token alone). Needs no running Prosody.
  --moderator    a moderator's token, whatever skotos_allow_moderator_tokens says: you hold the secret
  --for SECONDS  how long it is good; default skotos_token_default_validity, at most skotos_token_max_validity
  --game GAME    which of skotos_games asks; default: the first that may have the room
  --url BASE     where the Jitsi page is; default $PUBLIC_URL (as in Docker), else https://HOST
Whoever has the token has what it grants until it ends: hand it on as you would a password.]];
};

local function fail(given, text)
	if given.json then print(json.encode { error = text }); else io.stderr:write(text, "\n"); end
	return 2;
end

-- The reply of `game` to the request for this token.
local function asked(bridge, game, given)
	local settings = {};
	for k, v in pairs(game.issuer) do settings[k] = v; end
	settings.allow_moderator_tokens, settings.any_member = true, true;
	local issuer, err = bridge.issuer(settings);
	if not issuer then return nil, err; end
	local request = { cmd = "jwt_token", displayName = given.name, channel = given.room, moderator = given.moderator or false, validFor = given["for"], seq = 1 };
	local reply = json.decode((issuer:reply(json.encode(request), os.time(), 0):gsub("[%z\n]+$", "")));
	if type(reply) ~= "table" then return nil, "the token does not fit a reply"; end
	if not reply.success then return nil, reply.message; end
	return reply.token;
end

local function page(given, host)
	local base = given.url or os.getenv("PUBLIC_URL") or "https://" .. host;
	local tenant, room = given.room:match("^%[(.-)%](.+)$");
	local path = tenant and urlencode(tenant) .. "/" .. urlencode(room) or urlencode(given.room);
	return (base:gsub("/+$", "")) .. "/" .. path;
end

function M.run(given)
	if not given.room or not given.name then return fail(given, "--room and --name are wanted (--help tells more)"); end
	local ok, bridge = pcall(require, "skotos_bridge");
	if not ok then return fail(given, "the C module skotos_bridge.so does not load; see: prosodyctl mod_skotos_bridge check"); end
	local found, err = hosts.find(given.host);
	if not found then return fail(given, err); end
	local host = found[1];
	if #found > 1 then return fail(given, "there are several hosts with the bridge; name one with --host"); end
	if not host.options then return fail(given, ("%s: %s"):format(host.host, host.err)); end
	local why = given.game and ("there is no game %q"):format(given.game) or "tokens are checked with a public key here: whoever has the private key makes them";
	for _, game in ipairs(host.options.own and { host.options.own } or host.options.games) do
		if given.game == nil or given.game == game.name then
			local token, refusal = asked(bridge, game, given);
			if token then
				local url = page(given, host.host) .. "?jwt=" .. token;
				if given.json then
					local name = game.name ~= "" and game.name or nil;
					print(json.encode { token = token, url = url, game = name, room = given.room, name = given.name, moderator = given.moderator or false });
				else
					print(url .. "\n\n" .. token);
				end
				return 0;
			end
			why = game.name ~= "" and ("game %s: %s"):format(game.name, refusal) or refusal;
		end
	end
	return fail(given, why);
end

return M;
