-- Reads every option once and checks it. What is wrong is one line: the option, what came, what is wanted; never a secret's value.

local configmanager = require "core.configmanager";
local nameprep = require "util.encodings".stringprep.nameprep;

local option = module:require "skotos_bridge/admin/option";
local secrets_lib = module:require "skotos_bridge/login/secrets";
local verifier_options = module:require "skotos_bridge/login/verifier_options";
local tls_option = module:require "skotos_bridge/game/tls_option";
local listener = module:require "skotos_bridge/game/listener";
local health = module:require "skotos_bridge/admin/health";

local M = {};

local shown, integer, boolean, text, one_of, list_of = option.shown, option.integer, option.boolean, option.text, option.one_of, option.list_of;

local function reply_size(value)
	value = tonumber(value);
	if value == 0 or (math.type(value) == "integer" and value >= 1024 and value <= 65536) then return value; end
	return nil, "0 or a whole number from 1024 to 65536";
end

local function seconds(value)
	value = tonumber(value);
	if value and value >= 0 and value <= 60 then return value; end
	return nil, "0 to 60 seconds";
end

-- A list of names that are in the C module's list `names`. Without the C module, which check tells of by itself, any will do.
local function list_of_names(names, more)
	return function (value)
		local ok, bridge = pcall(require, "skotos_bridge");
		if not ok then return list_of("names")(value); end
		local known = {};
		for _, name in ipairs(bridge[names]) do known[name] = true; end
		return list_of(table.concat(bridge[names], ", ") .. more, known)(value);
	end
end

local function command_names(value)
	if type(value) == "boolean" then return value; end
	return list_of_names("commands", ", or true for all,")(value);
end

local function domain(value)
	local prepared = type(value) == "string" and nameprep(value);
	if prepared and prepared ~= "" and not prepared:find("[@/%s]") then return prepared; end
	return nil, "an XMPP domain";
end

local function domains(value)
	local list = {};
	if type(value) ~= "table" then value = { value }; end
	for i, item in ipairs(value) do
		list[i] = domain(item);
		if not list[i] then return nil, "a list of XMPP domains"; end
	end
	if #list == 0 then return nil, "a list of XMPP domains"; end
	return list;
end

-- name -> check, which gives the value, or nil and what is wanted.
local game_options = {
	skotos_host = text;
	skotos_port = integer(1, 65535);
	skotos_tls = tls_option.check;
	skotos_allow_plaintext = boolean;
	skotos_reply_size = reply_size;
	skotos_reply_interval = seconds;
	skotos_token_default_validity = integer(1, 2147483647);
	skotos_token_max_validity = option.checks.skotos_token_max_validity;
	skotos_token_session_validity = integer(0, 604800);
	skotos_allow_moderator_tokens = boolean;
	skotos_moderators = list_of("display names");
	skotos_request_members = list_of_names("request_members", "");
	skotos_allow_wildcard_room = boolean;
	skotos_commands = command_names;
	skotos_max_frame = integer(256, 16777216);
};

local host_options = {
	skotos_domain = text;
	skotos_listen = listener.check;
	skotos_moderators_may_grant = boolean;
	skotos_names = one_of("token", "free");
	skotos_reconnect_grace = option.checks.skotos_reconnect_grace;
	skotos_shards = domains;
	skotos_shard_domain = domain;
	skotos_health_addresses = health.check;
};

-- Read elsewhere: skotos_games below, the others by secrets.lib.lua and verifier_options.lib.lua.
local elsewhere = {
	skotos_games = true, skotos_secret_file = true, skotos_allow_weak_secret = true, skotos_public_key = true, skotos_leeway = true;
	skotos_old_tokens_before = true, skotos_old_tokens_until = true;
};

