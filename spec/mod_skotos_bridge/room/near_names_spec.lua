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
end);
