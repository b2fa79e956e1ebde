-- What was decided about people outlives a restart: as long as it holds.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local lib = require "spec.support.lib";
local held = require "spec.support.decisions".held;

local stored, now, time, timers, open;

local module = {
	open_store = function ()
		return { get = function (_, name) return stored[name]; end, set = function (_, name, data) stored[name] = data;
			return true; end };
	end;
	add_timer = function (_, seconds, act) timers[#timers + 1] = { seconds = seconds, act = act }; end;
	hook_global = function () end;
};

local function begin(shared)
	timers = {};
	local decisions, kept = lib.load "room/decisions", lib.load "room/kept_decisions";
	kept.attach {
		module = module, journal = { fault = function () end, event = function () end }, grace = 100, shared = shared,
			decisions = decisions;
		places = { main_muc = function ()
			return open and { get_room_from_jid = function (jid) return open[jid] ~= nil and {
				has_occupant = function () return open[jid]; end } or nil; end };
		end };
	};
	return decisions, kept;
end

before_each(function ()
	stored, now, time, open = {}, 1000000, os.time, {};
	os.time = function () return now; end; -- luacheck: ignore 122
	local decisions, kept = begin();
	decisions.ban("tavern", "eve");
	decisions.ban("tavern", "troll", 1000050);
	decisions.ban("bell", "troll", 1000500);
	decisions.set_moderator("bell", "ann", false);
	decisions.set_muted("hall", "bob", "audio", true);
	kept.detach();
end);
after_each(function () os.time = time; end); -- luacheck: ignore 122

local ALL = { "bell ban troll 1000500", "bell moderator ann false", "hall audio bob true", "tavern ban eve true",
	"tavern ban troll 1000050" };

describe("what was decided", function ()
	it("holds after a short restart, and for rooms that open again in the time in which people come back", function ()
		now = now + 40;
		local decisions = begin();
		assert.same(ALL, held(decisions));
		open = { bell = true, hall = false };
		for _, timer in ipairs(timers) do
			if timer.seconds == 100 then timer.act(); end
		end
		assert.same({ "bell ban troll 1000500", "bell moderator ann false", "tavern ban troll 1000050" }, held(decisions));
	end);

	it("is forgotten where the rooms' component is not there any more", function ()
		local decisions = begin();
		open = nil;
		for _, timer in ipairs(timers) do
			if timer.seconds == 100 then timer.act(); end
		end
		assert.same({ "bell ban troll 1000500", "tavern ban troll 1000050" }, held(decisions));
	end);

	it("is a ban with an end alone after a long one, or where other shards tell the rest", function ()
		now = now + 100;
		assert.equal(4, #held(begin()));
		now = now + 1;
		assert.same({ "bell ban troll 1000500" }, held(begin()));
		for _, timer in ipairs(timers) do assert.not_equal(100, timer.seconds); end
		now = 1000010;
		local shared = { lasting = function () return {}; end, recall = function () end };
		assert.same({ "bell ban troll 1000500", "tavern ban troll 1000050" }, held(begin(shared)));
		now = 1000050;
		assert.same({ "bell ban troll 1000500" }, held(begin(shared)));
	end);

	it("is kept again when it changes, and looked through for bans that have ended every five minutes", function ()
		local decisions, kept = begin();
		decisions.ban("bell", "mallory");
		kept.detach();
		decisions, kept = begin();
		assert.is_true(decisions.is_banned("bell", "mallory"));
		now = 1000500;
		local again;
		for _, timer in ipairs(timers) do
			if timer.seconds == 300 then again = timer.act(); end
		end
		assert.equal(300, again);
		assert.same({ "bell ban mallory true", "bell moderator ann false", "hall audio bob true", "tavern ban eve true" },
			held(decisions));
		kept.detach();
		assert.is_nil(table.concat(held(begin()), "\n"):find("troll", 1, true));
	end);

	it("is told to other shards with its time, and so is the end of a ban, until that ban would have ended", function ()
		local lasting, recalled = {}, {};
		local shared = { lasting = function () return lasting; end, recall = function (item) recalled[item[3]] = item; end };
		stored = {};
		local decisions, kept = begin(shared);
		lasting = { { "bell", "ban", "troll", 1000500, 7, "a.test", 1000500 },
			{ "bell", "ban", "eve", false, 9, "b.test", 1000400 } };
		decisions.ban("bell", "troll", 1000500);
		decisions.ban("bell", "undated", 1000300);
		kept.detach();
		decisions = begin(shared);
		assert.same({ "bell ban troll 1000500", "bell ban undated 1000300" }, held(decisions));
		assert.same({ troll = lasting[1], eve = lasting[2], undated = { "bell", "ban", "undated", 1000300 } }, recalled);
		now, lasting, recalled = 1000400, { lasting[1] }, {};
		kept = select(2, begin(shared));
		assert.same({ troll = lasting[1] }, recalled);
		for _, timer in ipairs(timers) do
			if timer.seconds == 300 then timer.act(); end
		end
		kept.detach();
		assert.is_nil(require "util.serialization".serialize(stored):find("eve", 1, true));
	end);

	it("takes in nothing that is no decision", function ()
		stored = { alive = { time = now }, part0 = { { 7, "ban", "p", true }, { "a", "ban", 7, true }, { "a", "ban", "p" }, {
			"a", "ban", "q", true } } };
		assert.same({ "a ban q true" }, held(begin()));
	end);
end);
