-- What another shard tells: what is taken, and what is passed over.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local lib = require "spec.support.lib";
local news = lib.load "shards/peer_news";
local shard_rooms = lib.load "shards/shard_rooms";

local PRINT = ("ab"):rep(32); -- a token's fingerprint
local TOO_MANY = "more than 16384 rooms";

describe("what another shard tells", function ()
	local self, peer, log;
	before_each(function ()
		log = {};
		local function note(...) log[#log + 1] = table.concat({ ... }, " "); end
		self = {
			rooms = shard_rooms.new(100, 10);
			decisions = {
				merge = function (_, decision) note("merge", decision.room); return decision.person ~= "old"; end;
				revive = function (_, room) note("revive", room); end;
			};
			on = { decided = function (decision) note("decided", decision.room); end };
			milliseconds = function () return os.time() * 1000; end;
			pass_over = function (_, who, what) assert.equal(peer, who); note("passed over", what); end;
		};
		peer = { name = "b.test", tokens = { set = function (_, ...) note("token", (...):byte(1), select(2, ...)); end } };
	end);

	local function decision(person, more)
		local one = { room = "tavern", kind = "ban", person = person, value = true, time = os.time() * 1000 * 1024,
			shard = "b.test" };
		for k, v in pairs(more or {}) do one[k] = v; end
		return one;
	end

	it("of decisions holds when it is new, and is passed over one by one when it is none", function ()
		news.decisions(self, peer, { decision "eve", 7, decision "old", decision("eve", { kind = "x" }) });
		assert.same({ "merge tavern", "decided tavern", "passed over a decision", "merge tavern", "passed over a decision" },
			log);
		assert.same({ "tavern" }, (function () self.rooms:over(0); return self.rooms:over(math.huge); end)());
	end);

	it("may be nothing, and is passed over when it is no list", function ()
		for _, what in ipairs { "decisions", "rooms", "tokens" } do news[what](self, peer, nil); end
		assert.same({}, log);
		for _, what in ipairs { "decisions", "rooms", "tokens" } do news[what](self, peer, 7); end
		assert.is_true(news.room_names(self, peer, "x", {}));
		assert.same({ "passed over a decision", "passed over a room", "passed over a token", "passed over a room" }, log);
	end);

	it("of rooms is that they are open there, or not", function ()
		news.rooms(self, peer, { { "hall", true }, { "tavern", true }, { "hall", false }, { "never", false } });
		assert.same({ "revive hall", "revive tavern" }, log);
		assert.same({ "tavern" }, self.rooms:list "b.test");
		log = {};
		news.rooms(self, peer, { 7, { 7, true }, { "A/b", true }, { "hall", 1 }, { "hall" } });
		assert.same({ "passed over a room", "passed over a room", "passed over a room", "passed over a room",
			"passed over a room" }, log);
		assert.same({ "tavern" }, self.rooms:list "b.test");
	end);

	it("of rooms is kept up to 16384", function ()
		local list = {};
		for i = 1, 16384 do list[i] = { ("%d"):format(i), true }; end
		news.rooms(self, peer, list);
		assert.equal(16384, #log);
		assert.equal(16384, self.rooms:count "b.test");
		log = {};
		news.rooms(self, peer, { { "more", true }, { "1", false }, { "more", true }, { "another", true } });
		assert.same({ "passed over " .. TOO_MANY, "revive more", "passed over " .. TOO_MANY }, log);
		assert.equal(16384, self.rooms:count "b.test");
	end);

	it("of rooms' names is added, up to 16384", function ()
		local all, list = {}, {};
		assert.is_true(news.room_names(self, peer, { "hall", 7, "tavern" }, all));
		assert.same({ "hall", "tavern" }, all);
		assert.same({ "passed over a room" }, log);
		log = {};
		for i = 1, 16382 do list[i] = ("%d"):format(i); end
		assert.is_true(news.room_names(self, peer, list, all));
		assert.equal(16384, #all);
		assert.is_false(news.room_names(self, peer, { "more", "another" }, all));
		assert.equal(16384, #all);
		assert.equal("16382", all[16384]);
		assert.same({ "passed over " .. TOO_MANY }, log);
	end);

	it("of tokens is remembered", function ()
		news.tokens(self, peer, { { PRINT, os.time(), 2 }, { "x", os.time(), 2 }, { PRINT, os.time(), -1 }, 7 });
		assert.equal(4, #log);
		assert.truthy(log[1]:find "^token 171 %d+ 2$");
		assert.same({ "passed over a token", "passed over a token", "passed over a token" }, table.move(log, 2, 4, 1, {}));
	end);
end);
