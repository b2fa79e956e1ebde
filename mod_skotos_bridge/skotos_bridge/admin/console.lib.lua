-- Answers to the administrator while Prosody runs: skotos:status(), skotos:reconnect(), skotos:log() in Prosody's shell
-- (mod_admin_shell), and the same for prosodyctl over the admin socket (mod_admin_socket; ctl/running.lib.lua asks).
--
-- There is one console for all hosts with the bridge, since shell and socket belong to no host: the hosts stand in a table that
-- Prosody keeps for us, and whoever comes first serves it.

local json = require "util.json";
local pposix = require "util.pposix";
local modulemanager = require "core.modulemanager";
local st = require "util.stanza";

local M = {};

local hosts = module:shared("/*/skotos_bridge/admin/console"); -- host -> what attach was given
-- socket = true: mod_admin_socket was loaded by us; commands: ours in Prosody 13's shell, to be taken back
local kept = module:shared("/*/skotos_bridge/console_kept");

-- host -> what its bridge tells of itself, for `only` one host or all.
local function status(only)
	local told = {};
	for host, bridge in pairs(hosts) do
		if not only or only == host then told[host] = bridge.status(); end
	end
	return told;
end

local function reconnect(only)
	local count = 0;
	for host, bridge in pairs(hosts) do
		if not only or only == host then count = count + bridge.reconnect(); end
	end
	return count;
end

