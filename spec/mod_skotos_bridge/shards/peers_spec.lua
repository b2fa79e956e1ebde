-- Shards that know of each other, of rooms and of what was decided.
local three = require "spec.support.three_shards";

local as, call, cut_off, pass, told = three.as, three.call, three.cut_off, three.pass, three.told;

before_each(three.begin);
after_each(three.finish);
teardown(three.leave);

describe("shards", function ()
	it("find each other, and say so", function ()
		for _, name in ipairs(three.ALL) do
			local up, down = call(name, "everybody");
			assert.same({ 2, {} }, { #up, down });
			for _, other in ipairs(up) do assert.is_true(told(name, "info: the shard " .. other .. " is up")); end
		end
		assert.same({ { "b.test", "c.test" }, {} }, { call("a.test", "everybody") });
		-- They know of nothing, and so there is nothing to compare.
		for _, name in ipairs(three.ALL) do
			local asked = three.shards[name].channel.asked;
			assert.same({}, { asked.rooms, asked.digests, asked.bucket });
		end
	end);

	it("hear at once of what is decided, and of where a room is", function ()
		call("a.test", "room_opened", "tavern");
		call("a.test", "decide", "tavern", "ban", "eve", true);
		pass(0.2);
		for _, name in ipairs { "b.test", "c.test" } do
			assert.equal(1, #three.decided[name]);
			assert.same({ { "a.test" }, {} }, { call(name, "where", "tavern") });
			assert.equal(call("a.test", "status").digest, call(name, "status").digest);
			assert.same({ up = true, rooms = 1 }, call(name, "status").shards["a.test"]);
		end
		assert.same({ {}, {} }, { call("a.test", "where", "tavern") });
		assert.same({}, three.decided["a.test"]);
		assert.same({ "a.test", 3, 1, 0, 0 }, { call("a.test", "status").own, call("a.test", "status").refused, call("a.test",
			"status").decisions,
			call("a.test", "status").unsound, call("a.test", "status").dropped });
	end);

	it("gather what is new for a moment, and tell much of it in portions", function ()
		local asked = three.shards["a.test"].channel.asked;
		for i = 1, 20 do call("a.test", "room_opened", "room" .. i); end
		pass(0.2);
		assert.equal(2, asked.news);
		for i = 1, 1100 do call("a.test", "token_used", ("%032d"):format(i), os.time(), 1); end
		pass(0.2);
		local before = asked.news;
		assert.is_true(before >= 2 + 3 * 2 and before <= 2 + 10 * 2, before);
		assert.is_true(call("b.test", "token_allowed", ("%032d"):format(1100), os.time()));
		assert.is_true(call("b.test", "token_allowed", ("%032d"):format(1), os.time()));
		pass(1);
		assert.equal(before, asked.news);
	end);

	it("know that a room is over, a while after the last of them has closed it, and then forget what was decided there",
		function ()
		call("a.test", "room_opened", "tavern");
		call("b.test", "room_opened", "tavern");
		call("a.test", "decide", "tavern", "ban", "eve", true);
		pass(0.2);
		call("a.test", "room_closed", "tavern");
		pass(60);
		assert.same({ { "b.test" }, {} }, { call("c.test", "where", "tavern") });
		assert.same({}, three.over["c.test"]);
		call("b.test", "room_closed", "tavern");
		pass(29);
		assert.same({}, three.over["c.test"]);
		assert.equal(1, call("c.test", "status").decisions);
		pass(3);
		for _, name in ipairs(three.ALL) do
			assert.same({ "tavern" }, three.over[name]);
			assert.equal(0, call(name, "status").decisions);
		end
	end);

	it("that do not answer are down, which is said once, and their connection is made anew", function ()
		call("b.test", "room_opened", "tavern");
		pass(0.2);
		cut_off("a.test", "b.test", true);
		pass(4);
		assert.same({ { "c.test" }, { "b.test" } }, { call("a.test", "everybody") });
		assert.same({ {}, { "b.test" } }, { call("a.test", "where", "tavern") });
		assert.same({ { "b.test" }, {} }, { call("c.test", "where", "tavern") });
		assert.is_false(call("a.test", "status").shards["b.test"].up);
		pass(6);
		local count = 0;
		for _, line in ipairs(three.said["a.test"]) do
			if line == "warn: the shard b.test is down: no answer within 2 s" then count = count + 1; end
		end
		assert.equal(1, count);
		assert.truthy(table.concat(three.reconnects, ","):find("a.test b.test", 1, true));
		assert.is_nil(table.concat(three.reconnects, ","):find("a.test c.test", 1, true));
	end);

	it("that answer again hear what they have missed, either way, and of all tokens", function ()
		call("a.test", "room_opened", "old");
		pass(0.2);
		cut_off("a.test", "b.test", true);
		pass(4);
		for i = 1, 700 do call("a.test", "decide", "hall" .. i % 300, "ban", "p" .. i, true); end
		call("b.test", "decide", "bell", "audio", "ann", true);
		call("a.test", "room_opened", "new");
		call("a.test", "room_closed", "old");
		for i = 1, 501 do three.tokens["a.test"][i] = { ("%064d"):format(i), os.time(), 1 }; end
		pass(1);
		cut_off("a.test", "b.test", false);
		pass(8);
		local digest = call("a.test", "status").digest;
		assert.same({ digest, digest, 701 }, { call("b.test", "status").digest, call("c.test", "status").digest,
			call("b.test", "status").decisions });
		assert.same({ { "a.test" }, {} }, { call("b.test", "where", "new") });
		assert.same({ {}, {} }, { call("b.test", "where", "old") });
		assert.is_true(told("a.test", "info: the shard b.test is up"));
		local hex = require "util.hex";
		for _, i in ipairs { 1, 500, 501 } do assert.is_true(call("b.test", "token_allowed", hex.from(("%064d"):format(i)),
			os.time())); end
	end);

	it("that have more to tell than a stanza holds, either way, tell it in portions, and agree", function ()
		local rooms, i = {}, 0; -- of one bucket
		local sha1 = require "util.hashes".sha1;
		while #rooms < 3 do
			i = i + 1;
			if sha1("room" .. i):byte() == 7 then rooms[#rooms + 1] = "room" .. i; end
		end
		cut_off("a.test", "b.test", true);
		cut_off("a.test", "c.test", true);
		pass(4);
		for n = 1, 600 do
			for _, room in ipairs(rooms) do
				call("a.test", "decide", room, "ban", ("a%d"):format(n), true);
				if n <= 300 then call("b.test", "decide", room, "ban", ("b%d"):format(n), true); end
			end
		end
		for n = 1, 600 do call("a.test", "room_opened", ("%d"):format(n) .. ("x"):rep(600)); end
		for n = 1, 400 do call("a.test", "room_opened", ("%d"):format(n) .. ("\u{e4}"):rep(400)); end
		pass(1);
		cut_off("a.test", "b.test", false);
		cut_off("a.test", "c.test", false);
		pass(8);
		for _, name in ipairs { "b.test", "c.test" } do
			assert.equal(call("a.test", "status").digest, call(name, "status").digest);
			assert.equal(1000, call(name, "status").shards["a.test"].rooms);
		end
		assert.same({ 2700, 0 }, { call("a.test", "status").decisions, call("a.test", "status").unsent });
		-- News of much, too.
		for n = 1, 450 do call("a.test", "room_closed", ("%d"):format(n) .. ("x"):rep(600)); end
		pass(0.2);
		assert.equal(550, call("b.test", "status").shards["a.test"].rooms);
	end);

	it("find by the beats what got lost of the news alone", function ()
		cut_off("a.test", "c.test", true);
		call("a.test", "decide", "tavern", "ban", "eve", true);
		call("a.test", "room_opened", "tavern");
		pass(0.1);
		cut_off("a.test", "c.test", false);
		assert.is_true(three.lost > 0);
		pass(5);
		assert.equal(1, #three.decided["c.test"]);
		assert.same({ { "a.test" }, {} }, { call("c.test", "where", "tavern") });
	end);

	for _, what in ipairs { "rooms", "digests", "bucket" } do
		it("that ask for " .. what .. " in vain wait for the answer, and ask again when there was none", function ()
			for round = 1, 3 do
				cut_off("a.test", "b.test", true);
				for i = 1, 9 do
					call("b.test", "decide", ("hall%d.%d"):format(round, i), "ban", "eve", true);
					call("b.test", "room_opened", ("hall%d.%d"):format(round, i));
				end
				pass(0.1);
				three.dropped = what;
				cut_off("a.test", "b.test", false);
				local before = three.shards["a.test"].channel.asked[what] or 0;
				pass(2.9);
				local asked = three.shards["a.test"].channel.asked[what] - before;
				assert.is_true(asked >= 1 and asked <= (what == "bucket" and 16 or 4), asked);
				three.dropped = nil;
				pass(6);
				assert.equal(call("b.test", "status").digest, call("a.test", "status").digest);
				assert.same({ { "b.test" }, {} }, { call("a.test", "where", ("hall%d.9"):format(round)) });
			end
		end);
	end

	for what, brings in pairs { rooms = { rooms = { 7 } }, bucket = { decisions = { 7 } } } do
		it("ask no further for " .. what .. " where an answer brings nothing and says that there is more", function ()
			local honest = three.net["b.test"][what];
			for _, content in ipairs { { rooms = {} }, brings } do
				three.net["b.test"][what] = function (_, asked, answer)
					content.after = #(asked.after or "") < 100 and (asked.after or "") .. "z" or nil;
					answer(content);
				end;
				three.dropped = "news";
				call("b.test", "room_opened", "tavern" .. tostring(content == brings));
				call("b.test", "decide", "tavern", "ban", "eve", content == brings);
				call("a.test", "decide", "tavern", "audio", "eve", true);
				local before, unsound = three.shards["a.test"].channel.asked[what] or 0, call("a.test", "status").unsound;
				pass(6);
				local asked = three.shards["a.test"].channel.asked[what] - before;
				assert.is_true(asked >= 1 and asked <= 12, asked);
				assert.is_true(call("a.test", "status").unsound > unsound);
				assert.is_true(told("a.test", "warn: the shard b.test tells of more of a list that is none here"));
			end
			assert.equal(2, call("b.test", "status").decisions); -- what is known here is told all the same
			three.net["b.test"][what] = honest;
			pass(6);
			assert.equal(call("b.test", "status").digest, call("a.test", "status").digest);
			assert.same({ { "b.test" }, {} }, { call("a.test", "where", "taverntrue") });
		end);
	end

	it("that begin anew tell what they kept, and what has no time gives way to what has", function ()
		cut_off("a.test", "b.test", true);
		cut_off("a.test", "c.test", true);
		call("b.test", "decide", "hall", "ban", "ann", false);
		local time = as("b.test", function () return three.shards["b.test"].decisions:now(); end);
		local ends = os.time() + 900;
		call("a.test", "recall", { room = "hall", kind = "ban", person = "eve", value = ends, time = time,
			shard = "a.test" });
		call("a.test", "recall", { room = "hall", kind = "ban", person = "ann", value = ends });
		call("a.test", "recall", { room = "hall", kind = "ban", person = "bob", value = ends, time = 1 << 60,
			shard = "a.test" });
		call("a.test", "recall", { room = "A/b", kind = "ban", person = "bob", value = ends });
		assert.equal(3, #call("a.test", "lasting", os.time()));
		cut_off("a.test", "b.test", false);
		cut_off("a.test", "c.test", false);
		pass(8);
		for _, name in ipairs(three.ALL) do
			local decisions = three.shards[name].decisions;
			assert.same({ ends, false, ends },
				{ decisions:get("hall", "ban", "eve"), decisions:get("hall", "ban", "ann"), decisions:get("hall", "ban", "bob") });
		end
	end);

	it("leave it to the one whose name is less to compare decisions", function ()
		cut_off("a.test", "b.test", true);
		call("b.test", "decide", "tavern", "ban", "eve", true);
		pass(0.1);
		cut_off("a.test", "b.test", false);
		pass(5);
		assert.equal(call("b.test", "status").digest, call("a.test", "status").digest);
		assert.is_true(three.shards["a.test"].channel.asked.digests >= 1);
		assert.is_nil(three.shards["b.test"].channel.asked.digests);
	end);

	it("ask each other for nothing while they agree", function ()
		call("a.test", "decide", "tavern", "ban", "eve", true);
		pass(3);
		local asked = three.shards["a.test"].channel.asked;
		local before = { asked.beat, asked.news, asked.rooms, asked.digests, asked.bucket };
		pass(10);
		assert.same({ asked.news, asked.rooms, asked.digests, asked.bucket }, { before[2], before[3], before[4], before[5] });
		local beats = asked.beat - before[1];
		assert.is_true(beats >= 16 and beats <= 22, beats);
	end);

	it("say that they go", function ()
		call("a.test", "stop", true);
		pass(0.2);
		for _, name in ipairs { "b.test", "c.test" } do
			assert.is_true(told(name, "warn: the shard a.test is down: it is being stopped"));
			assert.same({ "a.test" }, (select(2, call(name, "everybody"))));
		end
		assert.is_nil(three.shards["a.test"].channel.closed);
		local asked = three.shards["a.test"].channel.questions;
		call("a.test", "room_closed", "tavern");
		call("a.test", "stop", true);
		pass(3);
		assert.equal(asked, three.shards["a.test"].channel.questions);
	end);

	it("tell an event to those whose games have asked for it, while they are up", function ()
		three.wanted["b.test"], three.wanted["c.test"] = { "joined" }, { "joined", "left" };
		pass(2);
		local function wanting(event)
			local list = call("a.test", "wanting", event);
			table.sort(list);
			return list;
		end
		assert.same({ { "b.test", "c.test" }, { "c.test" }, {} }, { wanting "joined", wanting "left", wanting "said" });
		call("a.test", "event_happened", { event = "left", channel = "tavern" });
		pass(0.1);
		assert.same({ false, true }, { told("b.test", "a.test tells left"), told("c.test", "a.test tells left") });
		cut_off("a.test", "c.test", true);
		pass(4);
		assert.same({ { "b.test" }, {} }, { wanting "joined", wanting "left" });
	end);

	it("that are up hear a new wish at once", function ()
		local before = three.shards["a.test"].channel.asked.beat;
		call("a.test", "beat");
		assert.equal(before + 2, three.shards["a.test"].channel.asked.beat);
		call("a.test", "beat");
		assert.equal(before + 2, three.shards["a.test"].channel.asked.beat);
	end);

	it("take nothing that is no decision, no room and no token, and count it", function ()
		local function put(news) as("b.test", three.net["b.test"].news, "a.test", news, function () end); end
		put { decisions = { 7, {}, { "tavern", "ban", "eve", true } } };
		put { decisions = 7, rooms = 7, tokens = 7 };
		put { rooms = { 7, {}, { 7, true } }, tokens = { 7, {}, { "x", 1, 1 } } };
		put { rooms = { { "A/b", true }, { "a\n", true }, { ("r"):rep(1024), true }, { "tavern", 1 } } };
		put { tokens = { { ("ab"):rep(32), (1 << 40) - 1, 0 } } };
		put { decisions = { { room = "tavern", kind = "moderator", person = "eve", value = 7, time = 1,
			shard = "a.test" } } };
		assert.same({ 18, 0, 0 }, { call("b.test", "status").unsound, call("b.test", "status").decisions,
			call("b.test", "status").shards["a.test"].rooms });
		assert.is_false(call("b.test", "token_allowed", require "util.hex".from(("ab"):rep(32)), os.time()));
		assert.is_true(told("b.test", "warn: the shard a.test tells of a decision that is none here"));
		assert.is_true(told("b.test", "perhaps it has another version"));
		local answer;
		for _, bucket in ipairs { 0, 257, 1.5, "1" } do
			answer = false;
			as("b.test", three.net["b.test"].bucket, "a.test", { bucket = bucket }, function (result) answer = result; end);
			assert.is_nil(answer);
		end
		for _, bucket in ipairs { 1, 256 } do
			as("b.test", three.net["b.test"].bucket, "a.test", { bucket = bucket }, function (result) answer = result; end);
			assert.same({ decisions = {} }, answer);
		end
		as("b.test", three.net["b.test"].beat, "a.test", { clock = "x", events = 7 }, function () end);
		assert.is_true(told("b.test", "tells of a clock that is none here"));
		assert.same({}, call("b.test", "wanting", "joined"));
	end);

	it("keep so many of another's rooms, and ask for the rest now and then", function ()
		local asked = three.shards["b.test"].channel.asked;
		for i = 1, 16400 do call("a.test", "room_opened", ("%d"):format(i)); end
		pass(10);
		assert.equal(16384, call("b.test", "status").shards["a.test"].rooms);
		assert.is_true(told("b.test", "the shard a.test tells of more than 16384 rooms"));
		local before = asked.rooms;
		pass(30);
		assert.equal(before, asked.rooms);
		for i = 1, 16000 do call("a.test", "room_closed", ("%d"):format(i)); end
		pass(90);
		assert.equal(400, call("b.test", "status").shards["a.test"].rooms);
	end);

	it("keep to themselves what no stanza can say", function ()
		for _, names in ipairs { { "a\0b", "eve" }, { "tavern", "e\0ve" }, { "tavern", ("e"):rep(1025) } } do
			call("a.test", "decide", names[1], "ban", names[2], true);
			pass(3);
			assert.equal(0, call("a.test", "status").decisions);
		end
		assert.is_true(told("a.test", "stays on this shard"));
	end);

	it("know how old something is whatever the other's clock says, and tell when clocks differ by a minute, and no longer",
		function ()
		assert.is_false(told("b.test", "differ by"));
		three.skew["a.test"] = 50000;
		pass(200);
		assert.is_false(told("b.test", "differ by"));
		three.skew["a.test"] = -61500;
		pass(3);
		local function ms(name) return as(name, function () return math.floor(package.loaded["util.time"].now() * 1000); end);
			end
		-- That its clock was put back counts at once: its commands are not late.
		local age = call("b.test", "age", "a.test", ms "a.test" - 500);
		assert.is_true(age >= 400 and age <= 700, age);
		pass(300);
		age = call("b.test", "age", "a.test", ms "a.test" - 500);
		assert.is_true(age >= 400 and age <= 700, age);
		local count = 0;
		for _, line in ipairs(three.said["b.test"]) do
			if line:find("warn: the clock of the shard a.test and the one here differ by 6", 1, true) then count = count + 1; end
		end
		assert.equal(1, count);
		assert.is_false(told("b.test", "agree again"));
		three.skew["a.test"] = 0;
		pass(3);
		assert.is_true(told("b.test", "info: the clock of the shard a.test and the one here agree again"));
		three.skew["a.test"] = 70000;
		pass(3);
		age = call("b.test", "age", "a.test", ms "a.test" - 500);
		assert.is_true(age >= 400 and age <= 700, age);
	end);
end);
