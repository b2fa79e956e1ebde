-- From what was asked for and what is there already to the settings that the VirtualHost is to have.

local address_scope = require "address_scope";
local defaults = require "defaults";
local drop_in = require "config_drop_in";
local old_server = require "old_server";
local options = require "options";
local questions = require "questions";
local secret = require "secret";

local M = {};

-- The logins that the bridge's own takes the place of as a matter of course: with Jitsi's token, and without anything.
local plain_logins = { token = true, ["jitsi-anonymous"] = true, anonymous = true, skotos_bridge = true };

-- Whether the way to `host` has to be encrypted and is not: then why, for a person.
local function unsafe(host, o, current)
	if address_scope.of(host) == "public" and not o.tls_ca and not current.skotos_tls and not o.allow_plaintext and not current.skotos_allow_plaintext then
		return ("%s is a public address, and the way there is not encrypted: everybody on it could read and make requests. Set up the "
			.. "stunnel on the game's host (skotos-game-setup) and give --tls-ca, or --allow-plaintext if the way is safe"):format(host);
	end
end

-- The game's address: as said, as it is, as the old server had it, or asked; false: there is no game.
local function address(o, current, old, ask)
	if o.no_game then return false; end
	if o.game_host then return o.game_host, o.game_port; end
	if old and old.game_host and not old.at_game then return old.game_host, old.game_port; end
	if current.skotos_host == false then return false; end
	if current.skotos_host then return current.skotos_host, current.skotos_port or defaults.skotos_port; end
	local default = old and old.at_game and ("%s:%d"):format(defaults.skotos_host, old.game_port) or defaults.skotos_host;
	if not ask then
		if old and old.at_game then
			return nil, "the old server stood on the game's host, so its file does not say where that is from here; say it with --game HOST:PORT "
				.. "(127.0.0.1 if the game is on this machine)";
		end
		return nil, ("where is the game? Say it with --game HOST:PORT (%s:%d if it is on this machine)"):format(defaults.skotos_host, defaults.skotos_port);
	end
	local host, port;
	questions.text("Where is the game (HOST or HOST:PORT; none: there is no game)", default, function (line)
		local why;
		if line == "none" then
			host = false;
			return line;
		end
		host, why = options.address(line, defaults.skotos_port);
		if not host then return nil, (why:gsub("^%-%-game ", "")); end
		port = why;
		local wrong = unsafe(host, o, current);
		if wrong then return nil, wrong; end
		return line;
	end);
	if host == nil then return nil, "where is the game? Nothing was said"; end
	return host, port;
end

local function tls_of(o)
	if not o.tls_ca then return nil; end
	return { ca = o.tls_ca, certificate = o.tls_certificate, key = o.tls_key, verify_name = o.tls_name };
end

-- Puts the secret's settings into `wanted` and gives the bytes of a secret file to write, or nil; nil and why where there is none to be
-- had; third result a remark. The secret that signs now goes on signing, wherever it stands, unless another is asked for.
local function decide_secret(o, site, old, wanted)
	local current, asked = site.current, o.new_secret or o.secret_file;
	local held, text = secret.held(current.skotos_secret_file and site.root .. current.skotos_secret_file);
	local inline = site.elsewhere(site.host, "app_secret");
	local usable = secret.usable(inline);
	local function from_file(path)
		wanted.app_secret, wanted.skotos_secret_file = false, path;
	end
	local function told(kept)
		if not old then return nil; end
		if old.secret ~= kept then
			return "the old server's secret is not the one of this configuration, which is kept: the old tokens were never valid here";
		end
		site.has_old_secret = true;
	end
	if held and not asked then
		from_file(current.skotos_secret_file);
		return nil, nil, told(text:match("[^\r\n]+"));
	end
	if usable and not asked then
		wanted.app_secret, wanted.skotos_secret_file = drop_in.UNSAID, drop_in.ABSENT;
		return nil, nil, told(type(inline) == "table" and inline[1] or inline);
	end
	if usable == false and not asked then
		return nil, ("app_secret has under %d bytes, which the module refuses; --new-secret makes a strong one (whatever else makes tokens "
			.. "with the old one has to get the new one too)"):format(secret.LEAST);
	end
	local bytes, err;
	if o.secret_file then
		bytes, err = secret.taken(o.secret_file);
	elseif old and #old.secret >= secret.LEAST and not o.new_secret then
		bytes = old.secret;
	else
		bytes, err = secret.new();
	end
	if not bytes then return nil, err; end
	from_file(site.secret_path);
	local lost = current.skotos_secret_file and not asked
		and ("%s was not there, or held no secret: a new one is made, and links that are out open nothing any more"):format(current.skotos_secret_file);
	return bytes .. "\n", nil, told(bytes) or lost;
end

local OLD_LINKS = 30 * 86400; -- seconds

-- The old server's tokens have no end. Those that were made before now are good until a day that is shown.
local function decide_old_tokens(o, site, old, wanted)
	if not site.has_old_secret then return nil; end
	local current = site.current;
	local app_id = wanted.app_id or current.app_id;
	if app_id ~= old.app_id then
		return ("The old server's tokens name %q as their issuer, and app_id is %q: links that are out open nothing any more."):format(old.app_id, app_id);
	end
	if o.old_links_until or current.skotos_old_tokens_until == nil then
		wanted.skotos_old_tokens_until = o.old_links_until or os.date("!%Y-%m-%d", os.time() + OLD_LINKS);
	end
	if current.skotos_old_tokens_before == nil then wanted.skotos_old_tokens_before = os.time(); end
	return ("Links that are out, whose tokens never end, are good until %s (skotos_old_tokens_until; --old-links-until DATE says another day).")
		:format(wanted.skotos_old_tokens_until or tostring(current.skotos_old_tokens_until));
