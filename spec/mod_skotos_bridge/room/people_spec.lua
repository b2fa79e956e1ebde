-- What is decided about a person in a room, without a server.
local function load_people() return dofile "mod_skotos_bridge/skotos_bridge/room/people.lib.lua"; end

describe("people", function ()
	local people;
	before_each(function () people = load_people(); end);

	local ids = {
		{ "the user's id", { context = { user = { id = "7", name = "Bob" } } }, "7" };
		{ "the name without an id", { context = { user = { name = "Bob" } } }, "Bob" };
		{ "the name for an empty id", { context = { user = { id = "", name = "Bob" } } }, "Bob" };
		{ "nobody for an id that is no string", { context = { user = { id = 7 } } }, nil };
		{ "nobody without a user", { context = {} }, nil };
		{ "nobody for a context that is no table", { context = "x" }, nil };
		{ "nobody without claims", nil, nil };
	};
	for _, case in ipairs(ids) do
		it("takes a token's person to be " .. case[1], function () assert.equal(case[3], people.id_of(case[2])); end);
	end

	it("keeps a ban to its room and its person", function ()
		people.ban("a", "p");
		assert.is_true(people.is_banned("a", "p"));
		assert.is_false(people.is_banned("b", "p"));
		assert.is_false(people.is_banned("a", "q"));
		assert.is_false(people.is_banned("a", nil));
		people.unban("a", "p");
		assert.is_false(people.is_banned("a", "p"));
	end);

	it("ends a ban at its time", function ()
		people.ban("a", "p", 100);
		assert.is_true(people.is_banned("a", "p", 99));
		assert.is_false(people.is_banned("a", "p", 100));
	end);

	it("tells a decision against somebody from none", function ()
		assert.is_nil(people.decision("a", "p"));
		people.set_moderator("a", "p", false);
		assert.is_false(people.decision("a", "p"));
		people.set_moderator("a", "p", nil);
		assert.is_nil(people.decision("a", "p"));
	end);

	it("forgets everything with the room, and only that room's", function ()
		for _, room in ipairs { "a", "b" } do people.ban(room, "p"); people.set_moderator(room, "p", true); end
		people.forget("a");
		assert.is_false(people.is_banned("a", "p"));
		assert.is_nil(people.decision("a", "p"));
		assert.is_true(people.is_banned("b", "p"));
	end);

	it("keeps a ban with an end until then, room or no room", function ()
		people.ban("a", "p", 100);
		people.ban("a", "q", 50);
		people.forget("a", 60);
		assert.is_true(people.is_banned("a", "p", 99));
		assert.is_false(people.is_banned("a", "q", 49));
		people.forget("a", 100);
		assert.is_false(people.is_banned("a", "p", 99));
	end);

	it("forgets a ban when it has ended, though its room never opens again, and tells", function ()
		local told = {};
		people.on_change(function (room) table.insert(told, room); end);
		people.ban("a", "p", 100);
		people.ban("b", "p", 200);
		people.ban("c", "p");
		told = {};
		people.expire(150);
		assert.same({ "a" }, told);
		local left = {};
		people.each(function (room) table.insert(left, room); end);
		table.sort(left);
		assert.same({ "b", "c" }, left);
	end);

	it("keeps no more bans of a room than it has place for, and lets go the one that ends first", function ()
		people.ban("a", "forever");
		for n = 1, people.BANS + 10 do people.ban("a", "p" .. n, 1000 + n); end
		assert.is_true(people.is_banned("a", "forever", 10));
		assert.is_false(people.is_banned("a", "p11", 10));
		assert.is_true(people.is_banned("a", "p12", 10));
		local count = 0;
		people.each(function () count = count + 1; end);
		assert.equal(people.BANS, count);
	end);

	it("is one for a room and those that belong to it", function ()
		people.attach { main_jid = function (jid) return jid == "breakout" and "a" or jid; end };
		people.ban("breakout", "p");
		people.set_muted("a", "q", "audio", true);
		assert.is_true(people.is_banned("a", "p"));
		assert.is_true(people.is_muted("breakout", "q", "audio"));
		assert.is_true(people.has_muted("breakout"));
		local all = {};
		people.each(function (...) table.insert(all, table.concat({ ..., tostring(select(4, ...)) }, " ", 1, 1) .. " " .. select(2, ...)); end);
		table.sort(all);
		assert.same({ "a audio", "a ban" }, all);
	end);

	it("is the same after save and restore", function ()
		people.ban("a", "p", 100);
		people.set_moderator("a", "q", false);
		local saved, after = people.save(), load_people();
		after.restore(saved);
		assert.is_true(after.is_banned("a", "p", 99));
		assert.is_false(after.decision("a", "q"));
		after.restore(nil);
		assert.is_nil(after.decision("a", "q"));
	end);
end);
