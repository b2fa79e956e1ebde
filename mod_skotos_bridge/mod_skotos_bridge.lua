-- Voice tokens and moderators for SkotOS games: loaded in a Jitsi VirtualHost with modules_enabled = { "skotos_bridge" }.
-- This file only ties the parts together; luaclib/README.md tells the path of one login through them.

module:require "skotos_bridge/admin/once";

-- prosodyctl mod_skotos_bridge … loads us too, into a process that only looks: also when the C module is what is wrong.
if prosody.process_type == "prosodyctl" then
	module.command = module:require "skotos_bridge/ctl/subcommands".run;
	return;
end

local ok, bridge = pcall(require, "skotos_bridge");
if not ok then
	error("the C module skotos_bridge.so is not found or does not load; is it in Lua's C path? " .. tostring(bridge):match("^[^\n]*"), 0);
end

local modulemanager = require "core.modulemanager";
local timers = module:require "skotos_bridge/admin/timers";
local options_lib = module:require "skotos_bridge/admin/options";
local in_force = module:require "skotos_bridge/admin/in_force";
local game_link = module:require "skotos_bridge/game/game_link";
local between_stanzas = module:require "skotos_bridge/game/between_stanzas";
local listener_lib = module:require "skotos_bridge/game/listener";
local places = module:require "skotos_bridge/room/places";
local moderation = module:require "skotos_bridge/room/moderation";
local bearer = module:require "skotos_bridge/room/bearer";
local services = module:require "skotos_bridge/room/services";
local occupants = module:require "skotos_bridge/room/occupants";
local display_names = module:require "skotos_bridge/room/display_names";
local mute = module:require "skotos_bridge/room/mute";
local chat = module:require "skotos_bridge/room/chat";
local expel = module:require "skotos_bridge/room/expel";
local events = module:require "skotos_bridge/room/events";
local lobby = module:require "skotos_bridge/room/lobby";
local activity = module:require "skotos_bridge/room/activity";
local identity_element = module:require "skotos_bridge/room/identity_element";
local invitations = module:require "skotos_bridge/room/invitations";
local server_elements = module:require "skotos_bridge/room/server_elements";
local player_stanzas = module:require "skotos_bridge/room/player_stanzas";
local brewery = module:require "skotos_bridge/room/brewery";
local kept_decisions = module:require "skotos_bridge/room/kept_decisions";
local near_names = module:require "skotos_bridge/room/near_names";
local commands = module:require "skotos_bridge/room/commands";
local console = module:require "skotos_bridge/admin/console";
local metrics = module:require "skotos_bridge/admin/metrics";
local journal = module:require "skotos_bridge/admin/journal".new(module);
local shard = module:require "skotos_bridge/shards/shard";
local drain = module:require "skotos_bridge/admin/drain";
local health = module:require "skotos_bridge/admin/health";

if module:get_host_type() ~= "local" then
	error("skotos_bridge belongs into the modules_enabled of the VirtualHost, not of " .. module.host, 0);
end

local links = {}; -- name of the game -> its link
local listener; -- nil: off
local verifier;
local muc_host;
local domain; -- with enable_domain_verification: the tokens' own domain
local health_addresses; -- who else hears all of /skotos/health
local options_in_force; -- fingerprints (in_force.lib.lua) of the options that were taken over last; those that only loading takes over stay

-- Reads the files of a game's skotos_tls. Nil and a line when one is wrong.
local function tls_of(game)
	if game.link.reply_size > 16384 then
		return nil, ("skotos_reply_size = %d: with skotos_tls at most 16384 is wanted, since a reply is one TLS record"):format(game.link.reply_size);
	end
	game.tls.host = game.host;
	return bridge.tls(game.tls);
end

-- What happened, kept through a reload: name of a metric (metrics.lib.lua) -> label -> count; and game -> command -> outcome -> count.
local counts = module:shared(("/%s/skotos_bridge/counts"):format(module.host));
counts.logins = module:shared(("/%s/skotos_bridge/logins"):format(module.host));
local command_counts = module:shared(("/%s/skotos_bridge/room/commands"):format(module.host));

