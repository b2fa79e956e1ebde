-- GET /skotos/health on Prosody's http: how this shard is, for the balancer and for people. 200: it takes rooms. 404: it is being drained,
-- or was stuck a moment ago; HAProxy (http-check disable-on-404) then leaves the rooms there that it has, which go on. A shard that stands
-- still answers nothing, which the balancer sees by itself. A game that is away makes no shard ill: its players are no better off on another.
--
-- Anybody hears that much. The games, their queues and the other shards are told to loopback and to skotos_health_addresses only.

local ip = require "util.ip";
local json = require "util.json";

local M = {};

local LOOPBACK = { { ip.new_ip "127.0.0.0", 8 }, { ip.new_ip "::1", 128 } };

-- The option's value, addresses and networks ("10.0.0.0/8"), as a list for M.attach; or nil and what is wanted.
function M.check(value)
	local list = {};
	for _, item in ipairs(type(value) == "table" and value or { value }) do
		local address, bits = nil, nil;
		if type(item) == "string" then address, bits = ip.parse_cidr(item); end
		local most = address and (address.proto == "IPv4" and 32 or 128);
		if not address or (item:find("/", 1, true) and not (math.type(bits) == "integer" and bits >= 0 and bits <= most)) then
			return nil, 'a list of addresses or networks ("10.0.0.0/8")';
		end
		list[#list + 1] = { address, bits or most };
	end
	return list;
end

-- Whether the address `text` is in one of `lists`.
function M.is_listed(text, ...)
	local address = type(text) == "string" and ip.new_ip(text);
	if not address then return false; end
	for _, list in ipairs { ... } do
		for _, network in ipairs(list) do
			if network[1].proto == address.proto and ip.match(address, network[1], network[2]) then return true; end
		end
	end
	return false;
end

local function add_details(told, how)
	told.games = {};
	for name, link in pairs(how.links()) do
		local stats = link:stats();
		told.games[name] = { link = stats.state, queue = stats.queued };
	end
	local shards = how.shards();
	if shards then
		told.shard, told.shards = shards.own, {};
		for name, shard in pairs(shards.shards) do told.shards[name] = shard.up and "up" or "down"; end
	end
end

-- `how`: state() as drain.lib.lua, links() name -> link, shards() as shard.lib.lua's status, addresses() as M.check's.
function M.attach(how)
	module:depends("http");
	module:provides("http", {
		name = "skotos", default_path = "/skotos";
		route = {
			["GET /health"] = function (event)
				local state, why = how.state();
				local told = { status = state };
				if M.is_listed(event.request.ip, LOOPBACK, how.addresses()) then
					told.why = why;
					add_details(told, how);
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
