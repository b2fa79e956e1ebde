-- Shards behind Debian's HAProxy with the configuration of packaging/haproxy: rooms stay together, shards are drained,
-- die and get stuck.
local rig = require "spec.support.rig";
local json = require "util.json";

local allowed, why = rig.enclose();
if not allowed then
	describe("shards behind HAProxy", function () pending("skipped: " .. why); end);
	return;
end

local fleet = require "spec.support.shards";

describe("shards behind HAProxy", function ()
	local shards, balancer;

	local function health(n)
		local prosody = shards.prosodys[n];
		local answer = rig.call("fetch", { host = prosody.host, port = prosody.http, path = "/skotos/health" });
		return answer.code, json.decode(answer.text);
	end

	-- The shard on which the room is, nil when it is on none or on several.
	local function shard_of(room)
		local found, count = nil, 0;
		for n, prosody in ipairs(shards.prosodys) do
			local here = prosody:lua { code = ([[local room = prosody.hosts["conference.meet.test"].modules.muc
				.get_room_from_jid("%s@conference.meet.test")
				return room and room:has_occupant()]]):format(room) }.result == "true";
			if here then found, count = n, count + 1; end
		end
		return count == 1 and found or nil;
	end

	local function until_state(n, state)
		fleet.eventually(("HAProxy to see shard %d %s"):format(n, state),
			function () return shards:balancer_states({}).states[n] == state; end);
	end

	local function drain(n, wanted)
		return shards.prosodys[n]:lua { code = ([[local console = module:context("*"):shared("/*/skotos_bridge/admin/console")
			return console["meet.test"].drain(%s)]]):format(tostring(wanted)) }.result;
	end

	setup(function ()
		shards = rig.shards { versions = fleet.mix, balancer = true,
			host_options = 'skotos_health_addresses = { "0.0.0.0/0" }' };
		balancer = { http = shards.balancer, host = "127.0.0.1" };
		fleet.all_up(shards);
		shards.game:connected { count = 3 };
		for n = 1, 3 do until_state(n, "UP"); end
	end);
	teardown(function () shards:stop(); end);

	it("have everybody of a room on one of them, over BOSH and WebSocket, in any case of letters, and the rooms on all",
			function ()
		local used = {};
		for i = 1, 9 do
			local room = "hall" .. i;
			rig.player(balancer, { room = room, name = "Ann", transport = "bosh" });
			rig.player(balancer, { room = room, name = "Bob", transport = "websocket" });
			local client = rig.client { port = balancer.http, host = balancer.host,
				token = rig.token { room = room, name = "Cid" }, room = room:upper() };
			client:join { room = room, nick = "Cid" };
			used[assert(shard_of(room), room .. " is on several shards")] = true;
		end
		assert.same({ true, true, true }, used);
	end);

	it("tell their health, and the balancer keeps it from others", function ()
		local code, told = health(1);
		assert.same({ 200, "ok", "up", "up", "up" }, { code, told.status, told.games.game.link, told.shards["shard2.test"],
			told.shards["shard3.test"] });
		assert.equal(404, rig.call("fetch", { host = balancer.host, port = balancer.http, path = "/skotos/health" }).code);
	end);

	it("that are drained close their link, keep their rooms and get no new ones, and come back", function ()
		rig.player(balancer, { room = "stays", name = "Ann" });
		local n = shard_of("stays");
		assert.equal("true", drain(n, true));
		shards.game:connected { count = 2 };
		assert.same({ 404, "draining" }, { health(n), select(2, health(n)).status });
		until_state(n, "NOLB");
		for i = 1, 6 do
			rig.player(balancer, { room = "new" .. i, name = "Ann" });
			assert.not_equal(n, shard_of("new" .. i));
		end
		rig.player(balancer, { room = "stays", name = "Bob" });
		assert.equal(n, shard_of("stays"));
		assert.equal("true", drain(n, false));
		shards.game:connected { count = 3 };
		until_state(n, "UP");
	end);

	it("lose no login of a burst in which one is drained and comes back", function ()
		local before = shards.game:stats();
		for _ = 1, 4 do
			shards.game:command { line = "burst 100" };
			for n = 1, 3 do drain(n, true); drain(n, false); end
		end
		local after = shards.game:settled {};
		assert.equal(before.understood + 400, after.understood);
		shards.game:connected { count = 3 };
	end);

	it("one of which dies go on with its rooms, and who was banned stays banned", function ()
		rig.player(balancer, { room = "moving", name = "Ann" });
		local n = shard_of("moving");
		fleet.ban(shards.prosodys[n], "moving", "troll");
		fleet.eventually("all to agree", function () return fleet.agree(shards); end);
		shards:kill { shard = n };
		until_state(n, "DOWN");
		local _, own = rig.player(balancer, { room = "moving", name = "Ann" });
		assert.equal("available", own.type);
		assert.is_true(fleet.is_kept_out(balancer, "moving", "troll"));
		shards:restart { shard = n };
		fleet.all_up(shards);
		until_state(n, "UP");
		assert.not_equal(n, shard_of("moving"));
	end);

	it("one of which is stuck take its players, until it is well again", function ()
		shards.prosodys[2]:lua { code = "module:add_timer(0, function () require 'socket'.sleep(3); end) return 1" };
		shards.prosodys[2]:wait_log { text = "takes no new rooms: Prosody's loop was held up for" };
		assert.same({ 404, "stuck" }, { health(2), select(2, health(2)).status });
		shards.game:connected { count = 2 };
		shards.prosodys[2]:wait_log { text = "takes new rooms again" };
		assert.equal(200, (health(2)));
		shards.game:connected { count = 3 };
	end);
end);
