-- What several shards cost, without a server: 100 of them with 10,000 rooms, one decision in each, told to everybody. Memory of one shard,
-- messages and bytes per decision, and what a shard that was cut off fetches. Usage: lua5.4 bench/shards_simulation.lua [SHARDS ROOMS]
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local decisions = dofile("mod_skotos_bridge/skotos_bridge/shards/replica.lib.lua");
local rooms_lib = dofile("mod_skotos_bridge/skotos_bridge/shards/shard_rooms.lib.lua");
local json = require "util.json";

local function memory_used()
	collectgarbage();
	collectgarbage();
	return collectgarbage("count") * 1024;
end

local function simulate(count, rooms)
	local ms = 1764000000000;
	local function clock() return ms; end
	local empty = memory_used();
	local shards = {};
	for n = 1, count do shards[n] = { name = "shard" .. n .. ".example.com", known = rooms_lib.new(300, 30) }; end
	for _, shard in ipairs(shards) do shard.decisions = decisions.new(shard.name, clock); end
	local messages, bytes = 0, 0;
	local begun = os.clock();
	for r = 1, rooms do
		local room, home = ("jitsi_chat_room_%d"):format(r), shards[r % count + 1];
		ms = ms + 10;
		local decision = home.decisions:decide(room, "ban", "player-" .. r, true);
		bytes = bytes + (count - 1) * #json.encode { decisions = { decision } };
		messages = messages + count - 1;
		for _, shard in ipairs(shards) do
			shard.known:opened(home.name, room);
			if shard ~= home then shard.decisions:merge(decision); end
		end
	end
	local seconds = os.clock() - begun;
	local used = (memory_used() - empty) / count;
	for n = 2, count do assert(#shards[1].decisions:differences(shards[n].decisions.digests) == 0, "they do not agree"); end
	if count == 1 then
		print(("| 1 | %d | %.1f MB | 0 | 0 | %.1f µs | – | – |"):format(rooms, used / 1e6, seconds / rooms * 1e6));
		return;
	end
	-- One is cut off while 10 decisions are made.
	local away, there = shards[1], shards[2];
	for r = 1, 10 do there.decisions:decide(("jitsi_chat_room_%d"):format(r * 7), "ban", "late-" .. r, true); end
	local buckets, fetched = away.decisions:differences(there.decisions.digests), 0;
	for _, bucket in ipairs(buckets) do
		local list = there.decisions:of_bucket(bucket);
		fetched = fetched + #json.encode { decisions = list };
		for _, decision in ipairs(list) do away.decisions:merge(decision); end
	end
	assert(#away.decisions:differences(there.decisions.digests) == 0, "the one that was away has not learned");
	print(("| %d | %d | %.1f MB | %d | %.1f kB | %.1f µs | %d | %.0f kB |"):format(count, rooms, used / 1e6, messages // rooms, bytes / rooms / 1e3,
		seconds / rooms / count * 1e6, #buckets, fetched / 1e3));
end

print("| shards | rooms | memory of a shard | messages a decision | bytes a decision | a shard's time a decision | buckets to fetch after 10 missed | in bytes |");
print("| --- | --- | --- | --- | --- | --- | --- | --- |");
if arg[1] then
	simulate(math.tointeger(tonumber(arg[1])), math.tointeger(tonumber(arg[2])));
else
	for _, size in ipairs { { 1, 100 }, { 3, 300 }, { 10, 1000 }, { 30, 3000 }, { 100, 10000 } } do simulate(size[1], size[2]); end
end
