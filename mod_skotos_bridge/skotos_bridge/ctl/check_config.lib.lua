-- The configuration of one host with the bridge: its options, its MUC, its login, what else is loaded, and whether the running Prosody
-- has the same.

local hosts = module:require "skotos_bridge/ctl/hosts";
local running = module:require "skotos_bridge/ctl/running";

local M = {};

local RELOAD = "systemctl reload prosody";

local function check_options(report, host)
	if not host.options then
		report:fail("config", ("%s: %s"):format(host.host, host.err),
			("set it right in %s or the file it includes, then: %s"):format(tostring(prosody.config_file), RELOAD));
	else
		local names = {};
		for _, game in ipairs(host.options.games) do names[#names + 1] = game.name; end
		local games = #names == 1 and "one game: " or #names > 1 and #names .. " games: " or "no game";
		report:ok("config", ("%s: the options are sound; %s%s"):format(host.host, games, table.concat(names, ", ")));
	end
	for _, note in ipairs(host.notes) do
		report:warn(note.text:find("secret", 1, true) and "secret" or "config", ("%s: %s"):format(host.host, note.text), "set it right, then: " .. RELOAD);
	end
end

local function check_muc(report, host)
	local muc_host = host.options.muc_host;
	if hosts.is_component(muc_host, "muc") then
		report:ok("muc", ("%s: its rooms are those of %s"):format(host.host, muc_host));
		return;
	end
	local mucs = hosts.names(function (name) return hosts.is_component(name, "muc"); end);
	local near;
	for _, name in ipairs(mucs) do
		if name:sub(-#host.host - 1) == "." .. host.host and not name:find("^lobby%.") and not name:find("^breakout%.") and not name:find("^internal") then
			near = near or name;
		end
	end
	report:fail("muc", ("%s: there is no MUC component %q, so nobody is made a moderator; there %s %s"):format(host.host, muc_host,
		#mucs == 1 and "is" or "are", #mucs > 0 and table.concat(mucs, ", ") or "none"),
		("main_muc = %q in VirtualHost %q, then: systemctl reload prosody"):format(near or mucs[1] or "conference." .. host.host, host.host));
end

local function check_login(report, host)
	local login = host.module:get_option_string("authentication", "internal_hashed");
	if login == "skotos_bridge" then
		report:ok("login", ("%s: players log in with their tokens, checked by skotos_bridge"):format(host.host));
	elseif login == "token" then
		report:warn("login", ("%s: authentication = \"token\" is Jitsi's own login: it needs Lua rocks that Debian's Prosody has not, and refuses "
			.. "players who come back after their token has expired"):format(host.host),
			("authentication = \"skotos_bridge\" in VirtualHost %q, then: systemctl restart prosody")
				:format(host.host));
	else
		report:fail("login", ("%s: authentication = %q does not ask for a game's token"):format(host.host, login),
			("authentication = \"skotos_bridge\" in VirtualHost %q, then: systemctl restart prosody"):format(host.host));
	end
	if host.module:get_option_boolean("allow_empty_token", false) then
		-- Nobody but the administrator knows whether that is wanted, so it is no fault.
		report:ok("login", ("%s: allow_empty_token = true lets guests in without a token, never as moderators: right where they are wanted "
			.. "(skotos-bridge-setup --allow-guests); where not: allow_empty_token = false, then: %s"):format(host.host, RELOAD));
	end
end

local refusals_that_tell = {
	signature = "%d logins were refused since Prosody started, because another secret signed their tokens: somebody else makes tokens for this Jitsi (an old "
		.. "chat_admin_server, another shard), or the secret was changed";
	["not-yet-valid"] = "%d logins were refused since Prosody started, because their tokens begin in the future: the clock here or of whoever made them is off";
	issuer = "%d logins were refused since Prosody started, because their tokens have another issuer than app_id";
};
local remedies = {
	signature = "the same secret everywhere (skotos_secret_file), and stop what is old: prosodyctl mod_skotos_bridge verify - tells of one token";
	["not-yet-valid"] = "timedatectl set-ntp true, here and on the other hosts";
	issuer = "the same app_id everywhere, or name the other one in asap_accepted_issuers";
};

-- Players whom the running Prosody has seen, and who are moderators but for the spelling of their names.
local function check_near_names(report, host, live)
	for _, near in ipairs(live and live.near_names or {}) do
		report:warn("config", ("%s: \"%s\" has come and is no moderator: skotos_moderators has %q, other bytes"):format(host.host, near.name, near.meant),
			("write the name as the game has it: skotos_moderators = { \"%s\" }, then: %s"):format(near.name, RELOAD));
	end
end

-- A token as the first game gets it, or who makes tokens without one; nil where none can be made.
local function own_token(bridge, host)
	local game = host.options.games[1] or host.options.own;
	if not game then return nil; end
	local settings = {};
	for name, value in pairs(game.issuer) do settings[name] = value; end
	settings.any_member, settings.rooms, settings.tenant, settings.default_validity, settings.max_validity = true, nil, nil, 30, 30;
	local issuer = bridge.issuer(settings);
	local reply = issuer and issuer:reply('{"displayName":"check","channel":"check","moderator":false,"seq":1}', os.time(), 0);
	return reply and reply:match('"token":"([^"]+)"');
end

-- Whether the login that the options describe would take the tokens that they make: other audiences, another domain, another algorithm keep
-- everybody out.
function M.takes_own_tokens(report, bridge, host)
	local token = own_token(bridge, host);
	local verifier = token and bridge.verifier(host.options.verifier);
	if not verifier then return; end -- told of by secret_in_force
	local claims, refusal = verifier:verify(token, os.time());
	if not claims then
		report:fail("login", ("%s: the options refuse the very tokens that they make: %s"):format(host.host, refusal.text),
			"compare app_id, skotos_domain, signature_algorithm and the asap_ options, then: " .. RELOAD);
	end
end

-- Whether the Prosody that runs takes tokens that are made with the configuration as it is on the disk now.
function M.secret_in_force(report, bridge, host, live)
	if not live or not (host.options.games[1] or host.options.own) then return; end -- nothing is signed here
	local token = own_token(bridge, host);
	if not token then
		report:fail("secret", ("%s: no token can be made with it"):format(host.host), "openssl rand -hex 32 makes a good secret");
		return;
	end
	local verdict, _, why = running.ask("verify", { host = host.host, token = token });
	if verdict and verdict.accepted then
		report:ok("secret", ("%s: Prosody takes the tokens that this secret signs"):format(host.host));
	else
		report:fail("secret", ("%s: the running Prosody refuses tokens that the configuration's secret signs (%s): it has another one in force"):format(host.host,
			verdict and verdict.text or why), "systemctl reload prosody, and read its log if this stays");
	end
	for code, text in pairs(refusals_that_tell) do
		local count = live.logins and live.logins[code] or 0;
		if count > 0 then report:warn(code == "not-yet-valid" and "clock" or "secret", ("%s: %s"):format(host.host, text:format(count)), remedies[code]); end
	end
end

function M.run(report, host, live)
	check_options(report, host);
	if host.options then check_muc(report, host); end
	check_login(report, host);
	check_near_names(report, host, live);
end

return M;
