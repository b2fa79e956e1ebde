-- skotos-bridge-setup, from its options to its last word.

local changes = require "changes";
local command = require "command";
local files = require "files";
local hocon = require "hocon";
local jitsi_host = require "jitsi_host";
local lua_config = require "lua_config";
local options = require "options";
local plan = require "plan";
local prosody = require "prosody";
local questions = require "questions";
local record = require "record";
local wanted_settings = require "wanted";

local M = {};

local AUTO_OWNER = "jicofo.conference.enable-auto-owner";
local OLD_MODULES = { "token_moderation" };

local function say(text, ...)
	io.write(select("#", ...) > 0 and text:format(...) or text, "\n");
end

local function fail(status, text, ...)
	io.stdout:flush();
	io.stderr:write("skotos-bridge-setup: ", select("#", ...) > 0 and text:format(...) or text, "\n");
	return status;
end

-- The files that change for `wanted` in the host's configuration, its MUC's, Jicofo's, and the secret's. Nil and why.
local function collect(o, paths, site, wanted, secret_bytes)
	local list = changes.new();
	local text, err = plan.host_text(site.file.text, site.section, wanted, OLD_MODULES);
	if not text then return nil, err; end
	local muc_file, muc_section = site.muc.file, site.muc.section;
	if muc_file == site.file then
		-- The MUC's section stands in the file that was just changed.
		muc_file, muc_section = { path = site.file.path, text = text }, nil;
		for _, section in ipairs(lua_config.sections(text)) do
			if section.kind == "Component" and section.name == site.muc.name then muc_section = section; end
		end
		text = plan.without_modules(muc_file, muc_section, OLD_MODULES);
	else
		list:add(muc_file.path, muc_file.text, (plan.without_modules(muc_file, muc_section, OLD_MODULES)));
	end
	local ok, wrong = lua_config.is_lua(text, site.file.path);
	if not ok then return nil, ("%s: changing it would break it (%s); please change it by hand and report this"):format(site.file.path, wrong); end
	list:add(site.file.path, site.file.text, text);
	if secret_bytes then
		local rights = { mode = "0640", owner = o.root == nil and "root:prosody" or nil };
		list:add(paths.secret, files.read(paths.secret), secret_bytes, rights, true);
	end
	local jicofo = o.jicofo ~= false and files.read(paths.jicofo);
	if jicofo then list:add(files.real(paths.jicofo), jicofo, hocon.set(jicofo, AUTO_OWNER, "false")); end
	return list;
end

local function touches(list, path)
	for _, change in ipairs(list) do
		if change.path == path then return true; end
	end
	return false;
end

local function report_links(links)
	local all_up = links ~= nil;
	for name, state in pairs(links or {}) do
		if state == "up" then
			say("ok    the game \"%s\" is connected", name);
		else
			all_up = false;
			say("wait  the game \"%s\" does not answer yet (%s). Is it running, and is its port reachable from this machine? The bridge goes on "
				.. "trying by itself.", name, state);
		end
	end
	if not links then say("?     Prosody's shell does not answer, so look into /var/log/prosody/prosody.log for \"connected to the game\""); end
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
	if needs_restart or server:has_module(site.host) ~= true then
		say("Restarting Prosody; whoever is in a meeting comes back by himself …");
		ok, output = server:restart();
	else
		ok, output = server:reload();
	end
	if not ok then return fail(3, "Prosody did not take the new configuration: %s", output); end
	local links = server:wait_for_links(site.host, 20);
	local loaded = server:has_module(site.host);
	if loaded == false then
		return fail(3, "Prosody runs, but not the module; the reason is in /var/log/prosody/prosody.log: grep skotos_bridge /var/log/prosody/prosody.log");
	end
	if loaded then say("ok    skotos_bridge runs on %s, rooms in %s", site.host, site.muc.name); end
	local up = report_links(links);
	if loaded then report_check(server); end
	return up and 0 or 3;
end

-- Writes the changes and has Prosody judge them; puts everything back where it is not content. Nil when all is well, else the status.
local function write(list, server, saved)
	local before = server:complaints();
	local known = #saved.entries > 0;
	local function forget()
		if not known then return saved:clear(); end
		for _, change in ipairs(list) do saved:note(change.path, change.after, change.before); end
	end
	for _, change in ipairs(list) do
		local ok, err = saved:note(change.path, change.before, change.after);
		if not ok then
			forget();
			return fail(1, "nothing was changed, since the record for --undo cannot be written: %s", err);
		end
	end
	local ok, err = list:write();
	if not ok then
		forget();
		return fail(1, "nothing was changed: %s", err);
	end
	local content, new = true, nil;
	if before then content, new = server:is_content(before); end
	if content then return nil; end
	say("prosodyctl check config is not content:\n%s", table.concat(new, "\n"));
	local back, left = list:put_back();
	if not back then return fail(1, "and these files could not be put back: %s; as they were they are kept in %s", left, saved.folder); end
	forget();
	return fail(1, "everything was put back as it was");
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