local function count(name, label)
	counts[name] = counts[name] or {};
	counts[name][label] = (counts[name][label] or 0) + 1;
end

-- Reads the options and makes of them what C needs. Returns nil and one line for the administrator when one is wrong.
local function prepare()
	local options, err = options_lib.read(module);
	if not options then return nil, err; end
	local new_verifier, why = bridge.verifier(options.verifier);
	if not new_verifier then return nil, why; end
	for _, game in ipairs(options.games) do
		local issuer, issuer_err = bridge.issuer(game.issuer);
		if not issuer then return nil, issuer_err; end
		game.made_issuer = issuer;
		if game.tls then
			local tls, tls_err = tls_of(game);
			if not tls then return nil, game.where .. tls_err; end
			game.link.tls = tls;
		end
	end
	if options.listen then
		local owners = {};
		for i, game in ipairs(options.games) do owners[i] = game.made_issuer; end
		options.listen.issuer.owners = owners;
		local ready, listen_err = listener_lib.prepare(bridge, options.listen);
		if not ready then return nil, listen_err; end
	end
	return options, new_verifier;
end

local function count_command(game, cmd, outcome)
	command_counts[game] = command_counts[game] or {};
	local counted = command_counts[game][cmd] or {};
	command_counts[game][cmd] = counted;
	counted[outcome] = (counted[outcome] or 0) + 1;
end

-- Has a game's command carried out; `done(result)` is called once (commands.lib.lua).
local function execute(link, command, answer)
	local function done(result)
		count_command(link.game.name, command.cmd, result.success and "ok" or "failed");
		answer(result);
		if command.cmd == "subscribe" then shard.want_events(); end
	end
	commands.execute({ name = link.game.name, covers = function (channel) return link:may_touch(channel); end }, command, done);
end

-- Tells games that want to know, and other modules, of what happened in a room.
local function tell_event(event)
	for _, link in pairs(links) do link:push(event); end
	module:fire_event("skotos-room-event", event);
end

-- Whether a game, here or on another shard, has asked to be told of the event `name` of the room `channel` (nil: any).
local function wants_event(name, channel)
	for _, link in pairs(links) do
		if link:wants(name, channel) then return true; end
	end
	return shard.wants(name);
end

