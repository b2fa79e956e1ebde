-- skotos-bridge-setup --undo: everything of ours out of the configuration, whatever was edited since. It needs nothing but what stands in the
-- files, so it ends in a configuration without us also after a kill, after a backup was restored, or without its record.

local changes = require "changes";
local drop_in = require "config_drop_in";
local files = require "files";
local hocon_line = require "hocon_line";
local leftovers = require "leftovers";
local config_in_force = require "config_in_force";

local M = {};

-- Every file that could hold a line of ours: those that Prosody reads, and those of its folders; each once, though conf.d links to
-- conf.avail. List of { path =, text = }.
local function configuration_files(paths, config)
	local found, seen = {}, {};
	local function take(path)
		local real = files.real(path);
		local text = not seen[real] and files.read(real);
		seen[real] = true;
		if text and not path:find("/skotos%-bridge/[^/]*$") then found[#found + 1] = { path = real, text = text }; end
	end
	for _, path in ipairs(config and config.files or {}) do take(path); end
	take(paths.config);
	for _, folder in ipairs { "/conf.d", "/conf.avail", "" } do
		for _, path in ipairs(files.list(paths.prosody .. folder, "*.cfg.lua")) do take(path); end
	end
	return found;
end

-- The hosts that something of ours belongs to, as a list; `only` one of them.
local function hosts_of(paths, all, only)
	local listed, hosts = {}, {};
	local function take(host)
		if not listed[host] and (only == nil or host == only) then hosts[#hosts + 1], listed[host] = host, true; end
	end
	for _, host in ipairs(drop_in.hosts(paths.root)) do take(host); end
	for _, path in ipairs(files.list(drop_in.folder(paths.root), "*.secret")) do take(path:match("([^/]*)%.secret$")); end
	for _, path in ipairs(files.list(paths.record, "*.written")) do take(path:match("([^/]*)%.written$")); end
	for _, file in ipairs(all) do
		for host in file.text:gmatch("skotos%-bridge/([^/\"']+)%.cfg%.lua") do take(host); end
	end
	return hosts;
end

-- Puts what somebody added to our file of `host` beside, as remarks, since the file goes; once, where an undo was broken off behind that.
-- Gives a line that says where.
local function keep_added(list, paths, host, text, written)
	local added = drop_in.added(text, written);
	if #added == 0 then return nil; end
	local path = ("%s/skotos-bridge-%s.kept"):format(paths.prosody, host);
	local before = files.read(path) or "";
	local kept = ("-- Added by hand to the settings of skotos_bridge for %s, which are taken out:\n%s\n"):format(host, table.concat(added, "\n"));
	if not before:find(kept, 1, true) then
		list:add(path, before ~= "" and before or nil, before .. kept, { rights = paths.rights });
	end
	return ("What was added by hand to our file for %s is kept in %s"):format(host, path);
end

local NAMES_US = "it names skotos_bridge in a line that setup did not write; that is taken out too, since Prosody would miss the module";

-- What undo changes: a list (changes.lua), lines for a person when it is done, and lines to be read before. `only`: one host; nil: all, and
-- with the last one whatever names us in other people's lines. First in it stands what takes us out of the configuration, so that wherever
-- it is broken off Prosody never misses a file.
function M.plan(paths, only)
	local all, list, remarks = configuration_files(paths, config_in_force.read(paths.config)), changes.new(), {};
	local notes = {};
	local hosts = hosts_of(paths, all, only);
	local last = #hosts_of(paths, all) == #hosts;
	for _, file in ipairs(all) do
		local text = file.text;
		for _, host in ipairs(hosts) do text = drop_in.without_line(text, host); end
		if last then
			local without = leftovers.without(text);
			if without ~= text then notes[#notes + 1] = ("%s: %s"):format(file.path, NAMES_US); end
			text = without;
		end
		list:add(file.path, file.text, text);
	end
	local jicofo = last and files.read(paths.jicofo);
	if jicofo then list:add(files.real(paths.jicofo), jicofo, hocon_line.without_line(jicofo)); end
	for _, host in ipairs(hosts) do
		local path, written = drop_in.path(paths.root, host), ("%s/%s.written"):format(paths.record, host);
		local text = files.read(path);
		if text then remarks[#remarks + 1] = keep_added(list, paths, host, text, files.read(written)); end
	end
	for _, host in ipairs(hosts) do
		local path, secret, written = drop_in.path(paths.root, host), drop_in.secret_path(paths.root, host), ("%s/%s.written"):format(paths.record, host);
		list:add(path, files.read(path), nil);
		list:add(secret, files.read(secret), nil, { hide = true });
		list:add(written, files.read(written), nil, { silent = true });
	end
	return list, remarks, notes;
end

-- Away with our folders, where nothing is left in them.
function M.tidy(paths)
	os.remove(drop_in.folder(paths.root));
	os.remove(paths.record);
end

-- Where the disk is too full to write the files without our line: our own are emptied, which takes no room, so that the line includes
-- nothing. Gives whether that could be done.
function M.empty(paths, only)
	local done = true;
	for _, host in ipairs(drop_in.hosts(paths.root)) do
		if only == nil or host == only then
			local file = io.open(drop_in.path(paths.root, host), "wb");
			done = file and file:close() and done or false;
		end
	end
	return done;
end

return M;
