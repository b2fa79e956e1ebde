-- What several shards decided about people in rooms ends the same on all of them, whatever way the news goes.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local decisions = dofile("mod_skotos_bridge/skotos_bridge/shards/replica.lib.lua");

-- A memory whose clock stands still at `ms` until the spec moves it: memory.ms.
local function memory(shard, ms, most)
	local m;
	m = decisions.new(shard, function () return m.ms; end, most);
	m.ms = ms or 1000;
	return m;
end

-- Everything that holds, as one sorted list of lines.
local function contents(m)
	local lines = {};
	for bucket = 1, decisions.BUCKETS do
		for _, d in ipairs(m:of_bucket(bucket)) do
			lines[#lines + 1] = table.concat({ d.room, d.kind, d.person, tostring(d.value), d.time, d.shard }, " ");
		end
	end
	table.sort(lines);
	return lines;
end

-- One round of what two shards tell each other when their digests differ.
local function sync(a, b)
	local told = 0;
	for _, bucket in ipairs(a:differences(b.digests)) do
		local from_a, from_b = a:of_bucket(bucket), b:of_bucket(bucket);
		for _, d in ipairs(from_a) do b:merge(d); end
		for _, d in ipairs(from_b) do a:merge(d); end
		told = told + #from_a + #from_b;
	end
	return told;
end

local function shuffled(list, random)
	local copy = table.move(list, 1, #list, 1, {});
	for i = #copy, 2, -1 do
		local j = random(i);
		copy[i], copy[j] = copy[j], copy[i];
	end
	return copy;
end

-- A row of numbers that is the same for the same seed.
local function randomness(seed)
	local state = seed;
	return function (most)
		state = (state * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff;
		return (state >> 33) % most + 1;
	end;
end

describe("a decision", function ()
	it("holds until a later one, even one made on a clock that stands still or goes back", function ()
		local m = memory("one");
		m:decide("tavern", "ban", "troll", true);
		m.ms = 10;
		m:decide("tavern", "ban", "troll", false);
		assert.is_false(m:get("tavern", "ban", "troll"));
	end);

	it("is later than all that its shard has heard of, however its clock goes", function ()
		local slow, fast = memory("slow", 1000), memory("fast", 900000);
		slow:merge(fast:decide("tavern", "ban", "troll", true));
		local answer = slow:decide("tavern", "ban", "troll", false);
		assert.is_true(fast:merge(answer));
		assert.is_false(fast:get("tavern", "ban", "troll"));
	end);

	it("has the shard's own time, in milliseconds and a count below them", function ()
		local m = memory("a", 1000);
		assert.equal(1000 * 1024, m:decide("tavern", "ban", "troll", true).time);
		assert.equal(1000 * 1024 + 1, m:decide("tavern", "ban", "eve", true).time);
		m.ms = 2000;
		assert.equal(2000 * 1024, m:decide("tavern", "ban", "bob", true).time);
	end);

	it("made on two shards at the same time ends the same on both", function ()
		local a, b = memory("a"), memory("b");
		local one, two = a:decide("tavern", "moderator", "bob", true), b:decide("tavern", "moderator", "bob", false);
		assert.equal(one.time, two.time);
		assert.is_true(a:merge(two));
		assert.is_false(b:merge(one));
		assert.is_false(a:get("tavern", "moderator", "bob"));
		assert.same(contents(a), contents(b));
	end);

	it("is news once", function ()
		local a, b = memory("a"), memory("b");
		local d = a:decide("tavern", "ban", "troll", 2000);
		assert.is_true(b:merge(d));
		assert.is_false(b:merge(d));
		assert.equal(2000, b:get("tavern", "ban", "troll"));
	end);

	it("about one person, kind or room leaves the others alone", function ()
		local m = memory("a");
		m:decide("tavern", "ban", "troll", true);
		assert.is_nil(m:get("tavern", "ban", "bob"));
		assert.is_nil(m:get("tavern", "moderator", "troll"));
		assert.is_nil(m:get("throne", "ban", "troll"));
	end);
end);

describe("shards", function ()
	-- `count` shards make `made` decisions between them about few people, with clocks that differ.
	local function some_decisions(random, count, made)
		local shards, all = {}, {};
		for i = 1, count do shards[i] = memory("shard" .. i, 1000 + random(50)); end
		for _ = 1, made do
			local shard = shards[random(count)];
			shard.ms = shard.ms + random(3) - 1;
			all[#all + 1] = shard:decide("room" .. random(4), ({ "ban", "moderator", "mute audio" })[random(3)],
				"p" .. random(3), random(2) == 1);
			if random(3) == 1 then shards[random(count)]:merge(all[random(#all)]); end
		end
		return shards, all;
	end

	it("that hear the same decisions in any order, some twice, agree (200 random histories)", function ()
		for seed = 1, 200 do
			local random = randomness(seed);
			local _, all = some_decisions(random, 3, 60);
			local first, second = memory("x"), memory("y");
			for _, d in ipairs(all) do first:merge(d); end
			for _, d in ipairs(shuffled(all, random)) do
				second:merge(d);
				second:merge(all[random(#all)]);
			end
			assert.same(contents(first), contents(second), "seed " .. seed);
			assert.same({}, first:differences(second.digests));
		end
	end);

	it("that lose news between them agree after their digests were compared (200 random histories)", function ()
		for seed = 1, 200 do
			local random = randomness(1000 + seed);
			local shards = some_decisions(random, 4, 80);
			for _ = 1, 2 do
				for i = 1, 4 do
					for j = i + 1, 4 do sync(shards[i], shards[j]); end
				end
			end
			for i = 2, 4 do assert.same(contents(shards[1]), contents(shards[i]), ("seed %d, shard %d"):format(seed, i)); end
			assert.equal(0, sync(shards[1], shards[4]));
		end
	end);

	it("that differ in one room tell each other of few others", function ()
		local a, b = memory("a"), memory("b");
		for n = 1, 1000 do b:merge(a:decide("room" .. n, "ban", "troll", true)); end
		a:decide("room7", "ban", "bob", true);
		assert.equal(1, #a:differences(b.digests));
		assert.is_true(sync(a, b) < 100);
		assert.is_true(b:get("room7", "ban", "bob"));
	end);
end);

describe("a room that has ended on every shard", function ()
	it("outlives its room when it is a ban with an end, on all shards the same", function ()
		local a, b = memory("a"), memory("b");
		b:merge(a:decide("tavern", "ban", "troll", 4102444800));
		b:merge(a:decide("tavern", "moderator", "troll", true));
		a:forget("tavern");
		sync(a, b);
		b:forget("tavern");
		assert.same({}, a:differences(b.digests));
		for _, shard in ipairs { a, b } do
			assert.equal(4102444800, shard:get("tavern", "ban", "troll"));
			assert.is_nil(shard:get("tavern", "moderator", "troll"));
		end
	end);

	it("that was cut off when the room ended comes to all, when it is a ban with an end, but not when that was lifted",
			function ()
		local a, b = memory("a"), memory("b");
		a:decide("tavern", "ban", "troll", 4102444800);
		b:merge(a:decide("tavern", "ban", "bob", 4102444800));
		b:decide("tavern", "ban", "bob", false);
		b:decide("tavern", "moderator", "eve", true);
		a:forget("tavern");
		b:forget("tavern");
		sync(a, b);
		sync(b, a);
		assert.same({}, a:differences(b.digests));
		for _, shard in ipairs { a, b } do
			assert.equal(4102444800, shard:get("tavern", "ban", "troll"));
			assert.is_false(shard:get("tavern", "ban", "bob"));
			assert.is_nil(shard:get("tavern", "moderator", "eve"));
		end
	end);

	it("is forgotten, and does not come back from a shard that forgets it later", function ()
		local a, b = memory("a"), memory("b");
		b:merge(a:decide("tavern", "ban", "troll", true));
		a:forget("tavern");
		sync(a, b);
		assert.is_nil(a:get("tavern", "ban", "troll"));
		b:forget("tavern");
		assert.same({}, a:differences(b.digests));
		assert.equal(0, a.count + b.count);
	end);

	it("keeps what is decided in the next room of that name", function ()
		local a = memory("a");
		a:decide("tavern", "ban", "troll", true);
		a:forget("tavern");
		a:decide("tavern", "ban", "troll", true);
		assert.is_true(a:get("tavern", "ban", "troll"));
	end);

	it("but lives elsewhere after all is learned of again", function ()
		local a, b = memory("a"), memory("b");
		b:merge(a:decide("tavern", "ban", "troll", true));
		a:forget("tavern");
		a:revive("tavern");
		sync(a, b);
		assert.is_true(a:get("tavern", "ban", "troll"));
	end);
end);

describe("what lasts", function ()
	local function lasting(m, now)
		local lines = {};
		for _, d in ipairs(m:lasting(now)) do lines[#lines + 1] = ("%s %s %s"):format(d.person, d.value, d.ends); end
		table.sort(lines);
		return lines;
	end

	it("is a ban with an end, and the end of one or a shorter one as long as the longest before it", function ()
		local a, b, c = memory("a"), memory("b"), memory("c");
		a:decide("tavern", "ban", "bob", 500);
		a:decide("tavern", "ban", "eve", 900);
		a:decide("tavern", "ban", "ann", true);
		a:decide("tavern", "audio", "bob", true);
		a:decide("tavern", "ban", "troll", 700);
		a:decide("tavern", "ban", "troll", 600);
		local shorter, ended = a:decide("tavern", "ban", "eve", 400), a:decide("tavern", "ban", "troll", false);
		assert.same({ 900, 700 }, { shorter.ends, ended.ends });
		b:merge(ended);
		assert.same({ "troll false 700" }, lasting(b, 100));
		sync(b, a);
		c:restore(a:save());
		for _, m in ipairs { a, b, c } do
			m:forget("tavern");
			assert.same({ "bob 500 500", "eve 400 900", "troll false 700" }, lasting(m, 499));
			assert.same({ "eve 400 900" }, lasting(m, 700));
			assert.same({}, lasting(m, 900));
		end
		assert.same(a.digests, b.digests);
	end);
end);

describe("a memory that is full", function ()
	it("lets go the room in which nothing was decided for the longest, and counts it", function ()
		local m = memory("a", 1000, 10);
		for n = 1, 6 do
			m:decide("room" .. n, "ban", "troll", true);
			m:decide("room" .. n, "ban", "bob", true);
			if n > 1 then m:decide("room1", "mute audio", "troll", n % 2 == 0); end
		end
		assert.is_true(m.count <= 10);
		assert.is_true(m:get("room1", "ban", "troll"));
		assert.is_nil(m:get("room2", "ban", "troll"));
		assert.equal(13 - m.count, m.dropped);
	end);

	it("holds as many as it may, and takes no news of what it has let go, until the room lives again", function ()
		local m, source = memory("a", 1000, 3), memory("source", 500);
		local first = source:decide("room0", "ban", "troll", true);
		for n = 1, 3 do m:decide("room" .. n, "ban", "troll", true); end
		assert.same({ 3, 0 }, { m.count, m.dropped });
		m:merge(source:decide("room0", "ban", "bob", true));
		assert.same({ 3, 1 }, { m.count, m.dropped });
		assert.is_false(m:merge(first));
		m:decide("room4", "ban", "troll", true);
		m:revive("room0");
		assert.is_true(m:merge(first));
	end);

	it("of one room lets go its oldest decision", function ()
		local m = memory("a");
		for n = 1, 1100 do m:decide("tavern", "ban", "p" .. n, true); end
		assert.equal(1024, m.count);
		assert.is_nil(m:get("tavern", "ban", "p1"));
		assert.is_true(m:get("tavern", "ban", "p1100"));
		assert.equal(76, m.dropped);
	end);

	it("holds the same on every shard that has heard the same", function ()
		local a, b, all = memory("a", 1000, 50), memory("b", 1000, 50), {};
		local source = memory("source");
		local random = randomness(7);
		for n = 1, 300 do all[n] = source:decide("room" .. random(60), "ban", "p" .. random(5), random(2) == 1); end
		for _, d in ipairs(all) do a:merge(d); b:merge(d); end
		assert.same(contents(a), contents(b));
		assert.is_true(a.count <= 50 and a.count > 40);
	end);

	it("survives a reload", function ()
		local a, b = memory("a"), memory("a");
		for n = 1, 20 do a:decide("room" .. n, "ban", "p", n); end
		b:restore(a:save());
		assert.same(contents(a), contents(b));
		assert.same({}, a:differences(b.digests));
	end);
end);
