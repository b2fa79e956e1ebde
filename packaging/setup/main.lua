-- skotos-bridge-setup, from its options to its last word.

local changes = require "changes";
local command = require "command";
local drop_in = require "config_drop_in";
local files = require "files";
local hocon_line = require "hocon_line";
local jitsi_host = require "jitsi_host";
local lock = require "lock";
local options = require "options";
local prosody = require "prosody";
local config_in_force = require "config_in_force";
local questions = require "questions";
local undo = require "undo";
local wanted_settings = require "wanted";

local M = {};

local AUTO_OWNER = "jicofo.conference.enable-auto-owner";
local RESTARTING = "Restarting Prosody; whoever is in a meeting comes back by himself …";

local function say(text, ...)
	io.write(select("#", ...) > 0 and text:format(...) or text, "\n");
end

local function fail(status, text, ...)
	io.stdout:flush();
	io.stderr:write("skotos-bridge-setup: ", select("#", ...) > 0 and text:format(...) or text, "\n");
	return status;
end

-- Prosody's configuration as it is on the disk, where one of our own files that somebody has deleted counts as an empty one. Nil and why.
local function read_configuration(paths)
	local config, err = config_in_force.read(paths.config);
	local missing = {};
	while not config do
		local path = err:match("Error loading included (%S+): .*No such file");
		if not path or missing[path] or not path:find("skotos%-bridge/[^/]+%.cfg%.lua$") then return nil, err; end
		missing[path] = "/dev/null";
		config, err = config_in_force.read(paths.config, missing);
	end
	return config, missing;
end

-- Everything that is known of the host that is to be set up: { host =, muc =, root =, config =, current =, elsewhere =, file = (that of the
-- VirtualHost), secret_path = }. Nil and why.
local function find_site(o, paths, ask)
	local config, missing = read_configuration(paths);
	if not config then
		return nil, ("Prosody's configuration does not load as it is, which is nothing that setup has done: %s\nPut that right first; "
			.. "nothing was changed. (A Prosody that runs goes on with what it read before.)"):format(command.escaped(missing));
	end
	local site, err, names = jitsi_host.choose(config, o.host, paths.prosody);
	if not site and names and #names > 1 and ask and not o.host then
		questions.text("Which host (" .. table.concat(names, ", ") .. ")", names[1], function (line)
			local why;
			site, why = jitsi_host.choose(config, line, paths.prosody);
			return site, why;
		end);
	end
	if not site then return nil, err; end
	local without = {};
	for path in pairs(missing) do without[path] = "/dev/null"; end
	without[drop_in.path(paths.root, site.host)] = "/dev/null";
	local bare = config_in_force.read(paths.config, without);
	site.root, site.config, site.bare = paths.root, config, bare;
	site.current = setmetatable({}, { __index = function (_, name) return config:get(site.host, name); end });
	site.elsewhere = function (host, name) return bare:get(host, name); end;
	site.file = jitsi_host.file_of(bare, site.host, paths.config);
	site.secret_path = drop_in.secret_path("", site.host);
	return site;
end

-- Has the line that includes our file stand once, in the file of the VirtualHost; `site.last` has it moved to that file's end.
local function add_line(list, paths, site)
	local home, seen = files.real(site.file), {};
	for _, path in ipairs(site.config.files) do
		local real = files.real(path);
		local text = not seen[real] and files.read(real);
		seen[real] = true;
		if text and real == home and (site.last or not drop_in.is_included(text, site.host)) then
			list:add(real, text, drop_in.with_line(text, paths.root, path, site.host));
		elseif text and real ~= home and drop_in.is_included(text, site.host) then
			list:add(real, text, drop_in.without_line(text, site.host));
		end
	end
end

