-- What another shard says, whatever it says: nothing raises, nothing reaches a stanza that none can hold, and a game
-- gets its reply.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";

local json = require "util.json";
local bridge = require "skotos_bridge";

local lib = require "spec.support.lib";
local hearsay = lib.load "shards/hearsay";
local commands = lib.load "shards/shard_commands";

local issuer = require "spec.support.issuer" { commands = true };

local ROUNDS = tonumber(os.getenv "ROUNDS") or 4000; -- of chance; fewer where memory is looked at

-- A row of its own, so that a failure comes again.
local state = 20261129;
local function random(n)
	state = (state * 1103515245 + 12345) & 0x7fffffff;
	return (state >> 8) % n + 1;
end

local STRINGS = { "a", "", "tavern", "R\u{e9}n\u{e9}", '"seq":5', "\u{fffe}", "a\u{ffff}b", "\0", "\27[2J", "\xff\xfe",
	("x"):rep(3000) };
local NUMBERS = { 0, 1, -1, 7, 1.5, 1e300, -1e300, 1 / 0, 0 / 0, math.maxinteger, math.mininteger };
local KEYS = {
	"success", "message", "channel", "occupants", "rooms", "occupant", "id", "displayName", "moderator", "muted", "joined",
		"since", "count";
	"shards", "missing", "grant", "name", "unanswered", "secret", "event", "why", "reason", "until", "version", "to", 1, 2,
		3;
};

