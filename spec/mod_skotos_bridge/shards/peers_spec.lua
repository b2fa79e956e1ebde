-- Three shards that know of each other, without a Prosody: a wire and a clock of the specs' own.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so;./build/?.so";

local STEP = 0.025; -- seconds of the clock at a time
local clock, timers, wire;
local skew; -- shard -> milliseconds that its clock is ahead
local now_on; -- the shard whose code runs

local time = os.time;
package.loaded["util.time"] = {
	monotonic = function () return clock; end;
	now = function () return 1795511229 + clock + (skew[now_on] or 0) / 1000; end;
};

local function part(_, path)
	if path == "skotos_bridge/shards/shard_channel" then return wire; end
	return dofile(("mod_skotos_bridge/%s.lib.lua"):format(path));
end
local function as(shard, act, ...)
	local before = now_on;
	now_on = shard;
	local result = table.pack(act(...));
	now_on = before;
	return table.unpack(result, 1, result.n);
end
-- The module's API as the shard `own` has it.
local function add_timer(_, seconds, act)
	local own = now_on;
	timers[#timers + 1] = { due = clock + seconds, act = function () return as(own, act); end };
end
rawset(_G, "module", { require = part, add_timer = add_timer });
local hearsay = part(nil, "skotos_bridge/shards/hearsay");

local dropped; -- what is asked and does not arrive
local net, cut, lost, reconnects; -- shard -> answers; "a b" -> true; how many messages were lost; who was given up
wire = {};
function wire.is_sayable(text) return not text:find "\0"; end
function wire.open(own, _, _, questions)
	net[own] = questions;
	local channel = { refused = 3, questions = 0, asked = {} };
	function channel.is_ready() return true; end
	function channel.close() channel.closed = true; end
	function channel.reconnect(_, shard) reconnects[#reconnects + 1] = own .. " " .. shard; end
	function channel.ask(_, shard, what, content, seconds, callback)
		channel.questions = channel.questions + 1;
		channel.asked[what] = (channel.asked[what] or 0) + 1;
		local text, answered = hearsay.written(content), false;
		assert(#text < 262144, "no stanza is that large");
		local function answer(...)
			if answered then return; end
			answered = true;
			as(own, callback, ...);
		end
		local function gone()
			if cut[own .. " " .. shard] or not net[shard] or dropped == what then
				lost = lost + 1;
				return true;
			end
		end
		timers[#timers + 1] = { due = clock, act = function ()
			if gone() then return; end
			as(shard, net[shard][what], own, hearsay.read(text), function (result)
				local reply = hearsay.written(result or {});
				timers[#timers + 1] = { due = clock, act = function () if not gone() then answer(hearsay.read(reply)); end end };
			end);
		end };
		timers[#timers + 1] = { due = clock + seconds, act = function () answer(nil,
			("no answer within %g s"):format(seconds), true); end };
	end
	return channel;
end

local peers_lib = part(nil, "skotos_bridge/shards/peers");

local function pass(seconds)
	local till = clock + seconds;
	while clock < till - STEP / 2 do
		clock = clock + STEP;
		local i = 1;
		while i <= #timers do
			local timer = timers[i];
			if timer.due <= clock then
				table.remove(timers, i);
				local again = timer.act();
				if again then timers[#timers + 1] = { due = clock + again, act = timer.act }; end
				i = 1;
			else
				i = i + 1;
			end
		end
	end
end

local function cut_off(a, b, is_cut) cut[a .. " " .. b], cut[b .. " " .. a] = is_cut, is_cut; end

local shards, said, decided, over, tokens, wanted;
local ALL = { "a.test", "b.test", "c.test" };

local function join(name)
	local others = {};
	for _, other in ipairs(ALL) do
		if other ~= name then others[#others + 1] = other; end
	end
	said[name], decided[name], over[name], tokens[name], wanted[name] = {}, {}, {}, tokens[name] or {}, wanted[name] or {};
	local journal = {};
	function journal.event(_, level, text) table.insert(said[name], level .. ": " .. text); end
	function journal.fault(_, _, level, text) table.insert(said[name], level .. ": " .. text); end
	shards[name] = as(name, peers_lib.join, name, others, 100, journal, {
		decided = function (decision) table.insert(decided[name], decision); end,
			over = function (room) table.insert(over[name], room); end;
		tokens = function () return tokens[name]; end, wanted = function () return wanted[name]; end;
		answers = { event = function (shard, event, answer)
			answer();
			table.insert(said[name], shard .. " tells " .. event.event);
		end };
	});
	return shards[name];
end
local function call(name, method, ...) return as(name, shards[name][method], shards[name], ...); end
local function told(name, text) return table.concat(said[name], "\n"):find(text, 1, true) ~= nil; end

before_each(function ()
	dropped = nil;
	clock, timers, skew, net, cut, lost, reconnects = 1000, {}, {}, {}, {}, 0, {};
	shards, said, decided, over, tokens, wanted = {}, {}, {}, {}, {}, {};
	os.time = function () return math.floor(1795511229 + clock); end; -- luacheck: ignore 122
	for _, name in ipairs(ALL) do join(name); end
	pass(1.5);
end);
after_each(function () os.time = time; end); -- luacheck: ignore 122
teardown(function () rawset(_G, "module", nil); end);

local PRINT = ("\1"):rep(32); -- a token's fingerprint
local OTHER_PRINT = ("\2"):rep(32);

describe("shards", function ()
	it("find each other, and say so", function ()
		for _, name in ipairs(ALL) do
			local up, down = call(name, "everybody");
			assert.same({ 2, {} }, { #up, down });
			for _, other in ipairs(up) do assert.is_true(told(name, "info: the shard " .. other .. " is up")); end
		end
		assert.same({ { "b.test", "c.test" }, {} }, { call("a.test", "everybody") });
		-- They know of nothing, and so there is nothing to compare.
		for _, name in ipairs(ALL) do
			local asked = shards[name].channel.asked;
			assert.same({}, { asked.rooms, asked.digests, asked.bucket });
		end
	end);

	it("hear at once of what is decided, and of where a room is", function ()
		call("a.test", "room_opened", "tavern");
		call("a.test", "decide", "tavern", "ban", "eve", true);
		pass(0.2);
		for _, name in ipairs { "b.test", "c.test" } do
			assert.equal(1, #decided[name]);
			assert.same({ { "a.test" }, {} }, { call(name, "where", "tavern") });
			assert.equal(call("a.test", "status").digest, call(name, "status").digest);
			assert.same({ up = true, rooms = 1 }, call(name, "status").shards["a.test"]);
		end
		assert.same({ {}, {} }, { call("a.test", "where", "tavern") });
		assert.same({}, decided["a.test"]);
		assert.same({ "a.test", 3, 1, 0, 0 }, { call("a.test", "status").own, call("a.test", "status").refused, call("a.test",
			"status").decisions,
			call("a.test", "status").unsound, call("a.test", "status").dropped });
	end);

	it("gather what is new for a moment, and tell much of it in portions", function ()
		local asked = shards["a.test"].channel.asked;
		for i = 1, 20 do call("a.test", "room_opened", "room" .. i); end
		pass(0.2);
		assert.equal(2, asked.news);
		for i = 1, 1100 do call("a.test", "token_used", ("%032d"):format(i), os.time(), 1); end
		pass(0.2);
		assert.equal(2 + 3 * 2, asked.news);
		assert.is_true(call("b.test", "token_allowed", ("%032d"):format(1100), os.time()));
		assert.is_true(call("b.test", "token_allowed", ("%032d"):format(1), os.time()));
		pass(1);
		assert.equal(2 + 3 * 2, asked.news);
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
		assert.same({}, over["c.test"]);
		call("b.test", "room_closed", "tavern");
		pass(29);
		assert.same({}, over["c.test"]);
		assert.equal(1, call("c.test", "status").decisions);
		pass(3);
		for _, name in ipairs(ALL) do
			assert.same({ "tavern" }, over[name]);
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
		for _, line in ipairs(said["a.test"]) do
			if line == "warn: the shard b.test is down: no answer within 2 s" then count = count + 1; end
		end
		assert.equal(1, count);
		assert.truthy(table.concat(reconnects, ","):find("a.test b.test", 1, true));
		assert.is_nil(table.concat(reconnects, ","):find("a.test c.test", 1, true));
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
		for i = 1, 501 do tokens["a.test"][i] = { ("%064d"):format(i), os.time(), 1 }; end
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

	it("find by the beats what got lost of the news alone", function ()
		cut_off("a.test", "c.test", true);
		call("a.test", "decide", "tavern", "ban", "eve", true);
		call("a.test", "room_opened", "tavern");
		pass(0.1);
		cut_off("a.test", "c.test", false);
		assert.is_true(lost > 0);
		pass(5);
		assert.equal(1, #decided["c.test"]);
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
				dropped = what;
				cut_off("a.test", "b.test", false);
				local before = shards["a.test"].channel.asked[what] or 0;
				pass(2.9);
				local asked = shards["a.test"].channel.asked[what] - before;
				assert.is_true(asked >= 1 and asked <= (what == "bucket" and 16 or 4), asked);
				dropped = nil;
				pass(6);
				assert.equal(call("b.test", "status").digest, call("a.test", "status").digest);
				assert.same({ { "b.test" }, {} }, { call("a.test", "where", ("hall%d.9"):format(round)) });
			end
		end);
	end

	it("leave it to the one whose name is less to compare decisions", function ()
		cut_off("a.test", "b.test", true);
		call("b.test", "decide", "tavern", "ban", "eve", true);
		pass(0.1);
		cut_off("a.test", "b.test", false);
		pass(5);
		assert.equal(call("b.test", "status").digest, call("a.test", "status").digest);
		assert.is_true(shards["a.test"].channel.asked.digests >= 1);
		assert.is_nil(shards["b.test"].channel.asked.digests);
	end);

	it("ask each other for nothing while they agree", function ()
		call("a.test", "decide", "tavern", "ban", "eve", true);
		pass(3);
		local asked = shards["a.test"].channel.asked;
		local before = { asked.beat, asked.news, asked.rooms, asked.digests, asked.bucket };
		pass(10);
		assert.same({ asked.news, asked.rooms, asked.digests, asked.bucket }, { before[2], before[3], before[4], before[5] });
		local beats = asked.beat - before[1];
		assert.is_true(beats >= 16 and beats <= 22, beats);
	end);

	it("let in who was on another one: while that lives, and for the grace behind it", function ()
		assert.is_false(call("b.test", "token_allowed", PRINT, os.time()));
		call("a.test", "token_used", PRINT, os.time(), 1);
		call("a.test", "token_used", OTHER_PRINT, os.time(), 0);
		pass(0.2);
		assert.is_true(call("b.test", "token_allowed", PRINT, os.time() + 5000));
		assert.is_true(call("b.test", "token_allowed", OTHER_PRINT, os.time() + 99));
		assert.is_false(call("b.test", "token_allowed", OTHER_PRINT, os.time() + 200));
		assert.is_false(call("a.test", "token_allowed", PRINT, os.time()));
		-- From when it is down its sessions live nowhere.
		cut_off("a.test", "b.test", true);
		pass(5);
		assert.is_true(call("b.test", "token_allowed", PRINT, os.time() + 90));
		assert.is_false(call("b.test", "token_allowed", PRINT, os.time() + 200));
	end);

	it("that begin anew have no sessions left from before", function ()
		call("a.test", "token_used", PRINT, os.time(), 1);
		pass(0.2);
		assert.is_true(call("b.test", "token_allowed", PRINT, os.time() + 5000));
		as("a.test", function () shards["a.test"]:stop(false); end);
		assert.is_true(shards["a.test"].channel.closed);
		join "a.test";
		pass(3);
		assert.is_true(call("b.test", "token_allowed", PRINT, os.time() + 50));
		assert.is_false(call("b.test", "token_allowed", PRINT, os.time() + 5000));
	end);

	it("that begin anew, before anybody missed them, are told of all tokens that are in use", function ()
		tokens["a.test"][1] = { require "util.hex".to(PRINT), os.time(), 1 };
		as("b.test", function () shards["b.test"]:stop(false); end);
		join "b.test";
		pass(8);
		assert.is_false(told("a.test", "the shard b.test is down"));
		assert.is_true(call("b.test", "token_allowed", PRINT, os.time()));
	end);

	it("that are only loaded anew go on with what they knew", function ()
		call("b.test", "token_used", PRINT, os.time(), 1);
		call("a.test", "token_used", OTHER_PRINT, os.time(), 1);
		call("a.test", "decide", "tavern", "ban", "eve", true);
		pass(0.2);
		local saved = call("a.test", "save");
		call("a.test", "stop", false);
		join "a.test";
		call("a.test", "restore", nil);
		call("a.test", "restore", saved);
		assert.equal(1, call("a.test", "status").decisions);
		assert.is_true(call("a.test", "token_allowed", PRINT, os.time() + 5000));
		pass(3);
		assert.is_true(call("b.test", "token_allowed", OTHER_PRINT, os.time() + 5000));
		-- A room that nobody has open is over some time later, here too.
		pass(40);
		assert.same({ "tavern" }, over["a.test"]);
		assert.equal(0, call("a.test", "status").decisions);
	end);

	it("say that they go", function ()
		call("a.test", "stop", true);
		pass(0.2);
		for _, name in ipairs { "b.test", "c.test" } do
			assert.is_true(told(name, "warn: the shard a.test is down: it is being stopped"));
			assert.same({ "a.test" }, (select(2, call(name, "everybody"))));
		end
		assert.is_nil(shards["a.test"].channel.closed);
		local asked = shards["a.test"].channel.questions;
		call("a.test", "room_closed", "tavern");
		call("a.test", "stop", true);
		pass(3);
		assert.equal(asked, shards["a.test"].channel.questions);
	end);

	it("tell an event to those whose games have asked for it, while they are up", function ()
		wanted["b.test"], wanted["c.test"] = { "joined" }, { "joined", "left" };
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
		local before = shards["a.test"].channel.asked.beat;
		call("a.test", "beat");
		assert.equal(before + 2, shards["a.test"].channel.asked.beat);
		call("a.test", "beat");
		assert.equal(before + 2, shards["a.test"].channel.asked.beat);
	end);

	it("take nothing that is no decision, no room and no token, and count it", function ()
		local function put(news) as("b.test", net["b.test"].news, "a.test", news, function () end); end
		put { decisions = { 7, {}, { "tavern", "ban", "eve", true } } };
		put { decisions = 7, rooms = 7, tokens = 7 };
		put { rooms = { 7, {}, { 7, true } }, tokens = { 7, {}, { "x", 1, 1 } } };
		assert.same({ 3, 0 }, { call("b.test", "status").unsound, call("b.test", "status").decisions });
		local answer;
		for _, bucket in ipairs { 0, 257, 1.5, "1" } do
			answer = false;
			as("b.test", net["b.test"].bucket, "a.test", { bucket = bucket }, function (result) answer = result; end);
			assert.is_nil(answer);
		end
		for _, bucket in ipairs { 1, 256 } do
			as("b.test", net["b.test"].bucket, "a.test", { bucket = bucket }, function (result) answer = result; end);
			assert.same({ decisions = {} }, answer);
		end
		as("b.test", net["b.test"].beat, "a.test", { clock = "x", events = 7 }, function () end);
		assert.same({}, call("b.test", "wanting", "joined"));
	end);

	it("keep to themselves what no stanza can say", function ()
		for _, names in ipairs { { "a\0b", "eve" }, { "tavern", "e\0ve" } } do
			call("a.test", "decide", names[1], "ban", names[2], true);
			pass(3);
			assert.equal(0, call("a.test", "status").decisions);
		end
		assert.is_true(told("a.test", "stays on this shard"));
	end);

	it("know how old something is whatever the other's clock says, and warn once of clocks that differ by a minute",
		function ()
		assert.is_false(told("b.test", "differ by"));
		skew["a.test"] = 50000;
		pass(200);
		assert.is_false(told("b.test", "differ by"));
		skew["a.test"] = -61500;
		pass(3);
		local function ms(name) return as(name, function () return math.floor(package.loaded["util.time"].now() * 1000); end);
			end
		local age = call("b.test", "age", "a.test", ms "a.test" - 500);
		assert.is_true(age >= 400 and age < 112500, age);
		pass(300);
		age = call("b.test", "age", "a.test", ms "a.test" - 500);
		assert.is_true(age >= 400 and age <= 700, age);
		local count = 0;
		for _, line in ipairs(said["b.test"]) do
			if line:find("warn: the clock of the shard a.test and the one here differ by 6", 1, true) then count = count + 1; end
		end
		assert.equal(1, count);
		skew["a.test"] = 70000;
		pass(3);
		age = call("b.test", "age", "a.test", ms "a.test" - 500);
		assert.is_true(age >= 400 and age <= 700, age);
	end);
end);
