-- Lists that go between shards in portions: none larger than a stanza may be, and nothing lost on the way.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so;./build/?.so";

local st = require "util.stanza";
local lib = require "spec.support.lib";
local portions = lib.load "shards/portions";
local hearsay = lib.load "shards/hearsay";

local function on_wire(content) return #tostring(st.stanza("x", { json = hearsay.written(content) })); end

local function some(count, length)
	local items = {};
	for i = 1, count do items[i] = { name = ("%06d"):format((i * 7919) % count), text = ('"'):rep(length) }; end
	return items;
end

local function name_of(item) return item.name; end

describe("a list between shards", function ()
	it("goes in portions of so many bytes, as they are on the wire, and in as few", function ()
		local items = some(3000, 9);
		local all, left_out = portions.all(items);
		local told = {};
		for i, portion in ipairs(all) do
			assert.is_true(on_wire { list = portion } <= portions.PORTION);
			if i < #all then assert.is_true(on_wire { list = portion } > portions.PORTION / 2); end
			table.move(portion, 1, #portion, #told + 1, told);
		end
		assert.same(items, told);
		assert.equal(0, left_out);
		assert.is_true(portions.BYTES <= 131072);
	end);

	it("that is empty is one portion", function () assert.same({ { {} }, 0 }, { portions.all {} }); end);

	it("loses what no stanza holds, which is counted, and nothing else", function ()
		local all, left_out = portions.all { { text = "a" }, { text = ("x"):rep(portions.BYTES) }, { text = "b" } };
		assert.same({ { { { text = "a" }, { text = "b" } } }, 1 }, { all, left_out });
		assert.same({ { { {} } }, 1 }, { { (portions.all { { text = ('"'):rep(portions.BYTES // 6) } }) }, 1 });
	end);

	it("has what is larger than a portion in a message of its own", function ()
		local large = { text = ("x"):rep(portions.PORTION * 2) };
		assert.same({ { { { text = "a" } }, { large }, { { text = "b" } } }, 0 },
			{ portions.all { { text = "a" }, large, { text = "b" } } });
		assert.same({ { { large }, { large } }, 0 }, { portions.all { large, large } });
	end);

	it("is told in its order behind what was told, whatever comes and goes meanwhile", function ()
		local items, told, after = some(2000, 9), {}, nil;
		repeat
			local portion, more = portions.behind(items, name_of, after);
			assert.is_true(on_wire { list = portion } <= portions.PORTION);
			for _, item in ipairs(portion) do told[item.name] = (told[item.name] or 0) + 1; end
			table.insert(items, 1, { name = "!", text = "comes before all" });
			after = portions.next_after(more, after);
		until not after;
		for _, item in ipairs(items) do assert.equal(item.name ~= "!" and 1 or nil, told[item.name]); end
	end);

	it("goes on only behind where it was", function ()
		assert.equal("b", portions.next_after("b", "a"));
		assert.equal("b", portions.next_after("b"));
		for _, said in ipairs { "a", "A", 7, {}, true } do assert.is_nil(portions.next_after(said, "a")); end
		assert.is_nil(portions.next_after(nil, "a"));
	end);

	it("is no event: of that the text is cut between two characters, where it must be", function ()
		local short = { event = "said", channel = "tavern", text = "hey" };
		assert.equal(short, portions.event(short));
		local left = { event = "left", channel = "tavern" };
		assert.equal(left, portions.event(left));
		for _, char in ipairs { '"', "a", "\u{e4}", "\u{1f409}" } do
			local event = { event = "said", channel = "tavern", text = "a" .. char:rep(250000 // #char) };
			local told = portions.event(event);
			assert.is_true(on_wire(told) <= portions.BYTES + 50);
			assert.is_true(on_wire(told) > portions.BYTES // 2 - 50);
			assert.is_truthy(utf8.len(told.text));
			assert.equal("tavern", told.channel);
			assert.equal(told.text, event.text:sub(1, #told.text));
		end
	end);

	it("is measured exactly where it matters", function ()
		assert.is_true(portions.fits(("a"):rep(portions.BYTES)));
		assert.is_false(portions.fits(("a"):rep(portions.BYTES + 1)));
		assert.is_false(portions.fits(('"'):rep(portions.BYTES // 6 + 1)));
	end);
end);
