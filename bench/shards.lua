-- What several shards cost on one machine: tokens, commands to a room here and elsewhere, and a decision's way to all, for 1, 3 and 10
-- shards. Only the ratios between rows mean something: all shards share this machine's cores. Usage: lua5.4 bench/shards.lua [COUNT…]
local rig = require "spec.support.rig";
local gettime = require "socket".gettime;

local allowed, why = rig.enclose();
if not allowed then
	print("skipped: " .. why);
	os.exit(0);
end
local fleet = require "spec.support.shards";

local COMMANDS, TOKENS, DECISIONS = 500, 2000, 20;

local function lua(prosody, code) return prosody:lua { code = code }.result; end

local function requests(prosody) return tonumber(lua(prosody, "return prosody.hosts['meet.test'].modules.skotos_bridge.status().game.requests")); end

-- The shard whose link the game asks.
local function find_asked(game, prosodys)
	local before = {};
	for n, prosody in ipairs(prosodys) do before[n] = requests(prosody); end
	game:ask { command = { cmd = "ping" } };
	for n, prosody in ipairs(prosodys) do
		if requests(prosody) > before[n] then return n; end
	end
end

local function timed(count, run)
	local begun = gettime();
	run();
	return (gettime() - begun) / count * 1e6;
end

local function commands(game, room)
	local list = {};
	for i = 1, COMMANDS do list[i] = { cmd = "occupants", channel = room }; end
	return timed(COMMANDS, function ()
		local seqs = game:order({ list = list }).seqs;
		game:settled { seconds = 60 };
		for _, result in ipairs(game:results({ seqs = { seqs[1], seqs[#seqs] } }).list) do assert(result.success, result.message); end
	end);
end

local function measure(count)
	local versions = {};
	for n = 1, count do versions[n] = rig.version; end
	local shards = rig.shards { versions = versions, host_options = "skotos_commands = true", global_options = [[log = { warn = "/dev/null" }]] };
	local game = shards.game;
	if count > 1 then fleet.all_up(shards); end
	game:connected { count = count, seconds = 30 };
	local asked = find_asked(game, shards.prosodys);
	local elsewhere = count > 1 and (asked % count + 1) or nil;
	local function enter(n, room)
		rig.player(shards.prosodys[n], { room = room, name = "Bob", person = "bob" });
		fleet.eventually(room, 10, function () return game:ask({ command = { cmd = "occupants", channel = room } }).success; end);
	end
	enter(asked, "here");
	if elsewhere then enter(elsewhere, "there"); end
	local token = timed(TOKENS, function ()
		game:command { line = "burst " .. TOKENS };
		game:settled { seconds = 60 };
	end);
	local here, there = commands(game, "here"), elsewhere and commands(game, "there");
	local decision = timed(DECISIONS, function ()
		for i = 1, DECISIONS do
			game:ask { command = { cmd = "set_moderator", channel = "here", id = "bob", moderator = i % 2 == 1 } };
			fleet.eventually("all to agree", 10, function () return fleet.agree(shards); end);
		end
	end);
	print(("| %d | %.0f µs | %.0f µs | %s | %s | %.0f ms |"):format(count, token, here, there and ("%.0f µs"):format(there) or "–",
		there and ("%.1f"):format(there / here) or "–", decision / 1e3));
	io.stdout:flush();
	shards:stop();
end

print("| shards | a token | a command here | elsewhere | ratio | a decision until all agree (looked at every 50 ms) |");
print("| --- | --- | --- | --- | --- | --- |");
local counts = {};
for i, text in ipairs(arg) do counts[i] = math.tointeger(tonumber(text)); end
for _, count in ipairs(#counts > 0 and counts or { 1, 3, 10 }) do measure(count); end
