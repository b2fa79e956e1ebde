-- Is anybody else connected to the game? A game asks one of its connections only, so a second bridge takes requests away, and the old
-- chat_admin_server answers them with tokens that never end. Who is connected from other hosts only the game knows; on this host can be
-- seen: connections to the game's port that are not the running Prosody's (/proc/net/tcp), a process or a cron line of the old server, and
-- two links of one configuration to the same game.

local lfs = require "lfs";
local util_net = require "util.net";

local file = module:require "skotos_bridge/admin/file";
local processes = module:require "skotos_bridge/ctl/processes";

local M = {};

local OLD = "chat_admin_server";

-- `ip` and `port` as /proc/net/tcp writes them: words in the machine's order.
local function kernel_name(ip, port)
	local bytes = util_net.pton(ip);
	if not bytes then return nil; end
	local words = {};
	for i = 1, #bytes, 4 do words[#words + 1] = ("%08X"):format((("=I4"):unpack(bytes, i))); end
	return ("%s:%04X"):format(table.concat(words), port);
end

-- The established connections from this host to `ip`:`port`: a list of { inode =, uid = }.
function M.connections(text, ip, port)
	local found, wanted = {}, { [kernel_name(ip, port) or ""] = true };
	if not ip:find(":", 1, true) then wanted[kernel_name("::ffff:" .. ip, port) or ""] = true; end
	for line in text:gmatch("[^\n]+") do
		local remote, state, uid, inode = line:match("^%s*%d+: %x+:%x+ (%x+:%x+) (%x%x) %x+:%x+ %x+:%x+ %x+%s+(%d+)%s+%d+ (%d+)");
		if remote and state == "01" and wanted[remote] then found[#found + 1] = { inode = inode, uid = tonumber(uid) }; end
	end
	return found;
end

-- Inodes of the sockets that the process `pid` holds; nil when we may not look.
local function sockets_of(pid)
	local ok, names, state = pcall(lfs.dir, ("/proc/%s/fd"):format(pid));
	if not ok then return nil; end
	local inodes = {};
	for name in names, state do
		local target = lfs.symlinkattributes(("/proc/%s/fd/%s"):format(pid, name), "target");
		local inode = target and target:match("^socket:%[(%d+)%]$");
		if inode then inodes[inode] = true; end
	end
	return inodes;
end

-- Who holds the socket `inode`, as far as we may see.
local function holder(inode, uid)
	for _, process in processes.each() do
		local inodes = sockets_of(process.pid);
		if inodes and inodes[inode] then return ("process %s, %s"):format(process.pid, process.command:sub(1, 80)); end
	end
	return ("a process of the user %d"):format(uid);
end

local function check_connections(report, told)
	local table_text = (file.read("/proc/net/tcp") or "") .. (file.read("/proc/net/tcp6") or "");
	local ours = told and told.pid and sockets_of(told.pid);
	for host, bridge in pairs(told and told.hosts or {}) do
		for _, game in ipairs(bridge.games) do
			local ip, port = game.address:match("^%[?([^%]]+)%]?:(%d+)$");
			local found = ip and M.connections(table_text, ip, tonumber(port)) or {};
			for i, connection in ipairs(found) do
				local is_ours = ours and ours[connection.inode] or not ours and i <= (game.state == "up" and 1 or 0);
				if not is_ours then
					report:warn("bridges", ("%s: another program on this host is connected to the game %s at %s (%s): the game asks one of the two only")
						:format(host, game.name, game.address, holder(connection.inode, connection.uid)), "stop it, unless it is the bridge of another Jitsi shard");
				end
			end
		end
	end
end

-- "node src/main.js ./chat_admin_config.json", in its folder: so its start-chat-admin.sh runs it. Whoever reads its files is not it.
local function is_old_server(command)
	return command:find("^%S*node") ~= nil and (command:find(OLD, 1, true) or command:find("chat_admin_config.json", 1, true)) ~= nil;
end

local function check_processes(report)
	for _, process in processes.each() do
		if is_old_server(process.command) then
			report:fail("bridges", ("the old %s runs (process %s, %s): it takes requests and gives tokens that never end"):format(OLD, process.pid,
				process.command:sub(1, 80)), ("kill %s, and take it out of cron: skotos-game-setup does both"):format(process.pid));
		end
	end
end

local function check_cron(report)
	local paths = { "/etc/crontab" };
	for _, folder in ipairs { "/etc/cron.d", "/var/spool/cron/crontabs" } do
		local ok, names, state = pcall(lfs.dir, folder);
		for name in ok and names or function () end, state do paths[#paths + 1] = folder .. "/" .. name; end
	end
	for _, path in ipairs(paths) do
		local is_file = lfs.attributes(path, "mode") == "file";
		for line in (is_file and file.read(path) or ""):gmatch("[^\n]+") do
			if not line:match("^%s*#") and line:find(OLD, 1, true) then
				report:fail("bridges", ("cron starts the old %s again and again (%s)"):format(OLD, path), "take its line out: skotos-game-setup does");
			end
		end
	end
end

local function check_double_links(report, found)
	local seen = {};
	for _, host in ipairs(found) do
		for _, game in ipairs(host.options and host.options.games or {}) do
			local target = ("%s:%d"):format(game.host == "localhost" and "127.0.0.1" or game.host, game.port);
			local name = ("%s: game %s"):format(host.host, game.name);
			if seen[target] then
				report:fail("bridges", ("%s and %s are the same game, %s: it asks one of the two links only"):format(seen[target], name, target),
					"give each game its own skotos_host and skotos_port");
			end
			seen[target] = name;
		end
	end
end

-- `found`: the hosts of the configuration; `told`: what the running Prosody says, nil when it says nothing.
function M.run(report, found, told)
	local before = #report.lines;
	check_double_links(report, found);
	check_connections(report, told);
	check_processes(report);
	check_cron(report);
	if #report.lines == before then report:ok("bridges", "no other bridge on this host: no old chat_admin_server, no second connection to a game"); end
end

return M;
