local probes = require "skotos_probes";

describe("the frame reader", function ()
	local cases = {
		{ "cuts at NUL only", { "a\nb\0c\0d" }, { { "a\nb", "whole" }, { "c", "whole" } }, 1 },
		{ "joins pieces", { "a", "b", "\0" }, { { "ab", "whole" } }, 0 },
		{ "skips what is too long", { ("x"):rep(200), ("y"):rep(200) .. "\0z\0" }, { { ("y"):rep(64), "too-long" }, { "z", "whole" } }, 0 },
	};
	for _, case in ipairs(cases) do
		it(case[1], function ()
			local frames, rest = probes.frames(case[2], 128);
			assert.same(case[3], frames);
			assert.equal(case[4], rest);
		end);
	end
	it("takes off the driver's text, and nothing behind a brace", function ()
		assert.equal(8, probes.driver_text("Bad\n  x\n{}"));
		assert.equal(0, probes.driver_text("{\nBad\n{}"));
		assert.equal(5, probes.driver_text("Bad{}"));
	end);
end);
