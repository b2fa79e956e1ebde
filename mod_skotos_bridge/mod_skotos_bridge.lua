-- Voice tokens and moderators for SkotOS games: loaded in a Jitsi VirtualHost with modules_enabled = { "skotos_bridge" }.
-- This file only ties the parts together; README.md tells the path of one login through them.

-- prosodyctl mod_skotos_bridge … loads us too, into a process that only looks: also when the C module is what is wrong.
if prosody.process_type == "prosodyctl" then
	module.command = module:require "skotos_bridge/ctl/control".run;
	return;
end

local ok, bridge = pcall(require, "skotos_bridge");
if not ok then
	error("the C module skotos_bridge.so is not found or does not load; is it in Lua's C path? " .. tostring(bridge):match("^[^\n]*"), 0);
end

local modulemanager = require "core.modulemanager";
local options_lib = module:require "skotos_bridge/options";
local game_link = module:require "skotos_bridge/game_link";
local moderation = module:require "skotos_bridge/moderation";
local console = module:require "skotos_bridge/console";
local journal = module:require "skotos_bridge/journal".new(module);

if module:get_host_type() ~= "local" then
	error("skotos_bridge belongs into the modules_enabled of the VirtualHost, not of " .. module.host, 0);
end

local links = {}; -- name of the game -> its link
local checker;
local muc_host;
local domain; -- with enable_domain_verification: the tokens' own domain

-- Reads the options and makes of them what C needs. Returns nil and one line for the administrator when one is wrong.
local function prepare()
	local options, err = options_lib.read(module);
	if not options then return nil, err; end
	local new_checker, why = bridge.checker(options.checker);
	if not new_checker then return nil, why; end
	for _, game in ipairs(options.games) do
		local policy, policy_err = bridge.policy(game.policy);
		if not policy then return nil, policy_err; end
		game.made_policy = policy;
	end
	return options, new_checker;
end

-- Starts the links of new games, changes those that stay, ends the others.
local function apply(options, new_checker)
	local wanted = {};
	checker, domain, muc_host = new_checker, options.domain, options.muc_host;
	for _, game in ipairs(options.games) do
		wanted[game.name] = true;
		if links[game.name] then
			links[game.name]:change(game);
		else
			links[game.name] = game_link.start(module, bridge, journal, game);
		end
	end
	for name, link in pairs(links) do
		if not wanted[name] then
			link:stop();
			links[name] = nil;
		end
	end
end

local function config_reloaded()
	local options, result = prepare();
	if not options then
		journal:event("error", ("%s; the settings from before stay in force"):format(result));
		return;
	end
	apply(options, result);
end

-- What the console tells of this host.
local function console_status()
	local games = {};
	for name, link in pairs(links) do
		local game = link:stats();
		game.name, game.host, game.port = name, link.game.host, link.game.port;
		games[#games + 1] = game;
	end
	table.sort(games, function (a, b) return a.name < b.name; end);
	local logins = module:shared(("/%s/skotos_bridge/logins"):format(module.host));
	local told = { version = bridge.version, muc_host = muc_host, games = games, logins = {}, modules = {} };
	for outcome, count in pairs(logins) do told.logins[outcome] = count; end
	for _, host in ipairs { module.host, muc_host } do
		for name in pairs(modulemanager.get_modules(host) or {}) do told.modules[#told.modules + 1] = { host = host, name = name }; end
	end
	return told;
end

local function reconnect()
	local count = 0;
	for _, link in pairs(links) do
		link:reconnect();
		count = count + 1;
	end
	return count;
end

function module.load()
	local options, result = prepare();
	if not options then error(result, 0); end
	apply(options, result);
	moderation.attach {
		module = module, bridge = bridge, journal = journal, muc_host = options.muc_host, may_grant = options.may_grant;
		checker = function () return checker, domain; end;
	};
	console.attach {
		status = console_status, reconnect = reconnect, events = function () return journal:recent(); end;
		checker = function () return checker; end;
	};
	module:hook_global("config-reloaded", config_reloaded);
end

function module.save()
	return { people = moderation.save() };
end

function module.restore(saved)
	moderation.restore(saved.people);
end

function module.unload()
	console.detach();
	for name, link in pairs(links) do
		link:stop();
		links[name] = nil;
	end
	moderation.detach();
	journal:close();
end

-- For the specs and other modules: name of the game -> what its link tells of itself (luaclib/link.h, struct link_stats).
function status()
	local status = {};
	for name, link in pairs(links) do
		status[name] = link:stats();
	end
	return status;
end
