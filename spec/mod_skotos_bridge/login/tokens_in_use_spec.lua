-- Which expired tokens may come back.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local grace = dofile("mod_skotos_bridge/skotos_bridge/login/tokens_in_use.lib.lua");

describe("the memory of tokens in use", function ()
	it("knows a token for the grace after its login, and no other", function ()
		local g = grace.new(300);
		g:logged_in("a", 1000);
		assert.is_true(g:allows("a", 1300));
		assert.is_false(g:allows("a", 1301));
		assert.is_false(g:allows("b", 1000));
	end);

	it("knows it while a session lives, and for the grace after the last one", function ()
		local g = grace.new(300);
		g:logged_in("a", 1000);
		g:session_begins("a", 1000);
		g:session_begins("a", 1001);
		g:session_ends("a", 1500);
		assert.is_true(g:allows("a", 90000));
		g:session_ends("a", 5000);
		assert.is_true(g:allows("a", 5300));
		assert.is_false(g:allows("a", 5301));
	end);

	it("allows nothing with a grace of 0", function ()
		local g = grace.new(0);
		g:logged_in("a", 1000);
		g:session_begins("a", 1000);
		assert.is_false(g:allows("a", 1000));
	end);

	it("holds no more than its bound, the longest unused out first", function ()
		local g = grace.new(300, 100);
		for i = 1, 1000 do g:logged_in("t" .. i, 1000); end
		assert.equal(100, g:count());
		assert.is_false(g:allows("t900", 1000));
		assert.is_true(g:allows("t901", 1000));
	end);

	it("comes back from a saved table, in the same order", function ()
		local g, back = grace.new(300, 3), grace.new(300, 3);
		for _, name in ipairs { "a", "b", "c" } do g:logged_in(name, 1000); end
		g:session_begins("a", 1000);
		back:restore(g:save());
		assert.is_true(back:allows("a", 9000));
		back:logged_in("d", 1000);
		assert.is_false(back:allows("b", 1000));
		assert.is_true(back:allows("c", 1000));
	end);
end);
