-- The quick way to read a request in the one shape in which SkotOS's avchat.c writes it.
local scan = require "skotos_probes".scan;

local FORMAT =
	'{ "cmd": "jwt_token", "displayName": "%s", "channel": "%s", "moderator": false, "validFor": %s, "seq": %s }';

local function frame(name, channel, valid_for, seq)
	return FORMAT:format(name or "Bob", channel or "tavern", valid_for or "600", seq or "7");
end

describe("a request as an unmodified game writes it", function ()
	local read = {
		{ "Bob", "tavern", 600, 7 }, { "", "", 1, 0 }, { "\u{e9}l\u{e8}ve \u{1f600}", "K\u{f6}nigshof", 86400, 10 };
		{ ("n"):rep(2000), ("c"):rep(2000), 9999999999, 2147483647 };
	};
	for _, case in ipairs(read) do
		it(("is read at once: %.20s, %.20s, %d, %d"):format(table.unpack(case)), function ()
			assert.same(case, { scan(frame(table.unpack(case))) });
		end);
	end

	local left = {
		{ "an escape in a name", frame 'B\\"ob' }, { "a name with a control character", frame "B\tob" };
		{ "a name that is not UTF-8", frame "B\xf6b" }, { "a channel that is not UTF-8", frame(nil, "\xff") };
		{ "a number of eleven digits", frame(nil, nil, "10000000000") }, { "a leading zero", frame(nil, nil, "060") };
		{ "no validity", frame(nil, nil, "") }, { "no seq", frame(nil, nil, nil, "") };
		{ "a number below 0", frame(nil, nil, nil, "-1") };
		{ "a validity of 0", frame(nil, nil, "0") }, { "a seq above its most", frame(nil, nil, nil, "2147483648") };
		{ "a fraction", frame(nil, nil, nil, "1.5") }, { "something behind its end", frame() .. " " };
		{ "another space", (frame():gsub(": ", ":", 1)) }, { "a moderator", (frame():gsub("false", "true")) };
	};
	for _, case in ipairs(left) do
		it("is left to the JSON reader with " .. case[1], function () assert.same({}, { scan(case[2]) }); end);
	end

	it("is left to the JSON reader when it ends too early, and nothing behind its end is looked at", function ()
		local whole = frame();
		for len = 0, #whole - 1 do assert.same({}, { scan(whole:sub(1, len)) }); end
	end);
end);