local function anything(depth)
	local kind = random(depth > 3 and 3 or 5);
	if kind == 1 then return STRINGS[random(#STRINGS)]; end
	if kind == 2 then return NUMBERS[random(#NUMBERS)]; end
	if kind == 3 then return random(2) == 1; end
	local t = {};
	for i = 1, random(4) - 1 do t[kind == 4 and i or KEYS[random(#KEYS)]] = anything(depth + 1); end
	return t;
end

local function sound()
	return {
		success = true, message = "OK", channel = "tavern", missing = { "shard2.test" }, count = 2;
		occupants = { { occupant = "n1", id = "u1", displayName = "Bob", moderator = false, muted = { "audio" },
			joined = 1795511229 }, { occupant = "n2", muted = {} } };
	};
end

local function sound_rooms() return { success = true, rooms = { { channel = "tavern", occupants = 3,
	since = 1795511229 }, { channel = "hall", occupants = 1 } } }; end

-- Puts something else somewhere into the table.
local function changed(t)
	local at = t;
	for _ = 1, random(3) do
		local inner = {};
		for _, value in pairs(at) do
			if type(value) == "table" then inner[#inner + 1] = value; end
		end
		if #inner == 0 then break; end
		at = inner[random(#inner)];
	end
	local value = anything(1);
	at[KEYS[random(#KEYS)]] = value;
	return t;
end

local function frame(result) return select(2, assert(bridge.command(issuer,
	'{"cmd":"occupants","channel":"tavern","seq":17}', result, 8192))); end

describe("what another shard says", function ()
	it("is a result when it is one", function ()
		assert.is_true(hearsay.is_result(sound()));
		assert.is_true(hearsay.is_result(sound_rooms()));
		assert.is_true(hearsay.is_result { success = false, message = "no" });
		assert.is_true(hearsay.is_result { success = true, channel = "a", grant = { id = "u", name = "U" }, to = "b" });
		assert.is_true(hearsay.is_event { event = "left", channel = "tavern", occupant = "n", id = "u", displayName = "U",
			why = "left" });
	end);

	local wrong = {
		{ "a result that is none", "x" }, { "one without success", {} }, { "success that is text", { success = "true" } }, {
			"a message that is a number", { success = true, message = 7 } };
		{ "a grant that is text", { success = true, grant = "u" } }, { "a grant without an id", { success = true, grant = {
			name = "U" } } };
		{ "a grant without a name", { success = true, grant = { id = "u" } } }, { "a grant with a number for a name", {
			success = true, grant = { id = "u", name = 7 } } };
		{ "occupants that are text", { success = true, occupants = "n" } }, { "an occupant that is text", { success = true,
			occupants = { "n" } } };
		{ "an occupant without an address", { success = true, occupants = { { id = "u" } } } }, { "one of two", {
			success = true, occupants = { { occupant = "n" }, { occupant = 7 } } } };
		{ "occupants that are no list", { success = true, occupants = { n = { occupant = "n" } } } }, {
			"a list with more than items", { success = true, rooms = { { channel = "a", occupants = 1 }, x = 1 } } };
		{ "a room without a name", { success = true, rooms = { { occupants = 1 } } } }, { "a room without a count", {
			success = true, rooms = { { channel = "a" } } } };
		{ "a count with a fraction", { success = true, rooms = { { channel = "a", occupants = 1.5 } } } }, {
			"a time that is text", { success = true, rooms = { { channel = "a", occupants = 1, since = "x" } } } };
		{ "what no reply may hold", { success = true, secret = "x" } };
	};
	for _, case in ipairs(wrong) do
		it("is no result: " .. case[1], function () assert.is_false(hearsay.is_result(case[2])); end);
	end

	it("is an event when it is one", function ()
		assert.is_true(hearsay.is_event { event = "said", channel = "tavern", text = "hey" });
		for _, event in ipairs { "x", {}, { event = "left" }, { channel = "tavern" }, { event = 7, channel = "tavern" }, {
			event = "left", channel = 7 };
			{ event = "said", channel = "tavern", text = 7 }, { event = "left", channel = "tavern", secret = "x" } } do
			assert.is_false(hearsay.is_event(event));
		end
	end);

	it("is read as it was written", function ()
		for _, content in ipairs { sound(), sound_rooms(), {}, { a = { 1, 1.5, true, false, "R\u{e9}n\u{e9}", {
			b = {} } } } } do
			assert.same(content, hearsay.read(hearsay.written(content)));
		end
		assert.is_table(hearsay.read(("["):rep(16) .. ("]"):rep(16)));
		assert.is_nil(hearsay.read(("["):rep(17) .. ("]"):rep(17)));
		for _, text in ipairs { "", "x", "7", '"a"', "true", "{" } do assert.is_nil(hearsay.read(text)); end
	end);

	it("is a result only if the game's reply can be made of it", function ()
		local good = 0;
		for i = 1, ROUNDS do
			local result = i % 3 == 0 and anything(0) or changed(i % 3 == 1 and sound() or sound_rooms());
			if hearsay.is_result(result) then
				good = good + 1;
				result.grant = nil; -- goes with move alone
				local bytes = frame(result);
				assert.equal(8192, #bytes);
				assert.is_table(json.decode((bytes:gsub("\n%z$", ""))));
			end
			if hearsay.is_event(result) then bridge.event(result, 8192); end
		end
		assert.is_true(good > ROUNDS / 80 and good < ROUNDS - ROUNDS / 80, good);
	end);

	it("is read without an error, and holds no text that a stanza cannot", function ()
		local text = json.encode(sound());
		for _ = 1, ROUNDS do
			local at = random(#text);
			local bytes = text:sub(1, at - 1) .. string.char(random(256) - 1) .. text:sub(at + random(3) - 1);
			local content = hearsay.read(bytes);
			assert.is_true(content == nil or bridge.is_printable(hearsay.written(content)));
		end
		for _, char in ipairs { "\\u0000", "\\u0007", "\\uFFFE", "\u{ffff}", "\xff" } do
			assert.is_nil(hearsay.read('{"a":[{"b":"' .. char .. '"}]}'));
			assert.is_nil(hearsay.read('{"a":{"' .. char .. '":1}}'));
		end
		assert.is_nil(hearsay.read(("["):rep(100000)));
		assert.is_nil(hearsay.read(("["):rep(20) .. ("]"):rep(20)));
		assert.is_nil(hearsay.read("7"));
	end);

	it("is written without what no stanza can hold, and what is written is read", function ()
		local written = hearsay.written { ["a\u{fffe}\127"] = "\127b\u{ffff}\u{1f409}" };
		assert.is_true(bridge.is_printable(written));
		assert.same({ a = "b\u{1f409}" }, hearsay.read(written));
	end);

	-- Plain tables are C's to read and write, all others Prosody's.
	it("is the same table whoever of the two reads and writes it", function ()
		local function plain(value) -- Prosody's lists have a metatable
			if type(value) ~= "table" then return value; end
			local copy = {};
			for key, inner in pairs(value) do copy[key] = plain(inner); end
			return copy;
		end
		local function both(content)
			local text = hearsay.written(content);
			assert.same(content, plain(json.decode(text)));
			assert.same(content, plain(hearsay.read(text)));
		end
		both(sound());
		both(sound_rooms());
		both { empty = {}, list = { 1, -2, math.maxinteger, math.mininteger },
			deep = { { { a = { true, false, "\"\\\n\t/\u{e9}\u{1f409}" } } } } };
		both { half = 0.5, far = 1e300 };
		local many, long = {}, { text = ("x"):rep(20000) };
		for i = 1, 600 do many[i] = { n = i }; end
		both { many = many };
		both(long);
		local deep = { a = 1 };
		for _ = 1, 14 do deep = { a = deep }; end
		both(deep);
		assert.equal(json.null, hearsay.read '{"a":null}'.a);
		assert.same({ a = 2 }, hearsay.read '{"a":1,"a":2}');
		assert.equal(1.0, hearsay.read '{"a":1.0}'.a);
	end);

	it("is a list, or has names, and is left to Prosody where it is both", function ()
		assert.equal('{"a":[1,2]}', bridge.to_json { a = { 1, 2 } });
		for _, mixed in ipairs { { 1, x = 2 }, { [1] = 1, [3] = 3 }, { [2] = 1 }, { [true] = 1 }, { a = print },
			{ a = 0 / 0 },
			setmetatable({}, {}), { { { b = { 1, x = 2 } } } } } do
			assert.is_nil(bridge.to_json(mixed));
		end
		local round = {};
		round.round = round;
		assert.is_nil(bridge.to_json(round));
	end);

	it("is a token's use only when that is not in the far future", function ()
		local hex = ("0123456789abcdef"):rep(4);
		assert.is_string(hearsay.token({ hex, 1795511229 + 86400, 0 }, 1795511229));
		assert.is_nil(hearsay.token({ hex, 1795511229 + 86401, 0 }, 1795511229));
	end);

	local NOW = 1795511229000; -- milliseconds
	local function decision(change)
		local d = { room = "r", kind = "ban", person = "p", value = true, time = NOW * 1024, shard = "s" };
		for name, value in pairs(change or {}) do
			if value == "nothing" then d[name] = nil; else d[name] = value; end
		end
		return d;
	end

	it("is a decision when it could be one of here", function ()
		for _, change in ipairs { {}, { value = 4102444800 }, { value = 0 }, { value = false }, { kind = "moderator" },
			{ kind = "moderator", value = 0 },
			{ kind = "audio" }, { kind = "video", value = false }, { kind = "desktop" }, { time = NOW * 1024 + 86000000 * 1024 },
			{ time = 1 },
			{ room = "k%c3%b6nigshof" }, { room = "[dev]hall" }, { room = ("r"):rep(1023) }, { person = ("p"):rep(1024) },
			{ person = "R\u{e9}n\u{e9}" } } do
			assert.is_true(hearsay.is_decision(decision(change), NOW));
		end
	end);

	local unsound = {
		{ "without a room", { room = "nothing" } }, { "about a room without a name", { room = "" } },
		{ "about no room", { room = "A/b" } };
		{ "about a room that is written in another way", { room = "TAVERN" } },
		{ "about a room with a control character", { room = "a\n" } };
		{ "about a room at a host", { room = "a@b" } }, { "about a room with too long a name", { room = ("r"):rep(1024) } };
		{ "about a person that is no string", { person = 7 } }, { "about nobody", { person = "" } },
		{ "about too long a person", { person = ("p"):rep(1025) } };
		{ "of an unknown kind", { kind = "weird" } }, { "of no kind", { kind = "nothing" } },
		{ "of a kind that is a table", { kind = {} } };
		{ "that makes a moderator by a number", { kind = "moderator", value = 7 } },
		{ "that makes a moderator by no whole number", { kind = "moderator", value = 0.0 } };
		{ "that mutes by a number", { kind = "audio", value = 0 } },
		{ "that mutes with an end", { kind = "video", value = 4102444800 } };
		{ "without a value", { value = "nothing" } }, { "with a value that is a table", { value = {} } };
		{ "with an end that no calendar has", { value = math.maxinteger } },
		{ "with an end before all times", { value = -1 } };
		{ "at a time with a fraction", { time = 1.5 } }, { "at a time before all times", { time = 0 } };
		{ "at a time more than a day ahead", { time = (NOW + 86400001) * 1024 } };
		{ "of no shard", { shard = "nothing" } }, { "of a shard with too long a name", { shard = ("s"):rep(1024) } };
	};
	for _, case in ipairs(unsound) do
		it("is no decision " .. case[1], function () assert.is_false(hearsay.is_decision(decision(case[2]), NOW)); end);
	end

	it("is no decision when it is no table", function ()
		assert.is_false(hearsay.is_decision("x", NOW));
		for _ = 1, 1000 do hearsay.is_decision(anything(0), NOW); end
	end);

	it("is a time only when one can reckon with it", function ()
		for _, clock in ipairs { 0, 1795511229000, 32503680000000 } do assert.is_true(hearsay.is_clock(clock)); end
		for _, clock in ipairs { -1, 1.5, 1 / 0, "1", {}, true, math.maxinteger, math.mininteger } do
			assert.is_false(hearsay.is_clock(clock));
		end
		assert.is_false(hearsay.is_clock(nil));
	end);

	it("is a token's use only when one can reckon with it", function ()
		local hex = ("0123456789abcdef"):rep(4);
		assert.same({ require "util.hex".from(hex), 1795511229, 2 }, { hearsay.token({ hex, 1795511229, 2 }, 1795511229) });
		for _, item in ipairs { "x", {}, { hex }, { hex, 1, "1" }, { hex, "1", 1 }, { hex, 1.5, 1 }, { hex, 1, 0 / 0 }, { hex,
			-1, 1 }, { hex, 1, -1 }, { hex, math.maxinteger, 1 };
			{ "zz" .. hex:sub(3), 1, 1 }, { hex .. "00", 1, 1 }, { hex:sub(2), 1, 1 }, { {}, 1, 1 } } do
			assert.is_nil(hearsay.token(item, 1795511229));
		end
		for _ = 1, 1000 do hearsay.token(anything(0), 1795511229); end
	end);

	it("is a command only when a game could have given it", function ()
		assert.same({ cmd = "kick", channel = "tavern", id = "u", banFor = 60 }, hearsay.command { cmd = "kick",
			channel = "tavern", id = "u", banFor = 60 });
		for _, command in ipairs { { cmd = "kick", channel = "tavern", id = {} }, { cmd = "kick", channel = "tavern",
			id = "u", banFor = 1e300 }, { cmd = "dance" };
			{ cmd = "say", channel = "tavern", text = "\u{fffe}" }, { cmd = 7 }, {}, { displayName = "Bob",
				channel = "tavern" } } do
			local read, why = hearsay.command(command);
			assert.is_nil(read);
			assert.is_string(why);
		end
		for _ = 1, ROUNDS / 4 do hearsay.command(anything(0)); end
	end);
end);

describe("a game whose command goes to other shards gets one reply", function ()
	local function take(cmd, answers)
		local replies = {};
		local shards = {
			own = "shard1.test", rooms = { is_open_on = function () return false; end };
			where = function () return { "shard2.test", "shard3.test" }, {}; end;
			everybody = function () return { "shard2.test", "shard3.test" }, {}; end;
			channel = { ask = function (_, shard, _, _, _, callback) callback({ result = answers[shard] }); end };
		};
		local both = commands.new(function (_, _, done) done { success = true, rooms = {} }; end, function () return shards;
			end);
		both.take({ name = "live", covers = function () return true; end }, { cmd = cmd, channel = cmd ~= "rooms" and "tavern"
			or nil },
			function (result) replies[#replies + 1] = result; end);
		return replies;
	end

	for _, cmd in ipairs { "rooms", "occupants", "kick" } do
		it("whatever these answer: " .. cmd, function ()
			for i = 1, ROUNDS / 8 do
				local replies = take(cmd, {
					["shard2.test"] = i % 2 == 0 and anything(0) or changed(sound_rooms());
					["shard3.test"] = changed(cmd == "rooms" and sound_rooms() or sound());
				});
				assert.equal(1, #replies);
				replies[1].grant = nil;
				assert.equal(8192, #frame(replies[1]));
			end
		end);
	end
end);
