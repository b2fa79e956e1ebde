-- What is decided about a person in a room, without a server.
local held = require "spec.support.decisions".held;

describe("decisions", function ()
	local decisions;
	before_each(function () decisions = dofile "mod_skotos_bridge/skotos_bridge/room/decisions.lib.lua"; end);

	it("keeps a ban to its room and its person", function ()
		decisions.ban("a", "p");
		assert.is_true(decisions.is_banned("a", "p"));
		assert.is_false(decisions.is_banned("b", "p"));
		assert.is_false(decisions.is_banned("a", "q"));
		assert.is_false(decisions.is_banned("a", nil));
		decisions.unban("a", "p");
		assert.is_false(decisions.is_banned("a", "p"));
	end);

	it("keeps two apart whose ids differ in a letter's case or in its Unicode form", function ()
		decisions.ban("a", "zo\u{eb}");
		decisions.set_moderator("a", "bob", true);
		for _, other in ipairs { "zoe\u{308}", "Zo\u{eb}" } do assert.is_false(decisions.is_banned("a", other)); end
		assert.is_nil(decisions.decision("a", "Bob"));
	end);

	it("ends a ban at its time", function ()
		decisions.ban("a", "p", 100);
		assert.is_true(decisions.is_banned("a", "p", 99));
		assert.is_false(decisions.is_banned("a", "p", 100));
	end);

	it("tells a decision against somebody from none", function ()
		assert.is_nil(decisions.decision("a", "p"));
		decisions.set_moderator("a", "p", false);
		assert.is_false(decisions.decision("a", "p"));
		decisions.set_moderator("a", "p", nil);
		assert.is_nil(decisions.decision("a", "p"));
	end);

	it("forgets everything with the room, and only that room's", function ()
		for _, room in ipairs { "a", "b" } do decisions.ban(room, "p"); decisions.set_moderator(room, "p", true); end
		decisions.forget("a");
		assert.is_false(decisions.is_banned("a", "p"));
		assert.is_nil(decisions.decision("a", "p"));
		assert.is_true(decisions.is_banned("b", "p"));
	end);

	it("keeps a ban with an end until then, room or no room", function ()
		decisions.ban("a", "p", 100);
		decisions.ban("a", "q", 50);
		decisions.forget("a", 60);
		assert.is_true(decisions.is_banned("a", "p", 99));
		assert.is_false(decisions.is_banned("a", "q", 49));
		decisions.forget("a", 100);
		assert.is_false(decisions.is_banned("a", "p", 99));
	end);

	it("forgets a ban when it has ended, though its room never opens again, and tells", function ()
		local told = {};
		decisions.on_change(function (room) table.insert(told, room); end);
		decisions.ban("a", "p", 100);
		decisions.ban("b", "p", 200);
		decisions.ban("c", "p");
		told = {};
		decisions.expire(150);
		assert.same({ "a" }, told);
		local left = {};
		decisions.each(function (room) table.insert(left, room); end);
		table.sort(left);
		assert.same({ "b", "c" }, left);
	end);

	it("keeps no more bans of a room than it has place for, and lets go the one that ends first", function ()
		decisions.ban("a", "forever");
		for n = 1, decisions.BANS + 10 do decisions.ban("a", "p" .. n, 1000 + n); end
		assert.is_true(decisions.is_banned("a", "forever", 10));
		assert.is_false(decisions.is_banned("a", "p11", 10));
		assert.is_true(decisions.is_banned("a", "p12", 10));
		local count = 0;
		decisions.each(function () count = count + 1; end);
		assert.equal(decisions.BANS, count);
	end);

	it("is one for a room and those that belong to it", function ()
		decisions.attach { main_jid = function (jid) return jid == "breakout" and "a" or jid; end };
		decisions.ban("breakout", "p");
		decisions.set_muted("a", "q", "audio", true);
		assert.is_true(decisions.is_banned("a", "p"));
		assert.is_true(decisions.is_muted("breakout", "q", "audio"));
		assert.is_true(decisions.has_muted("breakout"));
		local all = {};
		decisions.each(function (...) table.insert(all, table.concat({ ..., tostring(select(4, ...)) }, " ", 1,
			1) .. " " .. select(2, ...)); end);
		table.sort(all);
		assert.same({ "a audio", "a ban" }, all);
	end);

	it("is the same after save and restore", function ()
		decisions.ban("a", "p", 100);
		decisions.set_moderator("a", "q", false);
		local saved, after = decisions.save(), dofile "mod_skotos_bridge/skotos_bridge/room/decisions.lib.lua";
		after.restore(saved);
		assert.is_true(after.is_banned("a", "p", 99));
		assert.is_false(after.decision("a", "q"));
		after.restore(nil);
		assert.is_nil(after.decision("a", "q"));
	end);

	describe("of a breakout room", function ()
		before_each(function ()
			decisions.attach { main_jid = function (room) return room == "breakout" and "main" or room == "main" and "main"
				or nil; end };
		end);

		it("are those of its main room; a room without one has its own", function ()
			local told, changed = {}, {};
			decisions.observe(function (...) told[#told + 1] = { ... }; end);
			decisions.on_change(function (room) changed[#changed + 1] = room; end);
			decisions.ban("breakout", "p");
			decisions.set_moderator("breakout", "p", true);
			decisions.set_muted("breakout", "p", "audio", true);
			decisions.ban("alone", "p");
			assert.same({ { "main", "ban", "p", true }, { "main", "moderator", "p", true }, { "main", "audio", "p", true }, {
				"alone", "ban", "p", true } }, told);
			assert.same({ "main", "main", "main", "alone" }, changed);
			for _, room in ipairs { "main", "breakout" } do
				assert.is_true(decisions.is_banned(room, "p"));
				assert.is_true(decisions.decision(room, "p"));
				assert.is_true(decisions.is_muted(room, "p", "audio"));
				assert.is_true(decisions.has_muted(room));
			end
			assert.is_true(decisions.is_banned("alone", "p"));
			assert.is_nil(decisions.decision("alone", "p"));
			assert.is_false(decisions.has_muted "alone");
			decisions.apply("breakout", "ban", "q", true);
			assert.same({ 4, 5 }, { #told, #changed });
			assert.is_true(decisions.is_banned("main", "q"));
		end);
	end);

	it("mute one thing and not another, but a screen with all that is seen", function ()
		local function muted(person)
			local list = {};
			for _, media in ipairs { "audio", "video", "desktop" } do list[#list + 1] = decisions.is_muted("a", person, media);
				end
			return list;
		end
		assert.same({ false, false, false }, muted "p");
		decisions.set_muted("a", "p", "audio", true);
		assert.same({ true, false, false }, muted "p");
		assert.same({ false, false, false }, muted "q");
		assert.same({ false, false, false }, muted(nil));
		decisions.set_muted("a", "p", "audio", false);
		assert.is_false(decisions.has_muted "a");
		decisions.set_muted("a", "p", "video", true);
		assert.same({ false, true, true }, muted "p");
		decisions.set_muted("a", "p", "video", false);
		decisions.set_muted("a", "p", "desktop", true);
		assert.same({ false, false, true }, muted "p");
		assert.is_true(decisions.has_muted "a");
		assert.is_false(decisions.has_muted "b");
		decisions.forget "a";
		assert.same({ false, false, false }, muted "p");
	end);

	it("are told of when a room is forgotten, all by kind when they are asked for, and come back as they were saved",
		function ()
		local changed = {};
		decisions.on_change(function (room) changed[#changed + 1] = room; end);
		decisions.forget "a";
		assert.same({ "a" }, changed);
		local all = { "a ban p true", "a ban q 100", "a moderator p false", "a audio p true", "a video p true",
			"a desktop p true" };
		for _, line in ipairs(all) do
			local room, kind, person, value = line:match "^(%S+) (%S+) (%S+) (%S+)$";
			if value ~= "false" then value = value == "true" or tonumber(value); else value = false; end
			decisions.apply(room, kind, person, value);
		end
		table.sort(all);
		assert.same(all, held(decisions));
		local saved = decisions.save();
		decisions = dofile "mod_skotos_bridge/skotos_bridge/room/decisions.lib.lua";
		assert.same({}, held(decisions));
		decisions.restore(saved);
		assert.same(all, held(decisions));
		decisions.restore {};
		assert.same({}, held(decisions));
	end);

	it("keep 1024 bans with an end in a room: of more, the one that ends first goes, and none without an end", function ()
		decisions.ban("a", "always");
		for n = 1, 1023 do decisions.ban("a", "p" .. n, 1000 + n); end
		assert.is_true(decisions.is_banned("a", "p1", 0));
		decisions.ban("a", "last", 500);
		assert.is_false(decisions.is_banned("a", "last", 0));
		assert.is_true(decisions.is_banned("a", "p1", 0));
		decisions.ban("a", "long", 5000);
		assert.is_false(decisions.is_banned("a", "p1", 0));
		for _, person in ipairs { "always", "p2", "p1023", "long" } do assert.is_true(decisions.is_banned("a", person, 0));
			end
	end);

	it("that end now have ended", function ()
		decisions.ban("a", "p", 100);
		decisions.expire(99);
		assert.is_true(decisions.is_banned("a", "p", 0));
		decisions.expire(100);
		assert.is_false(decisions.is_banned("a", "p", 0));
	end);
end);