-- Takes the hosts, or `only` that one, out of the games' round, or back in: a sorted list of those that were not so already; nil where there
-- is no such host.
local function drain(wanted, only)
	if only and not hosts[only] then return nil; end
	local changed = {};
	for host, bridge in pairs(hosts) do
		if (not only or only == host) and bridge.drain(wanted) then changed[#changed + 1] = host; end
	end
	table.sort(changed);
	return changed;
end

local function no_bridge(host)
	return { error = ("the running Prosody has no skotos_bridge on %s"):format(tostring(host)) };
end

local function drain_operation(wanted)
	return function (arguments)
		local changed = drain(wanted, arguments.host);
		return changed and { hosts = changed } or no_bridge(arguments.host);
	end;
end

local function said(changed, done, otherwise)
	return #changed > 0 and table.concat(changed, ", ") .. " " .. done or otherwise;
end

local function events(only)
	local all = {};
	for host, bridge in pairs(hosts) do
		if not only or only == host then
			for _, event in ipairs(bridge.events()) do all[#all + 1] = { at = event.at, level = event.level, text = event.text, host = host }; end
		end
	end
	table.sort(all, function (a, b) return a.at < b.at; end);
	return all;
end

local operations = {
	status = function (arguments)
		return { prosody = prosody.version, pid = pposix.getpid(), started = prosody.start_time, now = os.time(), hosts = status(arguments.host) };
	end;
	reconnect = function (arguments) return { links = reconnect(arguments.host) }; end;
	drain = drain_operation(true), undrain = drain_operation(false);
	log = function (arguments) return { events = events(arguments.host) }; end;
	-- Does the verifier that is in force take this token? { host =, token = }
	verify = function (arguments)
		local bridge = hosts[arguments.host];
		if not bridge then return no_bridge(arguments.host); end
		local claims, refusal = bridge.verifier():verify(tostring(arguments.token), os.time());
		return { accepted = claims ~= nil, code = refusal and refusal.code, text = refusal and refusal.text };
	end;
};

local function answer_socket(event)
	local operation = operations[event.stanza.attr.operation or ""];
	local arguments = json.decode(event.stanza:get_text() or "{}");
	local ok, told = false, "there is no such operation";
	if operation and type(arguments) == "table" then ok, told = pcall(operation, arguments); end
	if not ok then told = { error = tostring(told) }; end
	event.origin.send(st.stanza("skotos-bridge-answer"):text(json.encode(told)));
	return true;
end

local function print_status(print)
	local up, all = 0, 0;
	for host, told in pairs(status()) do
		for _, game in ipairs(told.games) do
			all = all + 1;
			if game.state == "up" then up = up + 1; end
			print(M.game_line(host, game));
		end
	end
	return up, all;
end

-- One game of one host in a line, from what its bridge tells.
function M.game_line(host, game)
	return ("%s: game %s at %s is %s; %d requests, %d tokens, %d refused, %d waiting, %d lost, connected %d times"):format(host, game.name,
		game.address ~= "" and game.address or ("%s:%d"):format(game.host, game.port), game.state, game.requests, game.tokens, game.refused,
		game.queued, game.dropped + game.late, game.connects);
end

local shell = {
	{ "status", "How every game's link is", function (self)
		local up, all = print_status(self.session.print);
		if up < all then return nil, ("%d of %d games linked"):format(up, all); end
		return true, ("%d of %d games linked"):format(up, all);
	end },
	{ "reconnect", "Drop the links to the games and connect anew", function () return true, ("connecting to %d games anew"):format(reconnect()); end },
	{ "drain", "Take this server out: no new rooms, and its links close when nothing waits on them", function ()
		return true, said(drain(true), "drains", "nothing changes: it drains already");
	end },
	{ "undrain", "Take it in again", function () return true, said(drain(false), "takes part again", "nothing changes: it takes part"); end },
	{ "log", "The last events (50 of each host)", function (self)
		local all = events();
		for _, event in ipairs(all) do
			self.session.print(("%s  %-5s %s: %s"):format(os.date("%F %T", event.at), event.level, event.host, event.text));
		end
		return true, ("%d events"):format(#all);
	end },
};

-- Prosody 13 takes commands as items; before, one puts them into the shell's environment. An item of a host's module belongs to that host, and
-- its command has to name a host (host_selector), else the shell warns of it; ours are for all hosts. So they are announced as items of the
-- server, and are nobody's: no host's shell finds them among its modules' own.
local takes_items = prosody.features ~= nil;

local function announce(what, item)
	module:context("*"):fire_event(("item-%s/shell-command"):format(what), { source = module, item = item });
end

local function leave_shell()
	for _, item in ipairs(kept.commands or {}) do announce("removed", item); end
	kept.commands = nil;
	module:shared("/*/admin_shell/env").skotos = nil;
end

-- Whoever comes last is who serves the shell, so that new code does after a reload.
local function join_shell()
	leave_shell();
	if not takes_items then
		local section = {};
		for _, command in ipairs(shell) do section[command[1]] = command[3]; end
		module:shared("/*/admin_shell/env").skotos = section;
		return;
	end
	kept.commands = {};
	for i, command in ipairs(shell) do
		kept.commands[i] = {
			section = "skotos", section_desc = "The link to the SkotOS games", name = command[1], desc = command[2], args = {}, handler = command[3];
		};
		announce("added", kept.commands[i]);
	end
end

-- Where mod_admin_shell is not loaded (as in Jitsi's Docker image), prosodyctl still needs somebody to ask.
local function open_socket()
	if modulemanager.is_loaded("*", "admin_socket") or module:get_option_inherited_set("modules_disabled", {}):contains("admin_socket") then return; end
	kept.socket = modulemanager.load("*", "admin_socket") ~= nil;
end

local function close_socket()
	if kept.socket and not modulemanager.is_loaded("*", "admin_shell") then modulemanager.unload("*", "admin_socket"); end
	kept.socket = nil;
end

-- Serves `bridge` = { status = function () … { games = { { name =, host =, port =, state =, … } }, … }, reconnect = function () … how many
-- links, drain = function (wanted) … whether that is new, events = function () … { { at =, level =, text = } }, verifier = function () … } for this host.
function M.attach(bridge)
	hosts[module.host] = bridge;
	module:hook_global("admin/skotos-bridge", answer_socket);
	open_socket();
	if modulemanager.is_loaded("*", "admin_shell") then join_shell(); end
	module:hook_global("module-loaded", function (event)
		if event.module == "admin_shell" then join_shell(); end
	end);
end

function M.detach()
	hosts[module.host] = nil;
	if next(hosts) ~= nil then return; end
	leave_shell();
	close_socket();
end

return M;
