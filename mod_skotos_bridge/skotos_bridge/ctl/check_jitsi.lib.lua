-- What of a Jitsi around the bridge keeps players out or works against it: no way in for pages, other modules in the rooms, guests' hosts,
-- voices that pass no bridge, a Jicofo that is stopped.

local lfs = require "lfs";
local modulemanager = require "core.modulemanager";

local file = module:require "skotos_bridge/admin/file";
local hosts = module:require "skotos_bridge/ctl/hosts";
local processes = module:require "skotos_bridge/ctl/processes";

local M = {};

-- Modules of a MUC that work against the bridge: a pattern of their names, how bad that is, why. The first that fits counts.
local AGAINST = {
	{ "^token_moderation$", "fail", "the old plugin: it replaces the rooms' methods, so members get two presences, and a ban does not hold" };
	{ "^token_verification$", "warn", "Jitsi's own check of rooms, which the bridge makes: on Debian it stops with an error at each start, and it writes whole "
		.. "tokens into the log" };
	{ "^token_affiliation", "warn", "another module decides about moderators too" };
	{ "^token_owner", "warn", "another module decides about moderators too" };
	{ "^muc_allowners$", "fail", "it keeps a player's own presence from him, so that his page hangs at \"joining\"" };
	{ "^muc_auth", "warn", "it asks an address of its own whether somebody may enter, whatever his token says" };
};

local function verdict_of(name)
	for _, against in ipairs(AGAINST) do
		if name:find(against[1]) then return against; end
	end
end

-- Whether `module` is enabled on `host` by the configuration.
local function is_enabled(host, name) return modulemanager.get_modules_for_host(host):contains(name); end

-- The modules that work against the bridge on its host and in its MUC, in the configuration or (`live`) still loaded.
function M.modules(report, host, live)
	local found = 0;
	local muc_host = host.options and host.options.muc_host;
	local places = { host.host, muc_host and hosts.is_component(muc_host, "muc") and muc_host or nil };
	for _, where in ipairs(places) do
		local names = {};
		for name in modulemanager.get_modules_for_host(where) do names[name] = true; end
		for _, item in ipairs(live and live.modules or {}) do names[item.name] = names[item.name] or item.host == where or nil; end
		for name in pairs(names) do
			local against = verdict_of(name);
			if against then
				found = found + 1;
				local enabled = is_enabled(where, name);
				report[against[2]](report, "plugins", ("%s is %s on %s: %s"):format(name, enabled and "in modules_enabled" or "still loaded", where, against[3]),
					(enabled and ("take \"%s\" out of modules_enabled of %s, then: "):format(name, where) or "") .. "systemctl restart prosody");
			end
		end
	end
	if found == 0 then report:ok("plugins", ("%s: no module works against the bridge"):format(host.host)); end
end

-- Whether a page can reach Prosody at all.
function M.transports(report, host)
	if is_enabled(host.host, "bosh") or is_enabled(host.host, "websocket") then
		report:ok("pages", ("%s: players' pages reach Prosody by %s"):format(host.host,
			is_enabled(host.host, "bosh") and (is_enabled(host.host, "websocket") and "BOSH and WebSocket" or "BOSH") or "WebSocket"));
	else
		report:fail("pages", ("%s: neither \"bosh\" nor \"websocket\" is enabled, so no page reaches Prosody"):format(host.host),
			("modules_enabled = { …; \"bosh\"; \"websocket\" } in VirtualHost %q, then: systemctl restart prosody"):format(host.host));
	end
end

-- VirtualHosts of this Jitsi that let people in without a token (its guest.HOST).
function M.guests(report, host)
	for _, name in ipairs(hosts.names(function (name) return hosts.is_component(name, nil); end)) do
		if hosts.is_guests(name, host.host) then
			local open = host.module:get_option_boolean("allow_empty_token", false);
			report:ok("guests", ("VirtualHost %s lets people log in without a token; into the rooms they %s"):format(name,
				open and ("come, since %s has allow_empty_token = true"):format(host.host) or "do not come"));
			if is_enabled(name, "skotos_bridge") then
				report:fail("guests", ("\"skotos_bridge\" is in the modules_enabled of the guests' VirtualHost %s too, where it cannot load"):format(name),
					("only VirtualHost %q is to have it; in Docker out of XMPP_MODULES, which both get: JWT_AUTH_TYPE=skotos_bridge brings it")
						:format(host.host));
			end
		end
	end
end

-- Jitsi's settings for pages (config.js, at `path`): peer-to-peer, where a voice passes no bridge and so cannot be muted there.
function M.peer_to_peer(report, host, path)
	path = path or ("/etc/jitsi/meet/%s-config.js"):format(host.host);
	local text = file.read(path);
	if not text then return; end
	text = text:gsub("/%*.-%*/", ""):gsub("\n%s*//[^\n]*", "\n");
	local p2p = text:match("p2p%s*:%s*(%b{})");
	if p2p and p2p:match("enabled%s*:%s*(%a+)") == "false" then
		report:ok("p2p", "two people's voices pass the bridge, so that a mute holds there too");
	else
		report:warn("p2p", ("%s leaves peer-to-peer on: between two people alone a voice passes no bridge, and a mute is only asked of the page"):format(path),
			("p2p: { enabled: false } in %s"):format(path));
	end
end

-- Where Jicofo is installed on this machine it has to run, or no meeting begins.
function M.jicofo_runs(report)
	if not lfs.attributes("/etc/jitsi/jicofo", "mode") then return; end
	for _, process in processes.each() do
		if process.command:find("jicofo", 1, true) and process.command:find("java", 1, true) then return; end
	end
	report:fail("jicofo", "Jicofo does not run on this machine, so that no meeting begins", "systemctl start jicofo, and read /var/log/jitsi/jicofo.log");
end

-- `config_js`: the path of Jitsi's settings for pages, nil for where Debian's package has them.
function M.run(report, host, live, config_js)
	M.modules(report, host, live);
	M.transports(report, host);
	M.guests(report, host);
	M.peer_to_peer(report, host, config_js);
end

return M;