-- The files that change for `wanted`: the secret's first, then the one that names it, then the line that brings it into force.
local function collect(o, paths, site, wanted, secret_bytes)
	local list = changes.new();
	local path, secret = drop_in.path(paths.root, site.host), drop_in.secret_path(paths.root, site.host);
	local before, record = files.read(path), ("%s/%s.written"):format(paths.record, site.host);
	local text = drop_in.text(before, site, wanted, site.elsewhere);
	if secret_bytes then list:add(secret, files.read(secret), secret_bytes, { rights = paths.secret_rights, hide = true }); end
	-- What somebody added since stays his own in the record, so that undo knows it.
	local written = files.read(record);
	local ours = drop_in.text(written, site, wanted, site.elsewhere);
	list:add(record, written, ours, { rights = { mode = "0600" }, silent = true });
	list:add(path, before, text, { rights = paths.rights });
	local jicofo = not o.no_jicofo and files.read(paths.jicofo);
	if jicofo then list:add(files.real(paths.jicofo), jicofo, hocon_line.set(jicofo, AUTO_OWNER, "false")); end
	add_line(list, paths, site);
	return list;
end

-- Whether the staged configuration says what it is to say, by Prosody's own reader. True, or nil and why; third result true where only the
-- order in which files are read is wrong.
local function judge(list, paths, site, wanted)
	local in_place = list:in_place();
	for _, path in ipairs(site.config.files) do in_place[path] = in_place[path] or in_place[files.real(path)]; end
	local config, err = config_in_force.read(paths.config, in_place);
	if not config then return nil, "with the change the configuration would not load: " .. command.escaped(err); end
	for name, value in pairs(wanted) do
		local now = config.hosts[site.host][name];
		if type(value) ~= "table" and now ~= value then
			return nil, ("%s would not count on %s, since it is set again after our file"):format(name, site.host), true;
		end
	end
	local known = {};
	for _, line in ipairs(site.config.warnings) do known[line:gsub(":%d+:", ":")] = true; end
	for _, line in ipairs(config.warnings) do
		if not known[line:gsub(":%d+:", ":")] then return nil, "with the change Prosody would complain: " .. command.escaped(line); end
	end
	return true;
end

-- Says how the links are. Gives whether all is as it should be.
local function report_links(told)
	if told == false then
		say("?     Prosody's admin socket does not answer, so look into /var/log/prosody/prosody.log for \"connected to the game\"");
		return false;
	end
	if told.state == "draining" then
		say("wait  this server is drained, so it has no links to games: prosodyctl mod_skotos_bridge undrain");
		return true;
	end
	local all_up = true;
	for _, game in ipairs(told.games) do
		if game.state == "up" then
			say("ok    the game \"%s\" is connected", game.name);
		else
			all_up = false;
			say("wait  the game \"%s\" does not answer yet (%s). Is it running, and is its port reachable from this machine? The bridge goes on "
				.. "trying by itself.", game.name, game.state);
		end
	end
	return all_up;
end

-- What else prosodyctl mod_skotos_bridge check would have a person look at, each with what mends it.
local function report_check(server)
	local _, output = server:ctl({ "mod_skotos_bridge", "check" }, 60);
	local shown = false;
	for line in output:gmatch("[^\n]+") do
		shown = line:find("^warn  ") ~= nil or line:find("^fail  ") ~= nil or (shown and line:find("^%s") ~= nil);
		if shown then say("%s", line); end
	end
end

-- Has the running Prosody take the new configuration. Gives the exit status.
local function take_effect(server, site, needs_restart)
	if server.root ~= "" then
		say("Nothing runs under %s; there is nothing to start.", server.root);
		return 0;
	end
	if not server:is_running() then
		say("Prosody does not run. Start it with: systemctl start prosody");
		return 3;
	end
	local ok, output;
	if needs_restart or server:bridge(site.host) == nil then
		say("%s", RESTARTING);
		ok, output = server:restart();
	else
		ok, output = server:reload();
	end
	if not ok then return fail(3, "Prosody did not take the new configuration: %s", output); end
	local told = server:wait_for_links(site.host, 20);
	if told == nil then
		return fail(3, "Prosody runs, but not the module; the reason is in /var/log/prosody/prosody.log: grep skotos_bridge /var/log/prosody/prosody.log");
	end
	if told then say("ok    skotos_bridge runs on %s, rooms in %s", site.host, site.muc); end
	local up = report_links(told);
	if told then report_check(server); end
	return up and 0 or 3;