-- Levenshtein's distance of two short names.
function M.distance(a, b)
	local row = {};
	for j = 0, #b do row[j] = j; end
	for i = 1, #a do
		local diagonal = row[0];
		row[0] = i;
		for j = 1, #b do
			local cost = a:byte(i) == b:byte(j) and 0 or 1;
			diagonal, row[j] = row[j], math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost);
		end
	end
	return row[#b];
end

-- The known option whose name is nearest to `name`.
function M.nearest(name)
	local best, distance;
	for _, known in ipairs { game_options, host_options, elsewhere } do
		for candidate in pairs(known) do
			local d = M.distance(name, candidate);
			if not best or d < distance or (d == distance and candidate < best) then best, distance = candidate, d; end
		end
	end
	return best;
end

local function is_known(name)
	return game_options[name] or host_options[name] or elsewhere[name];
end

-- Checks `raw(name)` of each option in `spec`. Returns name -> value, or nil and the line.
function M.check(spec, raw, where)
	local values = {};
	for name, check in pairs(spec) do
		local value, err = option.read(raw, name, check, where);
		if err then return nil, err; end
		values[name] = value;
	end
	return values;
end

-- What of skotos_games is no option of a game alone: its rooms, nil for all, and its tenant or nil. Nil and what is wanted where it is wrong.
local function place_of(own)
	local tenant = own.tenant;
	if tenant ~= nil and (type(tenant) ~= "string" or not tenant:find("^[a-z0-9_-]+$") or #tenant > 63) then
		return nil, ("tenant = %s: small letters, digits, - and _ are wanted, 63 at most"):format(shown(tenant));
	end
	if tenant and own.rooms == nil then return { "*" }, tenant; end
	local rooms, wanted = list_of("room patterns")(own.rooms);
	if not rooms or #rooms == 0 then return nil, ("rooms: %s is wanted"):format(wanted or "a list of room patterns"); end
	return rooms, tenant;
end

-- `where`: what a message about this game begins with.
local function game_of(name, where, values, identity, rooms, tenant)
	if values.skotos_tls then values.skotos_tls.uid, values.skotos_tls.gid = secrets_lib.owner(); end
	return {
		name = name, tenant = tenant;
		where = where, tls = values.skotos_tls, host = values.skotos_host, port = values.skotos_port, allow_plaintext = values.skotos_allow_plaintext;
		link = { reply_size = values.skotos_reply_size, reply_interval = values.skotos_reply_interval };
		issuer = {
			app_id = identity.app_id, domain = identity.domain, secrets = identity.secrets, algorithm = identity.algorithm, rooms = rooms;
			tenant = tenant, tenants = identity.tenants;
			session_validity = identity.logs_in and values.skotos_token_session_validity or 0;
			default_validity = values.skotos_token_default_validity, max_validity = values.skotos_token_max_validity;
			allow_moderator_tokens = values.skotos_allow_moderator_tokens, allow_wildcard_room = values.skotos_allow_wildcard_room;
			moderators = values.skotos_moderators, request_members = values.skotos_request_members;
			commands = values.skotos_commands, max_frame = values.skotos_max_frame;
		};
	};
end

-- The one game of the plain options, or each of skotos_games, which falls back to the plain options.
local function games_of(raw, identity)
	local several = raw("skotos_games");
	if several == nil and raw("skotos_host") == false then return {}; end -- no link: a visitors' Prosody, whose shards have them
	if several == nil then
		local values, err = M.check(game_options, raw, "");
		if not values then return nil, err; end
		return { game_of("game", "", values, identity, nil) };
	end
	if type(several) ~= "table" or next(several) == nil then return nil, "skotos_games: a table of name = { options } is wanted"; end
	local games = {};
	for name, own in pairs(several) do
		if type(name) ~= "string" or type(own) ~= "table" then return nil, "skotos_games: a table of name = { options } is wanted"; end
		local where = ("skotos_games.%s: "):format(name);
		local rooms, tenant = place_of(own);
		if not rooms then return nil, where .. tenant; end
		if tenant then identity.tenants[#identity.tenants + 1] = tenant; end
		for key in pairs(own) do
			if key ~= "rooms" and key ~= "tenant" and not game_options[key] then
				return nil, ("%s%s is no option of a game; the nearest is %s"):format(where, tostring(key), M.nearest(tostring(key)));
			end
		end
		local values, err = M.check(game_options, function (key)
			if own[key] ~= nil then return own[key]; end
			return raw(key);
		end, where);
		if not values then return nil, err; end
		games[#games + 1] = game_of(name, where, values, identity, rooms, tenant);
	end
	table.sort(games, function (a, b) return a.name < b.name; end);
	local taken = {};
	for _, game in ipairs(games) do
		local address = game.host .. " port " .. game.port;
		if taken[address] then
			return nil, ("skotos_games: %s and %s are both at %s; a game takes one connection only"):format(taken[address], game.name, address);
		end
		taken[address] = game.name;
	end
	return games;
end

-- Warns of options that nobody knows.
local function warn_unknown(module)
	local config = configmanager.getconfig();
	for _, section in ipairs { "*", module.host } do
		for name in pairs(config[section] or {}) do
			if type(name) == "string" and name:sub(1, 7) == "skotos_" and not is_known(name) then
				module:log("warn", "unknown option %s; did you mean %s?", name, M.nearest(name));
			end
		end
	end
end

-- The MUC component that belongs to this host, as Jitsi's own modules find it.
local function muc_host_of(module, raw)
	local main, prefix, base = raw("main_muc"), raw("muc_mapper_domain_prefix"), raw("muc_mapper_domain_base");
	local name = main or base and (prefix or "conference") .. "." .. base or "conference." .. module.host;
	return nameprep(name) or name; -- as Prosody knows it, however it is written
end

-- Who makes tokens here without a game: the plain options as those of one, for every room. Nil and a line when an option is wrong.
local function without_a_game(raw, identity)
	local values, err = M.check(game_options, function (name)
		local value = raw(name);
		if value == false and name == "skotos_host" then return nil; end
		return value;
	end, "");
	if not values then return nil, err; end
	return game_of("", "", values, identity, nil);
end

-- What listener.lib.lua takes: every room, every member. False when it is off; nil and a line when an option is wrong.
local function listen_of(raw, listen, identity)
	if not listen then return false; end
	local own, err = without_a_game(raw, identity);
	if not own then return nil, err; end
	listen.issuer = own.issuer;
	listen.issuer.any_member, listen.issuer.request_members, listen.issuer.commands = true, nil, nil;
	listen.allow_plaintext = own.allow_plaintext;
	return listen;
end

-- The shards that this one belongs to: { own =, list = }, nil where there is one only; nil and a line when the own one is listed.
local function shards_of(module, host)
	if not host.skotos_shards then
		if host.skotos_shard_domain then return nil, "skotos_shard_domain: without skotos_shards it says nothing; take it out, or list the others there"; end
		return nil;
	end
	local own = host.skotos_shard_domain or module.host;
	for _, shard in ipairs(host.skotos_shards) do
		if shard == own then
			return nil, ("skotos_shards: %s is this shard's own domain; list only the others (skotos_shard_domain names the own one)"):format(own);
		end
	end
	return { own = own, list = host.skotos_shards };
end

local function has(list, wanted)
	for _, item in ipairs(list) do
		if item == wanted or item == "*" then return true; end
	end
	return false;
end

-- Everything the module needs: { games = { … }, own = (the same for whoever makes tokens where there is no game), listen = what
-- listener.lib.lua takes or false, verifier = { … }, muc_host =, breakout_host =, lobby_host =, speakerstats_host =, names = "token" or "free",
-- domain = (with enable_domain_verification, else nil), may_grant =, grace = (seconds), shards = { own =, list = } or nil }, or nil and one
-- line for the log.
function M.read(module)
	local function raw(name) return module:get_option(name); end
	local app_id = raw("app_id");
	if type(app_id) ~= "string" or app_id == "" then return nil, "app_id is missing: the name that the tokens are issued by, a string"; end
	local host, host_err = M.check(host_options, raw, "");
	if not host then return nil, host_err; end
	local signs = raw("skotos_games") ~= nil or raw("skotos_host") ~= false or host.skotos_listen;
	local secrets, note;
	if not verifier_options.is_keyed(module) then
		secrets, note = secrets_lib.read(module);
		if not secrets then return nil, note; end
	elseif signs then
		return nil, ("signature_algorithm = %q: the game's tokens are signed here, so HS256, HS384 or HS512 is wanted; a host that only checks "
			.. "others' tokens has skotos_host = false"):format(raw("signature_algorithm"));
	end
	local token_domain = host.skotos_domain or module.host;
	local verifier, verifier_err = verifier_options.read(module, app_id, secrets, token_domain);
	if not verifier then return nil, verifier_err; end
	-- Jitsi's own login knows only `exp`, which is the game's wish there.
	local logs_in = raw("authentication") == "skotos_bridge";
	local identity = { logs_in = logs_in, app_id = app_id, secrets = secrets, domain = token_domain, algorithm = verifier.algorithm, tenants = {} };
	local games, games_err = games_of(raw, identity);
	if not games then return nil, games_err; end
	if identity.tenants[1] and (verifier.domain == nil or verifier.domain == "*") then
		return nil, ("%s: with a game that has a tenant (%s) the tokens' sub has to tell whose room is whose; take it out"):format(
			verifier.domain and 'skotos_domain = "*"' or "enable_domain_verification = false", identity.tenants[1]);
	end
	local listen, listen_err = listen_of(raw, host.skotos_listen, identity);
	if listen == nil then return nil, listen_err; end
	local shards, shards_err = shards_of(module, host);
	if shards_err then return nil, shards_err; end
	if signs and not has(verifier.issuers, app_id) then
		return nil, ("asap_accepted_issuers: app_id = %q is not among them, so that the login would refuse the game's own tokens; add it"):format(app_id);
	end
	local own, own_err;
	if secrets and #games == 0 then own, own_err = without_a_game(raw, identity); end
	if own_err then return nil, own_err; end
	for _, line in ipairs { note or false, verifier_options.fetched_keys(module) } do
		if line then module:log("warn", "%s", line); end
	end
	warn_unknown(module);
	return {
		games = games, own = own, listen = listen, verifier = verifier, muc_host = muc_host_of(module, raw), domain = verifier.domain, shards = shards;
		breakout_host = raw("breakout_rooms_muc") or "breakout." .. module.host; -- as mod_muc_breakout_rooms finds it
		lobby_host = raw("lobby_muc") or "lobby." .. module.host; -- as mod_muc_lobby_rooms does
		speakerstats_host = raw("speakerstats_component") or "speakerstats." .. module.host;
		names = host.skotos_names or (#games > 0 and "token" or "free");
		may_grant = host.skotos_moderators_may_grant, health_addresses = host.skotos_health_addresses, grace = host.skotos_reconnect_grace;
	};
end

return M;
