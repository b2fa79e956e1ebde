-- What the specs of `prosodyctl mod_skotos_bridge check` have in common: a Prosody with a game where all is well, its
-- configuration in a folder where it can be changed, and a clock that is right, so that the machine's own state decides
-- nothing.
local ctl = require "spec.support.ctl";
local rig = require "spec.support.rig";

local M = {};
local text, clock, folder;

-- An SNTP server (RFC 4330) that is `ahead` seconds ahead.
function M.time_server(ahead) return rig.call("time.start", { ahead = ahead }); end

-- Gives the Prosody, its game, and the folder of the configuration that is checked.
function M.start()
	local game = rig.game {};
	local prosody = rig.prosody { game_port = game.port, auth = "skotos_bridge" };
	game:connected {};
	clock = M.time_server(0);
	text = ctl.read(prosody.dir .. "/prosody.cfg.lua");
	folder = ctl.folder();
	return prosody, game, folder;
end

function M.stop(prosody, game)
	prosody:stop();
	game:stop();
	os.execute("rm -r " .. folder);
end

-- The configuration that Prosody runs with.
function M.text() return text; end

-- The arguments of a check, `more` behind them.
function M.words(more)
	return table.move(more or {}, 1, #(more or {}), 4, { "check", "--time-server", "127.0.0.1:" .. clock.port });
end

-- Checks the configuration with `changes` (each { what, by what }) on the disk only: the running Prosody has not read
-- it. Gives what ctl.ask gives.
function M.check(changes, args, o)
	local changed = text;
	for _, change in ipairs(changes or {}) do
		local at, last = changed:find(change[1], 1, true);
		assert(at, change[1]);
		changed = changed:sub(1, at - 1) .. change[2] .. changed:sub(last + 1);
	end
	ctl.write(folder .. "/prosody.cfg.lua", changed);
	return ctl.ask(folder, M.words(args), o);
end

-- Holds that a line of `topic` and `level` has `what` in it, and its remedy `mend`; gives the line.
function M.named(told, topic, level, what, mend)
	for _, line in ipairs(ctl.lines(told, topic, level)) do
		if line.text:find(what, 1, true) then
			if not (line.mend and line.mend:find(mend, 1, true)) then
				error(("%s: the remedy is %s"):format(line.text, tostring(line.mend)), 2);
			end
			return line;
		end
	end
	error(("no %s of %s says %q, but: %s"):format(level, topic, what, require "util.json".encode(told.checks)), 2);
end

return M;
