-- prosodyctl mod_skotos_bridge status: how the running Prosody's links are.

local console = module:require "skotos_bridge/admin/console";
local json = require "util.json";
local running = module:require "skotos_bridge/ctl/running";

local M = {
	summary = "how the links of the running Prosody are";
	usage = "[--host HOST] [--json]";
	help = [[
Asks the running Prosody, through its admin socket, how each game's link is: its state and address, requests, tokens and
refusals since it was loaded, replies that wait, and what was lost.
Exit status: 0 every link is up, 1 one is not, 2 Prosody does not run or runs without the bridge.]];
};

local function since(seconds)
	if seconds < 120 then return ("%d s"):format(seconds); end
	if seconds < 7200 then return ("%d min"):format(seconds // 60); end
	if seconds < 172800 then return ("%d h"):format(seconds // 3600); end
	return ("%d days"):format(seconds // 86400);
end

local function down(given, code, why)
	if given.json then
		print(json.encode { running = code ~= "not-running", error = why });
	elseif code == "not-running" then
		print("Prosody is not running, or has no admin shell: " .. why .. ".");
		print("  systemctl start prosody          (and see: journalctl -u prosody)");
	else
		print(why .. ".");
		print("  see Prosody's log for the reason, and: prosodyctl mod_skotos_bridge check");
	end
	return 2;
end

function M.run(given)
	local told, code, why = running.ask("status", { host = given.host });
	if not told then return down(given, code, why); end
	if next(told.hosts) == nil then
		return down(given, "no-bridge", given.host and "skotos_bridge is not loaded on " .. given.host or "skotos_bridge is loaded on no host");
	end
	local all_up = true;
	local names = {};
	for host, bridge in pairs(told.hosts) do
		names[#names + 1] = host;
		for _, game in ipairs(bridge.games) do all_up = all_up and game.state == "up"; end
	end
	if given.json then
		told.running = true;
		print(json.encode(told));
		return all_up and 0 or 1;
	end
	table.sort(names);
	print(("Prosody %s, running for %s."):format(told.prosody, since(told.now - (told.started or told.now))));
	local installed, bridge = pcall(require, "skotos_bridge");
	for _, host in ipairs(names) do
		local version = told.hosts[host].version;
		print(("%s: skotos_bridge %s%s"):format(host, version,
			installed and bridge.version ~= version and ("; restart pending: %s is installed"):format(bridge.version) or ""));
		local state, reason = told.hosts[host].state, told.hosts[host].state_reason;
		if state and state ~= "ok" then print(("%s: takes no new rooms: it is %s%s"):format(host, state, reason and ": " .. reason or "")); end
		for _, game in ipairs(told.hosts[host].games) do print(console.game_line(host, game)); end
		local listener = told.hosts[host].listener;
		if listener then
			print(("%s: the listener has %d callers; %d requests, %d tokens, %d refused"):format(host, listener.callers, listener.requests, listener.tokens,
				listener.refused));
		end
	end
	return all_up and 0 or 1;
end

return M;
