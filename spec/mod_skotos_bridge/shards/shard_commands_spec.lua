-- A game's commands where there are several shards: who carries them out, and what the game hears.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so;./build/?.so";
local lib = require "spec.support.lib";
local commands_lib = lib.load "shards/shard_commands";

local OWN = "one.test";
local shards, asked, answers, executed, game, both;

before_each(function ()
	asked, answers, executed = {}, {}, {};
	shards = {
		own = OWN, up = {}, down = {}, everywhere = { {}, {} }, here = false, ages = {};
		rooms = { is_open_on = function (_, shard, room) return shards.here and shard == OWN and room == "tavern"; end };
		where = function (self, room)
			if room ~= "tavern" then return {}, {}; end
			return table.move(self.up, 1, #self.up, 1, {}), table.move(self.down, 1, #self.down, 1, {});
		end;
		everybody = function (self)
			local up, down = self.everywhere[1], self.everywhere[2];
			return table.move(up, 1, #up, 1, {}), table.move(down, 1, #down, 1, {});
		end;
		age = function (_, shard, clock) return shards.ages[shard] - clock; end;
		channel = { ask = function (_, shard, what, content, seconds, callback)
			asked[#asked + 1] = { shard = shard, what = what, content = content, seconds = seconds };
			local answer = answers[shard];
			if type(answer) == "function" then return answer(content, callback); end
			callback(answer and { result = answer }, not answer and "silence" or nil);
		end };
	};
	game = { name = "live", covers = function (channel) return channel ~= "foreign"; end };
	both = commands_lib.new(function (of, command, done, here)
		executed[#executed + 1] = { game = of, command = command, here = here };
		done(answers[OWN] or { success = true, message = "OK" });
	end, function () return shards; end);
end);

-- Whether the command is taken over, and the results.
local function take(command)
	local results = {};
	local taken = both.take(game, command, function (result) results[#results + 1] = result; end);
	return taken, table.unpack(results);
end
local function kick() return { cmd = "kick", channel = "Tavern", id = "u" }; end

describe("a command where there are several shards", function ()
	it("is this shard's alone when no other has the room", function ()
		for _, command in ipairs { kick(), { cmd = "kick", channel = "a/b", id = "u" }, { cmd = "ping" }, { cmd = "subscribe",
			channel = "tavern" } } do
			assert.same({ nil }, { take(command) });
		end
		shards.here = true;
		assert.same({ nil }, { take(kick()) });
		shards.up = { "two.test" };
		assert.same({ nil }, { take { cmd = "subscribe", channel = "tavern" } });
		assert.same({ {}, {} }, { asked, executed });
	end);

	it("goes to the one that has it, whose result the game hears", function ()
		shards.up, answers["two.test"] = { "two.test" }, { success = true, message = "OK", channel = "tavern" };
		assert.same({ true, { success = true, message = "OK", channel = "tavern" } }, { take(kick()) });
		assert.same({ "two.test", "command", kick(), "live", 1.9 }, { asked[1].shard, asked[1].what, asked[1].content.command,
			asked[1].content.game, asked[1].seconds });
		assert.is_true(math.abs(asked[1].content.clock / 1000 - os.time()) <= 2);
		assert.same({}, executed);
	end);

	it("goes to both that have it: it has succeeded when one has", function ()
		shards.up, shards.here = { "two.test" }, true;
		answers["two.test"], answers[OWN] = { success = false, message = "no such person" }, { success = true,
			message = "OK" };
		assert.same({ true, { success = true, message = "OK", shards = { OWN, "two.test" } } }, { take(kick()) });
		assert.same({ true, kick() }, { executed[1].here, executed[1].command });
		answers["two.test"], answers[OWN] = { success = true, message = "there" }, { success = false,
			message = "no such person" };
		assert.same({ true, { success = true, message = "there", shards = { OWN, "two.test" } } }, { take(kick()) });
		answers["two.test"] = { success = false, message = "nor there" };
		assert.same({ true, { success = false, message = "no such person", shards = { OWN, "two.test" } } }, {
			take(kick()) });
	end);

	it("says which shard did not answer, and that nobody knows what it did", function ()
		shards.up = { "two.test" };
		local _, result = take(kick());
		assert.same({ success = false,
			message = "two.test does not answer (silence); whether it did what was asked is not known", shards = { "two.test" },
			missing = { "two.test" } }, result);
		shards.here = true;
		_, result = take(kick());
		assert.same({ true, { "two.test" }, nil }, { result.success, result.missing, result.unanswered });
		answers["two.test"] = { success = "yes" };
		shards.here = false;
		_, result = take(kick());
		assert.same({ success = false,
			message = "what two.test answered is no result; whether it did what was asked is not known" }, result);
	end);

	it("for a room that only shards have which are down fails by their names; one that is open here too is done here",
		function ()
		shards.down = { "two.test", "three.test" };
		assert.same({ true, { success = false, message = "the room is on two.test, three.test, which does not answer" } }, {
			take(kick()) });
		shards.here = true;
		assert.same({ true, { success = true, message = "OK", shards = { OWN }, missing = { "two.test", "three.test" } } }, {
			take(kick()) });
	end);
end);

describe("the occupants of a room on several shards", function ()
	local function ask() return take { cmd = "occupants", channel = "tavern" }; end

	it("are one list, by their addresses", function ()
		shards.up, shards.here = { "two.test" }, true;
		answers[OWN] = { success = true, channel = "tavern", occupants = { { occupant = "d" }, { occupant = "b" } } };
		answers["two.test"] = { success = true, channel = "tavern", occupants = { { occupant = "c" }, { occupant = "a" } } };
		assert.same({ true, { success = true, channel = "tavern", shards = { OWN, "two.test" },
			occupants = { { occupant = "a" }, { occupant = "b" }, { occupant = "c" }, { occupant = "d" } } } }, { ask() });
		answers["two.test"] = nil;
		assert.same({ true, { success = true, channel = "tavern", missing = { "two.test" }, occupants = { { occupant = "b" },
			{ occupant = "d" } } } }, { ask() });
		answers["two.test"] = { success = false, message = "no such room" };
		local _, result = ask();
		assert.is_true(result.success);
		assert.equal(2, #result.occupants);
		answers[OWN] = { success = false, message = "nor here" };
		_, result = ask();
		assert.same({ false, "nor here" }, { result.success, result.message });
	end);

	it("are all told, portion by portion, where a message does not hold them", function ()
		local many = {};
		for i = 1, 1900 do many[i] = { occupant = ("%04d"):format(i), id = ("i"):rep(90), displayName = ("n"):rep(90) }; end
		shards.up = { "two.test" };
		shards.ages["two.test"] = math.maxinteger // 2;
		local largest = 0;
		answers["two.test"] = function (content, callback)
			local cursor = content.command.cursor;
			answers[OWN] = { success = true, channel = "tavern", occupants = {} };
			for _, item in ipairs(many) do
				if not cursor or item.occupant > cursor then table.insert(answers[OWN].occupants, item); end
			end
			shards.ages["two.test"] = content.clock;
			both.answer("two.test", content, function (answer)
				largest = math.max(largest, #lib.load "shards/hearsay".written(answer));
				callback(answer);
			end);
		end;
		local _, result = ask();
		assert.same(many, result.occupants);
		assert.is_true(#asked > 2 and largest <= 16384, largest);
		for _, question in ipairs(asked) do assert.is_true(question.seconds <= 1.9); end
		-- One that falls silent on the way is missing.
		local answer = answers["two.test"];
		answers["two.test"] = function (content, callback)
			if content.command.cursor then return callback(nil, "silence"); end
			answer(content, callback);
		end;
		_, result = ask();
		assert.same({ false, "the room is on two.test, which does not answer" }, { result.success, result.message });
	end);

	it("are not known when their shard does not answer", function ()
		shards.up = { "two.test", "three.test" };
		assert.same({ true, { success = false, message = "the room is on three.test, two.test, which does not answer" } }, {
			ask() });
	end);
end);

describe("the rooms of several shards", function ()
	it("are one list: a room on two is one, and none that the game may not touch", function ()
		shards.everywhere = { { "two.test", "three.test" }, { "four.test" } };
		answers[OWN] = { success = true, rooms = { { channel = "tavern", occupants = 2, since = 50 }, { channel = "bell",
			occupants = 1 } } };
		answers["two.test"] = { success = true, rooms = { { channel = "tavern", occupants = 3, since = 40 }, {
			channel = "foreign", occupants = 1 } } };
		answers["three.test"] = { success = true, rooms = { { channel = "bell", occupants = 4 }, { channel = "arena",
			occupants = 1, since = 7 } } };
		assert.same({ true, { success = true, missing = { "four.test" }, rooms = { { channel = "arena", occupants = 1,
			since = 7 }, { channel = "bell", occupants = 5 },
			{ channel = "tavern", occupants = 5, since = 40 } } } }, { take { cmd = "rooms" } });
		assert.equal(2, #asked);
		answers["three.test"] = nil;
		local _, result = take { cmd = "rooms" };
		assert.same({ { "four.test", "three.test" }, 2 }, { result.missing, #result.rooms });
		answers["three.test"] = { success = false, message = "it came 2000 ms after it was given: not carried out" };
		assert.same({ "four.test", "three.test" }, (select(2, take { cmd = "rooms" })).missing);
		shards.everywhere[2] = { "z.test" };
		assert.same({ "three.test", "z.test" }, (select(2, take { cmd = "rooms" })).missing);
	end);

	it("of this shard are all when there is no other", function ()
		answers[OWN] = { success = true, rooms = {} };
		assert.same({ true, { success = true, rooms = {} } }, { take { cmd = "rooms" } });
	end);
end);

describe("another shard's command", function ()
	local function answer(content)
		local result;
		both.answer("two.test", content, function (told) result = told.result; end);
		return result;
	end
	before_each(function () shards.ages["two.test"] = 1000000; end);

	it("is carried out here, for the game that gave it", function ()
		assert.same({ success = true, message = "OK" }, answer { command = kick(), game = "live", clock = 1000000 });
		assert.same({ kick(), "live", true, true }, { executed[1].command, executed[1].game.name,
			executed[1].game.covers "foreign", executed[1].here });
	end);

	it("is not carried out when it comes 1.9 seconds late", function ()
		assert.is_true(answer { command = kick(), game = "live", clock = 1000000 - 1900 }.success);
		assert.same({ success = false, message = "it came 1901 ms after it was given: not carried out" }, answer {
			command = kick(), game = "live", clock = 1000000 - 1901 });
		assert.equal(1, #executed);
	end);

	it("is refused when it is none", function ()
		for _, content in ipairs { { game = "live", clock = 1 }, { command = { cmd = "dance" }, game = "live", clock = 1 }, {
			command = kick(), clock = 1 }, { command = kick(), game = 7, clock = 1 };
			{ command = kick(), game = "live" }, { command = kick(), game = "live", clock = 1.5 };
			{ command = kick(), game = "live", clock = -1 }, { command = kick(), game = "live", clock = math.mininteger } } do
			local result = answer(content);
			assert.is_false(result.success);
			assert.truthy(result.message:find("that is no command: .+"), result.message);
		end
		for _, content in ipairs { { command = kick(), clock = 1 }, { command = kick(), game = "live" } } do
			assert.truthy(answer(content).message:find("it says neither whose it is nor when it was given", 1, true));
		end
		assert.same({}, executed);
	end);
end);
