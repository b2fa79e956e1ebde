-- GET /skotos/health on Prosody's http: how this shard is, for the balancer and for people. 200: it takes rooms. 404: it is being drained,
-- or was stuck a moment ago; HAProxy (http-check disable-on-404) then leaves the rooms there that it has, which go on. A shard that stands
-- still answers nothing, which the balancer sees by itself. A game that is away makes no shard ill: its players are no better off on another.

local json = require "util.json";

local M = {};

-- `how`: state() as drain.lib.lua, links() name -> link, shards() as sharding.lib.lua's status.
function M.attach(how)
	module:depends("http");
	module:provides("http", {
		name = "skotos", default_path = "/skotos";
		route = {
			["GET /health"] = function (event)
				local state, why = how.state();
				local told = { status = state, why = why, games = {} };
				for name, link in pairs(how.links()) do
					local stats = link:stats();
					told.games[name] = { link = stats.state, queue = stats.queued };
				end
				local shards = how.shards();
				if shards then
					told.shard, told.shards = shards.own, {};
					for name, shard in pairs(shards.shards) do told.shards[name] = shard.up and "up" or "down"; end
				end
				event.response.status_code = state == "ok" and 200 or 404;
				event.response.headers.content_type = "application/json";
				event.response.headers.cache_control = "no-store";
				return json.encode(told);
			end;
		};
	});
end

return M;
