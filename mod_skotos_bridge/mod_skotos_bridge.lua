-- Voice tokens and moderators for SkotOS games: loaded in a Jitsi VirtualHost with modules_enabled = { "skotos_bridge" }.
-- This file only ties the parts together; README.md tells the path of one login through them.

local ok, bridge = pcall(require, "skotos_bridge");
if not ok then
	error("the C module skotos_bridge.so is not found or does not load; is it in Lua's C path? " .. tostring(bridge):match("^[^\n]*"), 0);
end

local options_lib = module:require "skotos_bridge/options";
local game_link = module:require "skotos_bridge/game_link";
local moderation = module:require "skotos_bridge/moderation";

if module:get_host_type() ~= "local" then
	error("skotos_bridge belongs into the modules_enabled of the VirtualHost, not of " .. module.host, 0);
end

local links = {}; -- name of the game -> its link
local checker;
local domain; -- with enable_domain_verification: the tokens' own domain

-- Reads the files of a game's skotos_tls. Nil and a line when one is wrong.
local function tls_of(game)
	if game.link.reply_size > 16384 then
		return nil, ("skotos_reply_size = %d: with skotos_tls at most 16384 is wanted, since a reply is one TLS record"):format(game.link.reply_size);
	end
	game.tls.host = game.host;
	return bridge.tls(game.tls);
end

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
		if game.tls then
			local tls, tls_err = tls_of(game);
			if not tls then return nil, game.where .. tls_err; end
			game.link.tls = tls;
		end
	end
	return options, new_checker;
end

-- Starts the links of new games, changes those that stay, ends the others.
local function apply(options, new_checker)
	local wanted = {};
	checker, domain = new_checker, options.domain;
	for _, game in ipairs(options.games) do
		wanted[game.name] = true;
		if links[game.name] then
			links[game.name]:change(game);
		else
			links[game.name] = game_link.start(module, bridge, game);
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
		module:log("error", "%s; the settings from before stay in force", result);
		return;
	end
	apply(options, result);
end

function module.load()
	local options, result = prepare();
	if not options then error(result, 0); end
	apply(options, result);
	moderation.attach {
		module = module, bridge = bridge, muc_host = options.muc_host, may_grant = options.may_grant;
		checker = function () return checker, domain; end;
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
	for name, link in pairs(links) do
		link:stop();
		links[name] = nil;
	end
	moderation.detach();
end

-- For the shell, the specs and other modules: name of the game -> what its link tells of itself (luaclib/link.h, struct link_stats).
function status()
	local status = {};
	for name, link in pairs(links) do
		status[name] = link:stats();
	end
	return status;
end