end

local function decide_login(o, current, wanted, ask)
	local login = current.authentication;
	if login and not plain_logins[login] and not o.replace_login then
		return nil, ('people log in with accounts here (authentication = "%s"); after this they log in with a token of the game only. '
			.. "If that is meant, add --replace-login"):format(login);
	end
	wanted.authentication = "skotos_bridge";
	if o.guests == nil and current.allow_empty_token == nil and ask then
		o.guests = questions.yes("May people without a token of the game log in too?", false);
	end
	if o.guests ~= nil then wanted.allow_empty_token = o.guests; end
	if wanted.allow_empty_token == nil and current.allow_empty_token == nil then wanted.allow_empty_token = false; end
	return true;
end

local function decide_moderators(o, current, wanted, ask)
	if o.moderators then
		wanted.skotos_moderators = o.moderators;
	elseif current.skotos_moderators == nil and ask then
		local names = {};
		local line = questions.text("Which accounts are moderators in every room (names with commas between; nothing: nobody)", "");
		for name in (line or ""):gmatch("[^,]+") do names[#names + 1] = name:match("^%s*(.-)%s*$"); end
		if names[1] then wanted.skotos_moderators = names; end
	end
	if o.game_may then
		wanted.skotos_allow_moderator_tokens = true;
	elseif current.skotos_allow_moderator_tokens == nil then
		wanted.skotos_allow_moderator_tokens = false;
	end
end

-- What the host `site` is to have for one game: name -> value (drop_in.text), the bytes of the secret file or nil, and a list of remarks.
-- Nil and why. `site`: host, muc, root, current (what counts now, by name), elsewhere(host, name) (what counts without our file),
-- secret_path (as Prosody names our secret file). `ask` tells that a person can be asked.
function M.for_game(o, site, ask)
	local current = site.current;
	local wanted, remarks, old = {}, {}, nil;
	local function remark(line)
		if line then remarks[#remarks + 1] = line; end
	end
	if o.from then
		local err;
		old, err = old_server.read(o.from);
		if not old then return nil, err; end
	end
	local host, port = address(o, current, old, ask);
	if host == nil then return nil, port; end
	local tls, risk = tls_of(o), host and unsafe(host, o, current);
	if risk then return nil, risk; end
	local ok, err = decide_login(o, current, wanted, ask);
	if not ok then return nil, err; end
	local keyed = type(current.signature_algorithm) == "string" and not current.signature_algorithm:find("^HS");
	local bytes, why, of_secret;
	if host or not keyed then bytes, why, of_secret = decide_secret(o, site, old, wanted); end -- else nothing is signed here
	if why then return nil, why; end
	if o.app_id or not current.app_id or current.app_id == "" then wanted.app_id = o.app_id or old and old.app_id or "skotos"; end
	if old and old.domain and old.domain ~= site.host and old.domain ~= current.skotos_domain then wanted.skotos_domain = old.domain; end
	if old then
		remark("Taken over from " .. o.from .. ":");
		local counts = {
			domain = wanted.skotos_domain or current.skotos_domain or site.host, app_id = wanted.app_id or current.app_id;
			secret = site.has_old_secret, game_host = host;
		};
		for _, line in ipairs(old_server.told(old, counts)) do remark(line); end
	end
	remark(of_secret);
	remark(decide_old_tokens(o, site, old, wanted));
	if host and keyed then
		wanted.signature_algorithm = "HS256";
		remark(("signature_algorithm = %q checks other people's tokens; the game's are signed here, with HS256."):format(current.signature_algorithm));
	end
	if host then decide_moderators(o, current, wanted, ask); end
	if old and old.listen then wanted.skotos_listen = old.listen; end
	wanted.skotos_host, wanted.skotos_tls = host, tls;
	wanted.skotos_port = host and port ~= defaults.skotos_port and port or drop_in.ABSENT; -- prosodyctl check takes it for a port that Prosody listens on
	if o.allow_plaintext then wanted.skotos_allow_plaintext = true; end
	wanted.main_muc = site.muc;
	return wanted, bytes, remarks;
end

-- The same for one more game, or one less: skotos_games anew. The one game of the plain options goes on as "game".
function M.for_more_games(o, site)
	local current, games = site.current, {};
	for name, game in pairs(type(site.current.skotos_games) == "table" and site.current.skotos_games or {}) do games[name] = game; end
	if o.remove_game then
		if not games[o.remove_game] then return nil, ("--remove-game %s: there is no such game"):format(o.remove_game); end
		games[o.remove_game] = nil;
	else
		if current.authentication ~= "skotos_bridge" or current.skotos_host == false then
			return nil, "set up the first game before you add another: skotos-bridge-setup --game HOST:PORT";
		end
		if next(games) == nil then games.game = { rooms = { "*" } }; end
		local tls = tls_of(o);
		if not tls and current.skotos_tls then tls = false; end -- else it would have the first game's
		games[o.add_game] = {
			rooms = o.rooms or { "*" }, tenant = o.tenant, skotos_tls = tls;
			skotos_host = o.game_host or defaults.skotos_host, skotos_port = o.game_port or options.NEXT_PORT;
			skotos_allow_moderator_tokens = o.game_may == true, skotos_moderators = o.moderators or {}, skotos_allow_wildcard_room = false;
			skotos_allow_plaintext = o.allow_plaintext;
		};
	end
	local name, only = next(games);
	if name == nil or (name == "game" and next(games, name) == nil and #only.rooms == 1 and only.rooms[1] == "*") then
		return { skotos_games = drop_in.ABSENT }, nil, {};
	end
	return { skotos_games = games }, nil, {};
end

return M;
