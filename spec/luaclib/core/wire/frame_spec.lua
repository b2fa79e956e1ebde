local probes = require "skotos_probes";

describe("the frame reader", function ()
	local cases = {
		{ "cuts at NUL only", { "a\nb\0c\0d" }, { { "a\nb", "whole" }, { "c", "whole" } }, 1 },
		{ "joins pieces", { "a", "b", "\0" }, { { "ab", "whole" } }, 0 },
		{ "skips what is too long", { ("x"):rep(200), ("y"):rep(200) .. "\0z\0" },
			{ { ("y"):rep(64), "too-long" }, { "z", "whole" } }, 0 },
		{ "keeps but the end of what is too long, however long", { ("x"):rep(200), ("y"):rep(100000), "z" }, {}, 64 },
		{ "keeps all of what may be whole yet", { ("x"):rep(128) }, {}, 128 },
		{ "takes a frame as long as may be", { ("x"):rep(128) .. "\0" }, { { ("x"):rep(128), "whole" } }, 0 },
		{ "skips one that is longer by a byte", { ("x"):rep(129) .. "\0z\0" },
			{ { ("x"):rep(64), "too-long" }, { "z", "whole" } }, 0 },
		{ "cuts nothing off what is too long, but no longer than is kept", { ("x"):rep(40), ("y"):rep(24) .. "\0z\0" },
			{ { ("x"):rep(40) .. ("y"):rep(24), "too-long" }, { "z", "whole" } }, 0, 32 },
		{ "measures a frame from its own beginning", { ("x"):rep(100) .. "\0" .. ("y"):rep(60), ("y"):rep(20) .. "\0" },
			{ { ("x"):rep(100), "whole" }, { ("y"):rep(80), "whole" } }, 0 },
		{ "keeps of what is too long nothing that came before", { ("a"):rep(30) .. "\0" .. ("x"):rep(40) .. "\0" },
			{ { ("a"):rep(30), "whole" }, { ("x"):rep(40), "too-long" } }, 0, 32 },
		{ "keeps nothing that came before of what is too long and not at its end",
			{ ("a"):rep(30) .. "\0" .. ("x"):rep(40), "\0" },
			{ { ("a"):rep(30), "whole" }, { ("x"):rep(40), "too-long" } }, 0, 32 },
		{ "is at rest behind a NUL", { "\0\0" }, { { "", "whole" }, { "", "whole" } }, 0 },
	};
	for _, case in ipairs(cases) do
		it(case[1], function ()
			local frames, rest = probes.frames(case[2], case[5] or 128);
			assert.same(case[3], frames);
			assert.equal(case[4], rest);
		end);
	end

	for _, case in ipairs {
		{ "a newline", { "a", "\nb\0c\nd" }, { { "a", "whole" }, { "b\0c", "whole" } } },
		{ "a NUL", { "a\0b", "\nc\0" }, { { "a", "whole" }, { "b\nc", "whole" } } };
		{ "a newline at once", { "\n\n\0\n" }, { { "", "whole" }, { "", "whole" }, { "\0", "whole" } } };
	} do
		it("cuts, where either may come, at what comes first: " .. case[1], function ()
			assert.same(case[3], (probes.frames(case[2], 128, true)));
		end);
	end
	it("needs no more room for many frames than for one", function ()
		local pieces = {};
		for i = 1, 1000 do pieces[i] = "ab\0cde"; end
		local frames, rest, room = probes.frames(pieces, 128);
		assert.same({ 1000, 3 }, { #frames, rest });
		assert.is_true(room <= 20, room);
	end);

	it("takes off the driver's text, and nothing behind a brace", function ()
		assert.equal(8, probes.driver_text("Bad\n  x\n{}"));
		assert.equal(0, probes.driver_text("{\nBad\n{}"));
		assert.equal(5, probes.driver_text("Bad{}"));
		assert.equal(4, probes.driver_text("Bad\n"));
		assert.equal(8, probes.driver_text("Bad\nmore"));
		assert.equal(0, probes.driver_text(""));
	end);
end);
