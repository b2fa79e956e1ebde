-- prosodyctl mod_skotos_bridge drain and undrain: the running Prosody leaves the games' round of bridges, or takes part again.

local json = require "util.json";
local running = module:require "skotos_bridge/ctl/running";

local M = {};

-- A subcommand that has the running Prosody do `operation` and prints the hosts for which that was new, with `done` behind them, or else
-- `otherwise`.
function M.subcommand(operation, done, otherwise, summary, help)
	return {
		summary = summary, usage = "[--host HOST] [--json]", help = help;
		run = function (given)
			local told, code, why = running.ask(operation, { host = given.host });
			if given.json then
				print(json.encode(told or { error = why, code = code }));
			elseif told then
				print(#told.hosts > 0 and table.concat(told.hosts, ", ") .. " " .. done or otherwise);
			else
				io.stderr:write(why .. "\n");
			end
			return told and 0 or 2;
		end;
	};
end

return M;
