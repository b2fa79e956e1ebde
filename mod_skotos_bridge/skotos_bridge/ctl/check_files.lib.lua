-- Who may read the files that hold secrets, and whether the disks have room.

local configmanager = require "core.configmanager";
local lfs = require "lfs";
local paths = require "util.paths";

local file = module:require "skotos_bridge/admin/file";
local secrets_lib = module:require "skotos_bridge/login/secrets";

local M = {};

local LITTLE, ENOUGH = 1048576, 104857600; -- bytes: below the one a failure, below the other a warning
local FEW = 100; -- files

local function quoted(path) return "'" .. path:gsub("'", [['\'']]) .. "'"; end

-- The file behind symbolic links, as Jitsi's conf.d/HOST.cfg.lua is one.
local function real(path)
	for _ = 1, 8 do
		local target = lfs.symlinkattributes(path, "target");
		if not target then break; end
		path = paths.resolve_relative_path(path:match("^(.*)/[^/]*$") or "", target);
	end
	return path;
end

-- Whether others than owner and group may read the file at `path`: by its own rights and those of all folders above it.
local function open_to_all(path)
	path = real(path);
	local attributes = lfs.attributes(path);
	if not attributes or attributes.permissions:sub(7, 7) ~= "r" then return false; end
	local folder = path:match("^(/.*)/[^/]*$");
	while folder and folder ~= "" do
		local above = lfs.attributes(folder);
		if above and above.permissions:sub(9, 9) ~= "x" and above.permissions:sub(9, 9) ~= "t" then return false; end
		folder = folder:match("^(/.*)/[^/]*$");
	end
	return true;
end

local function absolute(path)
	return paths.resolve_relative_path(prosody.paths.config, path);
end

-- The secrets that stand in the configuration itself.
local function written_secrets(host)
	local found = {};
	local function add(value)
		for _, secret in ipairs(type(value) == "table" and value or { value }) do
			if type(secret) == "string" and secret ~= "" then found[#found + 1] = secret; end
		end
	end
	add(host.module:get_option("app_secret"));
	for _, game in pairs(type(host.module:get_option("skotos_games")) == "table" and host.module:get_option("skotos_games") or {}) do
		if type(game) == "table" then add(game.app_secret); end
	end
	return found;
end

local function check_configuration(report, host)
	local secrets, open, holding = written_secrets(host), {}, 0;
	for _, name in ipairs(#secrets > 0 and configmanager.files() or {}) do
		local path = absolute(name);
		local text = file.read(path) or "";
		for _, secret in ipairs(secrets) do
			if text:find(secret, 1, true) then
				holding = holding + 1;
				if open_to_all(path) then open[path] = true; end
				break;
			end
		end
	end
	for path in pairs(open) do
		report:fail("rights", ("%s holds the secret, and every user of this machine may read it (%s)"):format(path, lfs.attributes(path, "permissions")),
			("chown root:prosody %s && chmod 640 %s"):format(quoted(path), quoted(path)));
	end
	if holding > 0 and next(open) == nil then report:ok("rights", ("%s: only Prosody may read the configuration that holds the secret"):format(host.host)); end
end

local function check_private_file(report, option, path)
	if type(path) ~= "string" then return; end
	path = absolute(path);
	local private, reason = secrets_lib.is_private(path, secrets_lib.owner());
	if lfs.attributes(path, "mode") ~= "file" then
		report:fail("rights", ("%s = %q: %s"):format(option, path, reason or "no such file"), "put it there, or set the option right");
	elseif not private or not file.read(path) then
		report:fail("rights", ("%s = %q: %s"):format(option, path, reason or "Prosody may not read it"),
			("chown prosody: %s && chmod 600 %s"):format(quoted(path), quoted(path)));
	else
		report:ok("rights", ("%s: only Prosody may read %s"):format(option, path));
	end
end

-- The files with secrets and keys of one host.
function M.secrets(report, host)
	check_configuration(report, host);
	check_private_file(report, "skotos_secret_file", host.module:get_option("skotos_secret_file"));
	local function tls(where, value)
		if type(value) == "table" then check_private_file(report, where .. "skotos_tls.key", value.key); end
	end
	tls("", host.module:get_option("skotos_tls"));
	local games = host.module:get_option("skotos_games");
	for name, game in pairs(type(games) == "table" and games or {}) do
		if type(game) == "table" then tls(("skotos_games.%s."):format(tostring(name)), game.skotos_tls); end
	end
end

local function size(bytes)
	if bytes >= 1073741824 then return ("%.1f GiB"):format(bytes / 1073741824); end
	if bytes >= 1048576 then return ("%.0f MiB"):format(bytes / 1048576); end
	return ("%.0f KiB"):format(bytes / 1024);
end

-- The file systems of configuration, data and log.
function M.disks(report, bridge)
	if not bridge then return; end
	local seen, all_well = {}, true;
	local config_folder = prosody.config_file and absolute(prosody.config_file):match("^(.*)/[^/]*$");
	for _, folder in ipairs { config_folder or prosody.paths.config, prosody.paths.data, "/var/log/prosody" } do
		local attributes = lfs.attributes(folder);
		local disk = attributes and not seen[attributes.dev] and bridge.disk(folder);
		if disk then
			seen[attributes.dev] = true;
			local mend = ("df -h %s; du -xh --max-depth=2 / | sort -h | tail; apt-get clean; journalctl --vacuum-size=200M"):format(quoted(folder));
			if disk.total_bytes > 0 and disk.free_bytes < LITTLE then
				all_well = false;
				report:fail("disk", ("the disk of %s is full (%s left)"):format(folder, size(disk.free_bytes)), mend);
			elseif disk.total_files > 0 and disk.free_files < FEW then
				all_well = false;
				report:fail("disk", ("the disk of %s can hold no more files (%d left)"):format(folder, disk.free_files), mend);
			elseif disk.total_bytes > 0 and disk.free_bytes < ENOUGH then
				all_well = false;
				report:warn("disk", ("the disk of %s is nearly full (%s left)"):format(folder, size(disk.free_bytes)), mend);
			end
		end
	end
	if all_well then report:ok("disk", "there is room for configuration, data and log"); end
end

return M;
