-- Which shard has a room, and when a room has ended on all of them.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local rooms = dofile("mod_skotos_bridge/skotos_bridge/shards/shard_rooms.lib.lua");

describe("the rooms of several shards", function ()
	local r;
	before_each(function () r = rooms.new(300, 30); end);

	it("are where they were opened, on two shards too", function ()
		r:opened("b", "tavern");
		r:opened("a", "tavern");
		r:opened("a", "throne");
		assert.same({ "a", "b" }, (r:where("tavern")));
		r:closed("a", "tavern", 10);
		assert.same({ "b" }, (r:where("tavern")));
		assert.same({}, (r:where("nowhere")));
		assert.is_true(r:is_open_on("a", "throne"));
		assert.is_false(r:is_open_on("a", "tavern"));
		assert.is_false(r:is_open_on("c", "tavern"));
		for _, room in ipairs { "f", "b", "e", "c", "d", "a" } do r:opened("b", room); end
		assert.same({ "a", "b", "c", "d", "e", "f", "tavern" }, r:list("b"));
	end);

	it("are over some time after the last shard has closed them, and not if one opens them again", function ()
		r:opened("a", "tavern");
		r:opened("b", "tavern");
		r:closed("a", "tavern", 10);
		assert.same({}, r:over(100));
		r:closed("b", "tavern", 100);
		assert.same({}, r:over(129));
		r:opened("b", "tavern");
		assert.same({}, r:over(1000));
		r:closed("b", "tavern", 1000);
		assert.same({ "tavern" }, r:over(1030));
		assert.same({}, r:over(1031));
	end);

	it("of a shard that is down are known as such, and count as open for the hold", function ()
		r:opened("a", "tavern");
		r:down("a", 100);
		local up, down = r:where("tavern");
		assert.same({ {}, { "a" } }, { up, down });
		for _, shard in ipairs { "f", "b", "e", "c", "d" } do
			r:opened(shard, "tavern");
			r:down(shard, 100);
		end
		assert.same({}, r:over(399));
		assert.same({ "a", "b", "c", "d", "e", "f" }, (select(2, r:where("tavern"))));
		assert.same({}, r:over(400));
		assert.same({}, (select(2, r:where("tavern"))));
		assert.same({ "tavern" }, r:over(430));
	end);

	it("of a shard that comes back in time go on", function ()
		r:opened("a", "tavern");
		r:down("a", 100);
		r:up("a");
		assert.same({}, r:over(1000));
		assert.same({ "a" }, (r:where("tavern")));
	end);

	it("are replaced by what the shard itself tells", function ()
		r:opened("a", "tavern");
		r:opened("a", "throne");
		assert.same({ "cellar" }, r:replace("a", { "throne", "cellar" }, 10));
		assert.same({ "cellar", "throne" }, r:list("a"));
		assert.same({ "tavern" }, r:over(40));
	end);

	it("that nobody has open, but of which something is known, end too", function ()
		r:heard_of("tavern", 10);
		r:heard_of("tavern", 30);
		assert.same({}, r:over(39));
		assert.same({ "tavern" }, r:over(40));
	end);

	it("have a digest that tells two lists apart, in whatever order they came about", function ()
		local other = rooms.new(300, 30);
		r:opened("a", "x");
		r:opened("a", "y");
		other:opened("a", "y");
		other:opened("a", "z");
		assert.not_equal(r:digest("a"), other:digest("a"));
		other:closed("a", "z", 1);
		other:opened("a", "x");
		assert.equal(r:digest("a"), other:digest("a"));
		r:opened("a", "x");
		assert.equal(r:digest("a"), other:digest("a"));
	end);
end);
