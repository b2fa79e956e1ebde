-- The running Prosody: what it says to its configuration, taking over the new one, whether the game answers.

local command = require "command";
local files = require "files";
local lua_config = require "lua_config";

local M = {};
local prosody_mt = {};
prosody_mt.__index = prosody_mt;

-- `root`: "" for this machine; else the folder that stands for /, where nothing runs.
function M.new(root)
	return setmetatable({ root = root, config = root .. "/etc/prosody/prosody.cfg.lua" }, prosody_mt);
end

function prosody_mt:ctl(arguments, seconds)
	local words = { "prosodyctl" };
	if self.root ~= "" then words = { "prosodyctl", "--root", "--config", self.config }; end
	for _, word in ipairs(arguments) do words[#words + 1] = word; end
	return command.run(words, seconds);
end

-- `prosodyctl check config` takes skotos_port for a port that Prosody itself listens on, since its name ends so, and wants it in the
-- global section (util/prosodyctl/check.lua, 0.12 and 13.0). That complaint is taken out of its `output`.
local function without_port(output)
	local complaint = "\n( *You have )%d+ options?( set under [^\n]+\n[^\n]+\n[^\n]+\n\n *You need to move the following option)s?: ([^\n]+)";
	return (output:gsub(complaint, function (have, under, list)
		local names = {};
		for name in list:gmatch("[^, ]+") do
			if name ~= "skotos_port" then names[#names + 1] = name; end
		end
		table.sort(names);
		return names[1] and ("\n%s%s: %s"):format(have, under, table.concat(names, ", ")) or "";
	end));
end

local function is_remark(line)
	return line == "" or line:find("^%-  /") or line:find("^Checking ") or line == "Done." or line:find("^Problems found") or line:find("^All checks passed");
end

-- What `prosodyctl check config` complains of: a list of lines that is a set too. Nil where there is no prosodyctl.
function prosody_mt:complaints()
	if not command.exists("prosodyctl") then return nil; end
	local _, output = self:ctl { "check", "config" };
	local lines = {};
	for line in without_port(output):gmatch("[^\n]+") do
		local bare = line:match("^%s*(.-)%s*$");
		if not is_remark(bare) then lines[#lines + 1], lines[bare] = line, true; end
	end
	return lines;
end

-- Whether the configuration is no worse than when it had the complaints `before`: true, or nil and the lines that are new.
function prosody_mt:is_content(before)
	local new = {};
	for _, line in ipairs(self:complaints()) do
		if not before[line:match("^%s*(.-)%s*$")] then new[#new + 1] = line; end
	end
	return #new == 0 or nil, new;
end

function prosody_mt:is_running()
	return self.root == "" and (self:ctl { "status" }) == true;
end

-- Runs a line of Lua in the running Prosody; gives what it printed, or nil where that is not possible.
function prosody_mt:lua(code)
	local ok, output = self:ctl({ "shell", "> " .. code }, 15);
	return ok and output or nil;
end

local function has_systemd()
	return command.run { "test", "-d", "/run/systemd/system" };
end

-- Its process, where no systemd knows it: from the pid file that the configuration names.
local function process(self)
	local text = files.read(self.config) or "";
	local setting = lua_config.setting(lua_config.sections(text)[1], "pidfile");
	local pid = files.read(setting and setting.value or "/run/prosody/prosody.pid");
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

-- Stops and starts it. True, or false and what was said. (Without systemd the stop is ours: prosodyctl 13 refuses, and Debian's init
-- script looks for a process called lua5.2.)
function prosody_mt:restart()
	if has_systemd() then
		command.run { "systemctl", "reset-failed", "prosody" }; -- or systemd refuses the sixth start within 10 s, and Prosody stays down
		return command.run({ "systemctl", "restart", "prosody" }, 90);
	end
	if not command.run { "test", "-x", "/etc/init.d/prosody" } then
		return false, "there is neither systemd nor /etc/init.d/prosody here; restart Prosody yourself";
	end
	local ok, output, pid = signal(self, "TERM");
	if not ok then return false, output; end
	if not command.run({ "sh", "-c", 'while kill -0 "$1" 2>/dev/null; do sleep 0.2; done', "sh", pid }, 60) then
		return false, "it did not stop within 60 s";
	end
	-- Prosody goes on in the background; nothing of it may keep our pipe open.
	return command.run({ "sh", "-c", "exec /etc/init.d/prosody start >/dev/null 2>&1" }, 60);
end

-- Whether the module runs on `host` in the running Prosody: true, false, or nil where that cannot be asked.
function prosody_mt:has_module(host)
	local said = self:lua(('return hosts[%q] and hosts[%q].modules.skotos_bridge and "loaded" or "missing"'):format(host, host));
	if not said then return nil; end
	return said:find("loaded", 1, true) ~= nil;
end

-- The links' states now: name of the game -> "up" or another state. Nil where that cannot be asked.
function prosody_mt:links(host)
	local said = self:lua(([[local t = {}; for n, s in pairs(hosts[%q].modules.skotos_bridge.status()) do t[#t + 1] = "link=" .. n .. "=" .. s.state .. "="; end
		return table.concat(t, " ")]]):format(host):gsub("%s+", " "));
	if not said then return nil; end
	local links = {};
	for name, state in said:gmatch("link=([^=]*)=([^=]*)=") do links[name] = state; end
	return next(links) and links or nil;
end

-- Waits at most `seconds` for all links to be up; gives their last states.
function prosody_mt:wait_for_links(host, seconds)
	local links;
	for _ = 1, seconds do
		links = self:links(host) or links;
		local up = links ~= nil;
		for _, state in pairs(links or {}) do up = up and state == "up"; end
		if up then break; end
		command.run { "sleep", "1" };
	end
	return links;
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