-- The names of the events that the games here have asked for.
local function wanted_events()
	local wanted = {};
	for _, name in ipairs(bridge.events) do
		for _, link in pairs(links) do
			if link:wants(name) then
				wanted[#wanted + 1] = name;
				break;
			end
		end
	end
	return wanted;
end

-- The same of a room on another shard, of which the modules here know nothing.
local function tell_games(event)
	for _, link in pairs(links) do link:push(event); end
end

local function stop_listener()
	if listener then listener:stop(); end
	listener = nil;
end

local function stop_links()
	for name, link in pairs(links) do
		link:stop();
		links[name] = nil;
	end
	stop_listener();
end

local function apply_listener(listen)
	if not listen then
		stop_listener();
	elseif listener then
		listener:change(listen);
	else
		listener = listener_lib.start(module, bridge, journal, listen);
	end
end

-- Starts the links of new games, changes those that stay, ends the others.
local function apply(options, new_verifier)
	local wanted = {};
	verifier, domain, health_addresses = new_verifier, options.domain, options.health_addresses;
	display_names.keep(options.names == "token");
	identity_element.keep(#options.games > 0 or options.shards ~= nil, options.names == "token");
	for _, game in ipairs(options.games) do
		wanted[game.name] = true;
		if links[game.name] then
			links[game.name]:change(game);
		else
			links[game.name] = game_link.start(module, bridge, journal, game, execute);
		end
	end
	for name, link in pairs(links) do
		if not wanted[name] then
			link:stop();
			links[name] = nil;
		end
	end
	apply_listener(options.listen);
end

local function config_reloaded()
	local options, result = prepare();
	if not options then
		journal:event("error", ("%s; the settings from before stay in force"):format(result));
		return;
	end
	journal:begin_anew();
	near_names.forget();
	apply(options, result);
	options_in_force = in_force.after_reload(options_in_force, in_force.fingerprints(module));
	if not shard.is_in_force(options.shards) then
		journal:event("warn", "skotos_shards or skotos_shard_domain has changed: that counts after a reload of the module or a restart of Prosody");
	end
end

local function moderators_of_games()
	local lists = {};
	for _, link in pairs(links) do lists[#lists + 1] = link.game.issuer.moderators; end
	return lists;
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
	local told = { version = bridge.version, muc_host = muc_host, games = games, logins = counts.logins, modules = {}, near_names = near_names.seen() };
	told.state, told.state_reason = drain.state();
	told.options = options_in_force;
	told.listener = listener and listener:stats();
	for _, host in ipairs { module.host, muc_host } do
		for name in pairs(modulemanager.get_modules(host) or {}) do told.modules[#told.modules + 1] = { host = host, name = name }; end
	end
	return told;
end

local function reconnect()
	local links_found = 0;
	for _, link in pairs(links) do
		link:reconnect();
		links_found = links_found + 1;
	end
	return links_found;
end

-- Has `hook(its module API)` called for the component `host`, now and each time that it starts.
local function on_component(host, hook)
	if prosody.hosts[host] then hook(module:context(host)); end
	module:hook_global("host-activated", function (started)
		if started == host then hook(module:context(host)); end
	end);
end

-- What holds wherever players are or wait. `options`: options.lib.lua's.
local function guard_messages(options)
	display_names.attach { journal = journal, bearer = bearer, is_service = services.is_service };
	invitations.attach { is_service = services.is_service };
	player_stanzas.attach { module = module, journal = journal, is_service = services.is_service };
	server_elements.attach { journal = journal, is_service = services.is_service };
	for _, host in ipairs { options.muc_host, options.breakout_host, options.lobby_host } do
		for _, part in ipairs { player_stanzas, identity_element, display_names, invitations, server_elements } do
			on_component(host, part.hook);
		end
	end
end

local function start()
	local options, result = prepare();
	if not options then error(result, 0); end
	muc_host = options.muc_host;
	options_in_force = in_force.fingerprints(module);
	places.attach { bridge = bridge, muc_host = muc_host, breakout_host = options.breakout_host, lobby_host = options.lobby_host };
	bearer.attach { bridge = bridge, claims_of = moderation.claims.of };
	services.attach { is_admin = moderation.is_admin, host = module.host };
	occupants.attach { bearer = bearer, moderation = moderation, places = places, services = services, muc_host = muc_host };
	mute.attach { occupants = occupants, moderation = moderation, is_service = services.is_service, is_players = places.is_players };
	identity_element.attach { module = module, bearer = bearer };
	expel.attach { places = places, affiliations = moderation.affiliations };
	near_names.attach { journal = journal, moderation = moderation, lists = moderators_of_games };
	events.attach { occupants = occupants, places = places, wants = wants_event, tell = tell_event };
	activity.attach {
		bridge = bridge, events = events, occupants = occupants, decisions = moderation.decisions, places = places, is_service = services.is_service;
	};
	on_component(options.speakerstats_host, activity.hook_speakerstats);
	lobby.attach { lobby_host = options.lobby_host, events = events, occupants = occupants, places = places };
	commands.attach {
		module = module, bridge = bridge, journal = journal;
		moderation = moderation, occupants = occupants, mute = mute, chat = chat, expel = expel, events = events;
		lobby = lobby, places = places;
	};
	moderation.decisions.observe(function (room_jid, kind, person, value)
		module:fire_event("skotos-decision", { room = room_jid, kind = kind, person = person, value = value });
	end);
	apply(options, result);
	local broadcasts = between_stanzas.hook(module, function () return links; end);
	moderation.attach {
		module = module, bridge = bridge, journal = journal, count = count, muc_host = muc_host, breakout_host = options.breakout_host;
		may_grant = options.may_grant, places = places, occupants = occupants, events = events, expel = expel, mute = mute;
		is_service = services.is_service;
		verifier = function () return verifier, domain; end;
		outlives_room = options.shards ~= nil;
		hooks = { places.hook, services.hook, occupants.hook, mute.hook, events.hook, activity.hook, near_names.hook, broadcasts };
	};
	guard_messages(options);
	brewery.attach { journal = journal, count = count, is_admin = moderation.is_admin, is_players = places.is_players };
	for _, hook in ipairs { moderation.door.hook, lobby.hook } do on_component(options.lobby_host, hook); end
	if options.shards then
		shard.attach {
			journal = journal, shards = options.shards, muc_host = muc_host, grace = options.grace;
			apply = module.environment.apply_decision, execute = module.environment.execute_command, tell = tell_games;
			wanted = wanted_events;
			forget = moderation.decisions.forget;
		};
	end
	kept_decisions.attach {
		module = module, journal = journal, decisions = moderation.decisions, places = places, grace = options.grace, shared = options.shards and shard;
	};
	drain.attach { journal = journal, links = function () return links; end, shared = options.shards ~= nil, has_others = shard.has_others };
	health.attach { state = drain.state, links = function () return links; end, shards = shard.status, addresses = function () return health_addresses; end };
	console.attach {
		drain = drain.set;
		status = console_status, reconnect = reconnect, events = function () return journal:recent(); end;
		verifier = function () return verifier; end;
	};
	metrics.attach(module.environment.status, function () return listener and listener:stats(); end, counts, command_counts);
	module:hook_global("config-reloaded", config_reloaded);
end

-- Prosody unloads nothing of what fails to load: a link would go on, beside the next one's.
function module.load()
	local started, why = pcall(start);
	if started then return; end
	stop_links();
	error(why, 0);
end

function module.save()
	return {
		decisions = moderation.save(), joined = occupants.save(), open = events.save(), shards = shard.save(), drained = drain.save();
	};
end

function module.restore(saved)
	moderation.restore(saved.decisions);
	occupants.restore(saved.joined);
	events.restore(saved.open);
	shard.restore(saved.shards);
	drain.restore(saved.drained);
end

function module.unload()
	console.detach();
	mute.stop("the bridge was reloaded meanwhile");
	stop_links();
	kept_decisions.detach();
	moderation.detach();
	shard.detach();
	journal:close();
	timers.stop();
end

-- What this shard knows of the others (skotos_bridge/shards/peers.lib.lua), nil where there is one only.
function shards() return shard.status(); end

-- For the specs and other modules: name of the game -> what its link tells of itself (luaclib/link/game_link.h, struct game_link_stats).
function status()
	local status = {};
	for name, link in pairs(links) do
		status[name] = link:stats();
	end
	return status;
end

-- For other modules and parts, with the events that this one fires on its host:
--   skotos-command { game = { name =, covers = function (channel) … end }, command =, done = }: a game's checked command is about to be
--     carried out; a handler that returns true has taken it over and calls done(result) once (commands.lib.lua tells of both tables);
--   skotos-decision { room = JID, kind = "ban", "moderator", "audio", "video" or "desktop", person =, value = }: somebody here decided about a person
--     (decisions.lib.lua, apply, takes the same back);
--   skotos-room-event { event = "joined", channel =, … }: what games can subscribe to; said, hand, muted, speaking, renamed and knocking
--     only while one does.

-- Carries out a checked command as if a game of this host had given it, also one that another server has checked: done(result) is
-- called exactly once, at once or within 15 s. Does not ask skotos-command's handlers when `here` is true.
function execute_command(game, command, done, here)
	commands.execute(game, command, done, here);
end

-- Takes over what was decided elsewhere about a person in a room (a JID), without telling skotos-decision: remembered for whoever comes, and
-- put into force for whoever is in the room.
function apply_decision(room_jid, kind, person, value)
	moderation.decisions.apply(room_jid, kind, person, value);
	moderation.reach.enforce(room_jid, kind, person, value);
end
