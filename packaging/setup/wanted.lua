-- From what was asked for and what is there already to the settings that the VirtualHost is to have.

local old_server = require "old_server";
local options = require "options";
local plan = require "plan";
local questions = require "questions";
local secret = require "secret";

local M = {};

-- The logins that the bridge's own takes the place of as a matter of course: with Jitsi's token, and without anything.
local plain_logins = { token = true, ["jitsi-anonymous"] = true, anonymous = true, skotos_bridge = true };

local function is_private(host)
	if host == "localhost" or host == "::1" or host:find("^127%.") or host:find("^10%.") or host:find("^192%.168%.") then return true; end
	local second = tonumber(host:match("^172%.(%d+)%."));
	return second ~= nil and second >= 16 and second <= 31 or host:lower():find("^f[cd]%x%x:") ~= nil;
end

local function is_public(host)
	return (host:find("^%d+%.%d+%.%d+%.%d+$") ~= nil or host:find(":", 1, true) ~= nil) and not is_private(host);
end

-- The game's address: as said, as it is, as the old server had it, or asked.
local function address(o, current, old, ask)
	if o.game_host then return o.game_host, o.game_port; end
	if old and old.game_host and not old.at_game then return old.game_host, old.game_port or 11091; end
	if current.skotos_host then return current.skotos_host, current.skotos_port or 11091; end
	local default = old and old.at_game and ("127.0.0.1:%d"):format(old.game_port or 11091) or "127.0.0.1";
	if not ask then
		if old and old.at_game then
			return nil, "the old server stood on the game's host, so its file does not say where that is from here; say it with --game HOST:PORT "
				.. "(127.0.0.1 if the game is on this machine)";
		end
		return nil, "where is the game? Say it with --game HOST:PORT (127.0.0.1:11091 if it is on this machine)";
	end
	local host, port;
	questions.text("Where is the game (HOST or HOST:PORT)", default, function (line)
		local why;
		host, why = options.address(line, 11091);
		if not host then return nil, (why:gsub("^%-%-game ", "")); end
		port = why;
		return line;
	end);
	if not host then return nil, "where is the game? Nothing was said"; end
	return host, port;
end

local function tls_of(o)
	if not o.tls_ca then return nil; end
	return { ca = o.tls_ca, certificate = o.tls_certificate, key = o.tls_key, verify_name = o.tls_name };
end

-- Puts the secret's settings into `wanted` and gives the bytes of a secret file to write, or nil; nil and why where there is none to be
-- had. `path` is that of the secret file.
local function decide_secret(o, current, unreadable, old, wanted, path)
	local usable = secret.usable(current.app_secret);
	if unreadable.app_secret or (current.skotos_secret_file and not o.new_secret and not o.secret_file) then return nil; end
	if usable and not o.new_secret and not o.secret_file then
		local kept = type(current.app_secret) == "table" and current.app_secret[1] or current.app_secret;
		if old and old.secret and old.secret ~= kept then
			return nil, nil, "the old server's secret is not the app_secret of this configuration, which is kept: the old tokens were never valid here";
		end
		return nil;
	end
	if usable == false and not o.new_secret and not o.secret_file then
		return nil, ("app_secret has under %d bytes, which the module refuses; --new-secret makes a strong one (whatever else makes tokens "
			.. "with the old one has to get the new one too)"):format(secret.LEAST);
	end
	local bytes, err;
	if o.secret_file then
		bytes, err = secret.taken(o.secret_file);
	elseif old and old.secret and #old.secret >= secret.LEAST and not o.new_secret then
		bytes = old.secret;
	else
		bytes, err = secret.new();
	end
	if not bytes then return nil, err; end
	wanted.app_secret, wanted.skotos_secret_file = plan.ABSENT, path;
	return bytes .. "\n";
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

-- What the VirtualHost is to have for one game: name -> value (plan.host_text), the bytes of the secret file or nil, and a list of
-- remarks. Nil and why. `site` is from jitsi_host, `ask` tells that a person can be asked.
function M.for_game(o, site, secret_path, ask)
	local current, unreadable = plan.current(site.section);
	local wanted, remarks, old = {}, {}, nil;
	if o.from then
		local err;
		old, err = old_server.read(o.from);
		if not old then return nil, err; end
		table.insert(remarks, "Taken over from " .. o.from .. ":");
		for _, line in ipairs(old_server.told(old)) do table.insert(remarks, line); end
	end
	local host, port = address(o, current, old, ask);
	if not host then return nil, port; end
	local tls = tls_of(o);
	if is_public(host) and not tls and not current.skotos_tls and not o.allow_plaintext and not current.skotos_allow_plaintext then
		return nil, ("%s is a public address, and the way there is not encrypted: everybody on it could read and make requests. Set up the "
			.. "stunnel on the game's host (skotos-game-setup) and give --tls-ca, or --allow-plaintext if the way is safe"):format(host);
	end
	local ok, err = decide_login(o, current, wanted, ask);
	if not ok then return nil, err; end
	local bytes, why, remark = decide_secret(o, current, unreadable, old, wanted, secret_path);
	if why then return nil, why; end
	if remark then table.insert(remarks, remark); end
	decide_moderators(o, current, wanted, ask);
	if o.app_id or not current.app_id or current.app_id == "" then wanted.app_id = o.app_id or old and old.app_id or "skotos"; end
	if old and old.domain and old.domain ~= site.host and old.domain ~= current.skotos_domain then wanted.skotos_domain = old.domain; end
	if old and old.listen then wanted.skotos_listen = old.listen; end
	wanted.skotos_host, wanted.skotos_tls = host, tls;
	wanted.skotos_port = port ~= 11091 and port or plan.ABSENT; -- the module's default is left out: see without_port in prosody.lua
	if o.allow_plaintext then wanted.skotos_allow_plaintext = true; end
	if not site.muc_found then wanted.main_muc = site.muc.name; end
	return wanted, bytes, remarks;
end

-- The same for one more game, or one less: skotos_games anew. The one game of the plain options goes on as "game".
function M.for_more_games(o, site)
	local current, unreadable = plan.current(site.section);
	if unreadable.skotos_games then return nil, "skotos_games is not written out plainly; change it by hand"; end
	local games = current.skotos_games or {};
	if o.remove_game then
		if not games[o.remove_game] then return nil, ("--remove-game %s: there is no such game"):format(o.remove_game); end
		games[o.remove_game] = nil;
	else
		if current.authentication ~= "skotos_bridge" then return nil, "set up the first game before you add another: skotos-bridge-setup --game HOST:PORT"; end
		if not current.skotos_games then games.game = { rooms = { "*" } }; end
		local tls = tls_of(o);
		if not tls and current.skotos_tls then tls = false; end -- else it would have the first game's
		games[o.add_game] = {
			rooms = o.rooms, skotos_host = o.game_host or "127.0.0.1", skotos_port = o.game_port or 11092, skotos_tls = tls;
			skotos_allow_moderator_tokens = o.game_may == true, skotos_moderators = o.moderators or {}, skotos_allow_wildcard_room = false;
			skotos_allow_plaintext = o.allow_plaintext;
		};
	end
	local name, only = next(games);
	if name == nil or (name == "game" and next(games, name) == nil and #only.rooms == 1 and only.rooms[1] == "*") then
		return { skotos_games = plan.ABSENT }, nil, {};
	end
	return { skotos_games = games }, nil, {};
end

return M;
