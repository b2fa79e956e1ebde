-- What of a text can be shown, and held by XML.
local bridge = require "skotos_bridge";

describe("printable text", function ()
	for name, case in pairs {
		["plain text and what XML can hold"] = { "a <b> \u{e9}\u{1f409}\u{fffd}\u{ffef}\n\tz",
			"a <b> \u{e9}\u{1f409}\u{fffd}\u{ffef}\n\tz" };
		["no control characters"] = { "\0a\1\2b\r\27c\127", "abc" },
		["no U+FFFE and U+FFFF"] = { "\u{fffe}a\u{ffff}\u{fffe}", "a" };
		["what there is of a torn last character"] = { "a\xef\xbf", "a\xef\xbf" }, ["nothing of nothing"] = { "", "" };
	} do
		it("has " .. name, function ()
			assert.equal(case[2], bridge.printable(case[1]));
			assert.equal(case[1] == case[2] and utf8.len(case[1]) ~= nil, bridge.is_printable(case[1]));
		end);
	end
end);