end

-- Whether the module itself would find in the staged configuration what keeps players out, and did not before. True, or nil and what.
local function is_sound(list, paths, site)
	local server, in_place = prosody.new(paths.root), list:in_place();
	for _, path in ipairs(site.config.files) do in_place[path] = in_place[path] or in_place[files.real(path)]; end
	for target, other in pairs(list:in_place()) do in_place[target:sub(#paths.root + 1)] = other; end -- as the configuration names it
	local after = #list > 0 and server:faults(site.host, in_place) or {};
	local before = next(after) and server:faults(site.host) or {};
	for text, mend in pairs(after) do
		if not before[text] then return nil, ("the module would not take it: %s\n  mend it: %s"):format(text, mend); end
	end
	return true;
end

-- Makes ready what changes for `wanted`, so that it is what counts: our line stands where it is read last. Gives the list (changes.lua), to
-- be committed or dropped; nil and why.
local function prepare(o, paths, site, wanted, secret_bytes)
	local why;
	for _, try in ipairs { { site.file, site.last }, { site.file, true }, { paths.config, true } } do
		site.file, site.last = try[1], try[2];
		local list = collect(o, paths, site, wanted, secret_bytes);
		local ok, err = list:stage();
		if not ok then return nil, err; end
		local in_order;
		ok, why, in_order = judge(list, paths, site, wanted);
		if ok then ok, why = is_sound(list, paths, site); end
		if ok then return list; end
		list:drop();
		if not in_order then return nil, why; end
	end
	return nil, why;
end

-- Puts it in place. Nil when all is well, else the status.
local function write(list)
	local ok, err, left = list:commit();
	if ok then return nil; end
	if left[1] then return fail(1, "%s; and these files could not be put back: %s", err, table.concat(left, ", ")); end
	return fail(1, "nothing was changed: %s", err);
end

-- Restarts Jicofo where it runs.
local function restart_jicofo(paths)
	if paths.root == "" and not prosody.restart_jicofo() then say("Jicofo could not be restarted; do it yourself: systemctl restart jicofo"); end
end

local function confirm(o, list, restart, jicofo)
	io.write(list:shown());
	if o.dry_run then
		say("Nothing was changed (--dry-run).");
		return false;
	end
	if o.yes then return true; end
	if restart then say("Prosody will be restarted%s; whoever is in a meeting comes back by himself.", jicofo and " and so will Jicofo" or ""); end
	if questions.yes("Change this?", true) then return true; end
	say("Nothing was changed.");
	return false;
end

-- What a person has to know of modules that are still on, and of hosts that are there already.
local function remarks_on(site)
	local lines = {};
	for _, against in ipairs(drop_in.AGAINST) do
		if site.config:enables(site.muc, against[1]) then
			lines[#lines + 1] = ("%s is turned off in %s: %s."):format(against[1], site.muc, against[2]);
		end
	end
	for _, guest in ipairs(jitsi_host.guests(site.config, site)) do
		lines[#lines + 1] = ("VirtualHost %q lets people log in without a token. The rooms keep them out, unless allow_empty_token = true stands on %s.")
			:format(guest, site.host);
	end
	return lines;
end

local function needs_restart(site)
	if site.bare == nil or site.current.authentication ~= "skotos_bridge" then return true; end
	for _, against in ipairs(drop_in.AGAINST) do
		if site.config:enables(site.muc, against[1]) then return true; end
	end
	return false;
end

local function set_up(o, paths)
	local ask = not o.yes and not o.dry_run and command.at_terminal();
	if not ask and not o.yes and not o.dry_run then
		return fail(2, "nobody is there to be asked: add --yes to change things, --dry-run to see what would change");
	end
	local site, err = find_site(o, paths, ask);
	if not site then return fail(1, err); end
	local wanted, secret_bytes, remarks;
	if o.add_game or o.remove_game then
		wanted, secret_bytes, remarks = wanted_settings.for_more_games(o, site);
	else
		wanted, secret_bytes, remarks = wanted_settings.for_game(o, site, ask);
	end
	if not wanted then return fail(1, secret_bytes); end
	for _, line in ipairs(remarks) do say("%s", line); end
	for _, line in ipairs(remarks_on(site)) do say("%s", line); end
	local list, why = prepare(o, paths, site, wanted, secret_bytes);
	if not list then return fail(1, "nothing was changed: %s", why); end
	local server, restart = prosody.new(paths.root), needs_restart(site);
	local jicofo = list:touches(files.real(paths.jicofo));
	if list:count() == 0 then
		if o.dry_run then list:drop(); end
		local status = not o.dry_run and write(list);
		if status then return status; end
		say("Everything is set up already; nothing changes.");
		return o.dry_run and 0 or take_effect(server, site, false);
	end
	if not confirm(o, list, restart, jicofo) then
		list:drop();
		return o.dry_run and 0 or 1;
	end
	local status = write(list);
	if status then return status; end
	if jicofo then restart_jicofo(paths); end
	return take_effect(server, site, restart);
end

local function take_out(o, paths)
	local only = o.host and o.host:lower();
	local list, remarks, notes = undo.plan(paths, only);
	if #list == 0 then
		if not o.dry_run then undo.tidy(paths); end
		say("There is nothing to undo.");
		return 0;
	end
	for _, line in ipairs(notes) do say("%s", line); end
	local jicofo = list:touches(files.real(paths.jicofo));
	if not confirm(o, list, true, jicofo) then return o.dry_run and 0 or 1; end
	local ok, err = list:stage();
	if ok then ok, err = list:commit(); end
	if not ok then
		if undo.empty(paths, only) then
			return fail(1, "%s\nOur own files in %s are emptied, so that the configuration says what it said before; say --undo again when that is "
				.. "mended, and the rest goes too", err, drop_in.folder(paths.root));
		end
		return fail(1, "nothing was changed: %s", err);
	end
	undo.tidy(paths);
	for _, line in ipairs(remarks) do say("%s", line); end
	local server = prosody.new(paths.root);
	if jicofo then restart_jicofo(paths); end
	if server:is_running() then
		say("%s", RESTARTING);
		local restarted, output = server:restart();
		if not restarted then return fail(1, "nothing of ours is left in the files, but Prosody did not restart: %s", output); end
	end
	say("Nothing of skotos-bridge-setup is left in the configuration.");
	return 0;
end

-- Runs it with its command line; gives the exit status. `version` tells what --version shows.
function M.run(arguments, version)
	local o, err = options.parse(arguments);
	if not o then return fail(2, err); end
	if o.help then
		io.write(options.help);
		return 0;
	end
	if o.version then
		say("skotos-bridge-setup %s", version());
		return 0;
	end
	local root = o.root and o.root:gsub("/+$", "") or "";
	if root == "" and not command.is_root() then return fail(1, "it changes Prosody's configuration and so has to run as root: sudo skotos-bridge-setup …"); end
	local paths = {
		root = root, prosody = root .. "/etc/prosody", config = root .. "/etc/prosody/prosody.cfg.lua", jicofo = root .. "/etc/jitsi/jicofo/jicofo.conf";
		record = root .. "/var/lib/skotos-bridge", rights = { mode = "0640", owner = root == "" and "root:prosody" or nil };
		secret_rights = root == "" and { mode = "0640", owner = "root:prosody" } or { mode = "0600" };
	};
	if not o.dry_run then
		local locked, why = lock.take(root);
		if not locked then return fail(1, why); end
		files.sweep { paths.prosody, paths.prosody .. "/conf.avail", paths.prosody .. "/conf.d", drop_in.folder(root), paths.record,
			(paths.jicofo:match("^(.*)/[^/]*$")) };
	end
	if o.undo then return take_out(o, paths); end
	return set_up(o, paths);
end

return M;
