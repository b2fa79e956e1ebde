-- The running Prosody: what it says to its configuration, taking over the new one, whether the game answers.

local command = require "command";
local files = require "files";
local json = require "json";
local config_in_force = require "config_in_force";

local M = {};
local prosody_mt = {};
prosody_mt.__index = prosody_mt;

-- `root`: "" for this machine; else the folder that stands for /, where nothing runs.
function M.new(root)
	return setmetatable({ root = root, config = root .. "/etc/prosody/prosody.cfg.lua" }, prosody_mt);
end

-- `in_place`: files that are read in the place of others.
function prosody_mt:ctl(arguments, seconds, in_place)
	local words = { "prosodyctl" };
	if self.root ~= "" then words = { "prosodyctl", "--root", "--config", self.config }; end
	for _, word in ipairs(arguments) do words[#words + 1] = word; end
	if in_place then words = config_in_force.with_files(words, in_place); end
	return command.run(words, seconds);
end

-- What keeps players out by the configuration of `host`, with other files in the place of some: text -> what mends it, by the module's own
-- check. Nil where the module is not installed.
function prosody_mt:faults(host, in_place)
	local _, output = self:ctl({ "mod_skotos_bridge", "check", "--offline", "--json", "--host", host }, 60, in_place or {});
	local told = json.decode(output:match("\n?(%b{})%s*$") or "");
	if type(told) ~= "table" or type(told.checks) ~= "table" then return nil; end
	local faults = {};
	for _, line in ipairs(told.checks) do
		if line.level == "fail" then faults[line.text] = line.mend or ""; end
	end
	return faults;
end

function prosody_mt:is_running()
	return self.root == "" and (self:ctl { "status" }) == true;
end

local function has_systemd()
	return command.run { "test", "-d", "/run/systemd/system" };
end

-- Its process, where no systemd knows it: from the pid file that the configuration names.
local function process(self)
	local config = config_in_force.read(self.config);
	local pid = files.read(config and config:get("*", "pidfile") or "/run/prosody/prosody.pid");
	return pid and pid:match("^%s*(%d+)%s*$");
end

local function signal(self, name)
	local pid = process(self);
	if not pid then return false, "its pid file is not there"; end
	local ok, output = command.run { "sh", "-c", 'kill -"$1" "$2"', "sh", name, pid };
	return ok, output, pid;
end

function prosody_mt:reload()
	if has_systemd() then return command.run { "systemctl", "reload", "prosody" }; end
	return signal(self, "HUP");
end

-- Stops and starts it. True, or false and what was said, with what a person does next. (Without systemd the stop is ours:
-- prosodyctl 13 refuses, and Debian's init script looks for a process called lua5.2.)
function prosody_mt:restart()
	if has_systemd() then
		command.run { "systemctl", "reset-failed", "prosody" }; -- or systemd refuses the sixth start within 10 s, and Prosody stays down
		local ok, output, status = command.run({ "systemctl", "restart", "prosody" }, 90);
		if ok then return true; end
		if status == 124 then output = "systemd did it not within 90 s"; end
		return false, ("%s\nWhy: journalctl -u prosody. When that is mended: systemctl restart prosody"):format((output:gsub("%s+$", "")));
	end
	if not command.run { "test", "-x", "/etc/init.d/prosody" } then
		return false, "there is neither systemd nor /etc/init.d/prosody here; restart Prosody yourself";
	end
	local ok, output, pid = signal(self, "TERM");
	if not ok then return false, output; end
	if not command.run({ "sh", "-c", 'while kill -0 "$1" 2>/dev/null; do sleep 0.2; done', "sh", pid }, 60) then
		return false, ("it (process %s) was told to stop, and did not stop within 60 s.\nWhen it is gone (kill -9 %s, where it "
			.. "does not go by itself), start it again: /etc/init.d/prosody start"):format(pid, pid);
	end
	-- Prosody goes on in the background; nothing of it may keep our pipe open.
	ok = command.run({ "sh", "-c", "exec /etc/init.d/prosody start >/dev/null 2>&1" }, 60);
	if ok then return true; end
	return false, "it stopped, and did not start again.\nWhy: /var/log/prosody. When that is mended: /etc/init.d/prosody start";
end

-- What the running bridge on `host` tells of itself (prosodyctl mod_skotos_bridge status): { state =, games = { { name =, state = } } }. Nil
-- where it does not run, false where that cannot be asked.
function prosody_mt:bridge(host)
	local _, output = self:ctl({ "mod_skotos_bridge", "status", "--json", "--host", host }, 15);
	local told = json.decode(output:match("%b{}[^{}]*$") or "");
	if type(told) ~= "table" or told.running == nil then return false; end
	return type(told.hosts) == "table" and told.hosts[host] or nil;
end

-- Waits at most `seconds` for the bridge to run and for all its links to be up; gives what it told last.
function prosody_mt:wait_for_links(host, seconds)
	local told;
	for _ = 1, seconds do
		told = self:bridge(host);
		local up = told and told.state ~= nil;
		for _, game in ipairs(told and told.games or {}) do up = up and game.state == "up"; end
		if up or told and told.state == "draining" then break; end
		command.run { "sleep", "1" };
	end
	return told;
end

-- Restarts Jicofo where it runs.
function M.restart_jicofo()
	if has_systemd() then return command.run({ "systemctl", "try-restart", "jicofo" }, 90); end
	if command.run { "test", "-x", "/etc/init.d/jicofo" } then
		return command.run({ "sh", "-c", "exec /etc/init.d/jicofo restart >/dev/null 2>&1" }, 90);
	end
	return true;
end

return M;
