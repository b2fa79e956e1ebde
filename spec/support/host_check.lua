-- prosodyctl mod_skotos_bridge check on a host that was booted (jitsi_host), for specs that put a fault in: what it
-- says, and what a person does about it.
local ctl = require "spec.support.ctl";
local host = require "spec.support.jitsi_host";
local json = require "util.json";
local rig = require "spec.support.rig";

local M = {};

local clock; -- a time server's port: nobody keeps the clock of this machine

-- Exit status and what check told, as a table; `time`: another time server's port.
function M.check(time)
	clock = clock or rig.call("time.start", { ahead = 0 }).port;
	local status, text = host.run("prosodyctl mod_skotos_bridge check --json --time-server 127.0.0.1:" .. (time or clock));
	return status, json.decode(text:match("{.*}")) or error(text, 2);
end

-- Raises where check finds anything that is not ok; `but`: a pattern of what may be a warning.
function M.all_ok(but)
	local status, told = M.check();
	for _, line in ipairs(told.checks) do
		if line.level ~= "ok" and not (line.level == "warn" and but and line.text:find(but)) then
			error(("%s %s: %s"):format(line.level, line.check, line.text), 2);
		end
	end
	if status ~= 0 and not but then error("status " .. status, 2); end
end

-- Checks; one line has to be of this topic and level, hold `what`, and have a remedy that holds `mend`. Gives that
-- remedy.
function M.named(topic, level, what, mend, time)
	local status, told = M.check(time);
	for _, line in ipairs(ctl.lines(told, topic, level)) do
		if line.text:find(what, 1, true) then
			if not (line.mend and line.mend:find(mend, 1, true)) then
				error(("%s: the remedy is %s"):format(line.text, tostring(line.mend)), 2);
			end
			if status ~= (told.status == "fail" and 2 or 1) or level == "fail" and status ~= 2 then
				error("status " .. status, 2);
			end
			return line.mend;
		end
	end
	error(("no %s of %s says %q, but: %s"):format(level, topic, what, json.encode(told.checks)), 2);
end

-- Waits until the link to the game is up.
function M.until_up()
	host.until_true("the link to the game", function ()
		local _, text = host.run "prosodyctl mod_skotos_bridge status --json";
		return text:find('"state":"up"', 1, true);
	end);
end

function M.restart()
	host.restart();
	M.until_up();
end

-- Changes the first `what` of our file or else of Jitsi's to `by`; gives what puts it back.
function M.configure(what, by)
	for _, path in ipairs { host.DROP_IN, host.CONFIG } do
		local before = host.read(path);
		local at, last = before:find(what, 1, true);
		if at then
			local rights = path == host.CONFIG and "644" or "640";
			host.put(path, before:sub(1, at - 1) .. by .. before:sub(last + 1), rights);
			return function () host.put(path, before, rights); end;
		end
	end
	error(what .. " stands nowhere", 2);
end

return M;