local function set_up(o, paths)
	local ask = not o.yes and not o.dry_run and command.at_terminal();
	if not ask and not o.yes and not o.dry_run then
		return fail(2, "nobody is there to be asked: add --yes to change things, --dry-run to see what would change");
	end
	local all = jitsi_host.files(paths.prosody);
	local site, err, names = jitsi_host.choose(all, o.host);
	if not site and names and #names > 1 and ask and not o.host then
		site = jitsi_host.choose(all, questions.text("Which host (" .. table.concat(names, ", ") .. ")", names[1]));
	end
	if not site then return fail(1, err); end
	if not site.file.loaded then
		return fail(1, "%s is not linked from conf.d, so Prosody does not read it; as root: ln -s %s /etc/prosody/conf.d/", site.file.path, site.file.path);
	end
	local wanted, secret_bytes, remarks;
	if o.add_game or o.remove_game then
		wanted, secret_bytes, remarks = wanted_settings.for_more_games(o, site);
	else
		wanted, secret_bytes, remarks = wanted_settings.for_game(o, site, paths.secret_seen, ask);
	end
	if not wanted then return fail(1, secret_bytes); end
	for _, line in ipairs(remarks) do say(line); end
	local list, why = collect(o, paths, site, wanted, secret_bytes);
	if not list then return fail(1, why); end
	local server = prosody.new(o.root or "");
	local jicofo = touches(list, files.real(paths.jicofo));
	if #list == 0 then
		say("Everything is set up already; nothing changes.");
		return o.dry_run and 0 or take_effect(server, site, false);
	end
	local restart = plan.current(site.section).authentication ~= "skotos_bridge";
	if not confirm(o, list, restart, jicofo) then return o.dry_run and 0 or 1; end
	local status = write(list, server, record.open(paths.record));
	if status then return status; end
	if jicofo and o.root == nil and not prosody.restart_jicofo() then say("Jicofo could not be restarted; do it yourself: systemctl restart jicofo"); end
	return take_effect(server, site, restart);
end

-- Puts every file back as it was before setup. `quiet` where the package goes.
local function undo(o, paths)
	local saved, list = record.open(paths.record), changes.new();
	if #saved.entries == 0 then
		say("There is nothing to undo.");
		return 0;
	end
	for _, entry in ipairs(saved.entries) do
		local now = files.read(entry.path);
		local original, unknown = saved:original(entry.path, now);
		if unknown then
			return fail(1, "%s was changed by hand in the very lines that setup wrote. As it was before setup it is in %s.before; put into it what "
				.. "you want to keep, copy it over, and say --undo again", entry.path, entry.stem);
		end
		if now ~= nil or entry.before ~= nil then list:add(entry.path, now, original, nil, entry.path == paths.secret); end
	end
	if #list > 0 then
		if not confirm(o, list, true, false) then return o.dry_run and 0 or 1; end
		local ok, err = list:write();
		if not ok then return fail(1, "nothing was changed: %s", err); end
	end
	if o.dry_run then return 0; end
	saved:clear();
	local server = prosody.new(o.root or "");
	if touches(list, files.real(paths.jicofo)) and o.root == nil then prosody.restart_jicofo(); end
	if #list > 0 and server:is_running() then
		local ok, output = server:restart();
		if not ok then return fail(1, "all files are as they were, but Prosody did not restart: %s", output); end
	end
	say("All files are as they were before skotos-bridge-setup.");
	return 0;
end

-- Runs it with its command line; gives the exit status.
function M.run(arguments, version)
	local o, err = options.parse(arguments);
	if not o then return fail(2, err); end
	if o.help then
		io.write(options.help);
		return 0;
	end
	if o.version then
		say("skotos-bridge-setup %s", version);
		return 0;
	end
	local root = o.root and o.root:gsub("/+$", "") or "";
	o.root = root ~= "" and root or nil;
	if not o.root and not command.is_root() then return fail(1, "it changes Prosody's configuration and so has to run as root: sudo skotos-bridge-setup …"); end
	local paths = {
		prosody = root .. "/etc/prosody", secret = root .. "/etc/prosody/skotos-bridge.secret", secret_seen = "/etc/prosody/skotos-bridge.secret";
		jicofo = root .. "/etc/jitsi/jicofo/jicofo.conf", record = root .. "/var/lib/skotos-bridge";
	};
	if o.undo then return undo(o, paths); end
	return set_up(o, paths);
end

return M;
