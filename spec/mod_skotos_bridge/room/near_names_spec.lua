-- Which names are near to one of a list of moderators, without a server.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";

describe("a name that is in no list of moderators", function ()
	local near_names = dofile "mod_skotos_bridge/skotos_bridge/room/near_names.lib.lua";
	local lists = { { "Skott", "Zo\u{EB}" }, { "Stra\u{DF}e", "E\u{301}va" } };
	local cases = {
		{ "zo\u{EB}" }, { "zo\u{CB}", "Zo\u{EB}" }, { "zoe\u{308}", "Zo\u{EB}" }, { "\u{E9}va", "E\u{301}va" };
		{ "\u{FF33}kott", "Skott" };
		{ "zo\u{EB}y" }, { "zo" }, { "\u{440}kott" }, { "\xEB" }, { "bob" }, { "" };
	};
	for _, case in ipairs(cases) do
		it(("%q is near to %s"):format(case[1], case[2] and ("%q"):format(case[2]) or "none"), function ()
			assert.equal(case[2], near_names.meant(lists, case[1]));
		end);
	end

	it("of an old game is near to its letters in UTF-8, which are another account", function ()
		assert.equal("Zo\u{EB}", near_names.meant(lists, "zo\u{EB}", true));
		assert.is_nil(near_names.meant(lists, "bob", true));
	end);

	it("is told once as a list would have to have it, a control character and a quote as in a configuration", function ()
		local hooked, told = {}, {};
		near_names.attach {
			moderation = { visitor = function (_, bare) return { name = bare, affiliation = "member" }; end };
			lists = function () return lists; end;
			journal = { event = function (_, _, line) told[#told + 1] = line; end };
		};
		near_names.hook { hook = function (_, event, handler) hooked[event] = handler; end };
		for _ = 1, 2 do
			for _, name in ipairs { "zo\u{CB}", "bob" } do hooked["muc-occupant-joined"] { occupant = { bare_jid = name } }; end
		end
		assert.equal(1, #told);
		assert.truthy(told[1]:find('"zo\u{CB}" has come', 1, true), told[1]);
		assert.same({ { name = "zo\u{CB}", meant = "Zo\u{EB}" } }, near_names.seen());
	end);
end);

describe("somebody who comes and is no moderator", function ()
	local near_names, visitor, lists, told, joined;
	before_each(function ()
		near_names = dofile "mod_skotos_bridge/skotos_bridge/room/near_names.lib.lua";
		lists, told = { { "Zo\u{EB}", "E\u{301}va" } }, {};
		near_names.attach {
			journal = { event = function (_, level, text) told[#told + 1] = level .. ": " .. text; end };
			moderation = { visitor = function (room, bare)
				assert.same({ "the room", "bob@meet.test" }, { room, bare });
				return visitor;
			end };
			lists = function () return lists; end;
		};
		near_names.hook { hook = function (_, name, handler)
			assert.equal("muc-occupant-joined", name);
			joined = function (who)
				visitor = who;
				handler { room = "the room", occupant = { bare_jid = "bob@meet.test" } };
			end;
		end };
	end);

	it("is told of by both names when his is near to one of a list, once", function ()
		joined { name = "zo\u{CB}", affiliation = "member" };
		joined { name = "zo\u{CB}", affiliation = "member" };
		assert.same({ 'warn: "zo\u{CB}" has come and is no moderator: skotos_moderators has "Zo\u{EB}", other bytes; the '
			.. 'game knows that player as "zo\u{CB}"' }, told);
		assert.same({ { name = "zo\u{CB}", meant = "Zo\u{EB}" } }, near_names.seen());
		joined { name = "\u{E9}va", affiliation = "none" };
		assert.equal(2, #told);
		assert.equal("\u{E9}va", near_names.seen()[2].name);
	end);

	it("is told of by an old game's account, which spells its bytes out", function ()
		joined { name = "zo\u{EB}", person = "zo\\xeb", affiliation = "member" };
		assert.same({ { name = "zo\\xeb", meant = "Zo\u{EB}" } }, near_names.seen());
		assert.truthy(told[1]:find('knows that player as "zo\\xeb"', 1, true));
	end);

	it("is told of as a list would have him: another's id is none", function ()
		joined { name = "zo\u{CB}", person = "u1", affiliation = "member" };
		assert.same({ { name = "zo\u{CB}", meant = "Zo\u{EB}" } }, near_names.seen());
		lists = { { 'Zo\u{EB}"' } };
		joined { name = 'zo\u{CB}"', person = "u1", affiliation = "member" };
		assert.equal('zo\u{CB}\\"', near_names.seen()[2].name);
	end);

	it("is not told of when he is an owner, has no name, is no visitor, or is near to none", function ()
		joined { name = "zo\u{CB}", affiliation = "owner" };
		joined { affiliation = "member" };
		joined(nil);
		joined { name = "\u{EB}", affiliation = "member" };
		joined { name = "Zo\u{EB}", affiliation = "member" }; -- in the list: another reason than its bytes
		assert.same({}, told);
		assert.same({}, near_names.seen());
	end);

	it("is told of anew when the lists have changed, and of 20 at most", function ()
		joined { name = "zo\u{CB}", affiliation = "member" };
		near_names.forget();
		assert.same({}, near_names.seen());
		joined { name = "zo\u{CB}", affiliation = "member" };
		assert.equal(2, #told);
		for i = 1, 30 do
			lists = { { ("Zo\u{EB}%d"):format(i) } };
			joined { name = ("zo\u{CB}%d"):format(i), affiliation = "member" };
		end
		assert.equal(21, #told);
		assert.equal(20, #near_names.seen());
	end);
end);
