-- Command lines, of prosodyctl mod_skotos_bridge as of skotos-bridge-setup: what is taken, and what is said of a wrong
-- one.
local arguments = require "spec.support.lib".load "admin/arguments";

local takes = { words = 1, short = { y = "yes" },
	options = { yes = "flag", room = "text", ["for"] = "number", name = "list" } };

describe("a command line", function ()
	for _, case in ipairs {
		{ {}, {} }, { { "-y", "--room", "a b" }, { yes = true, room = "a b" } },
		{ { "--room=", "--room=x=y" }, nil, "--room wants a value" };
		{ { "--room=x=y", "--for=7" }, { room = "x=y", ["for"] = 7 } },
		{ { "--name", "a", "--name=b" }, { name = { "a", "b" } } };
		{ { "-" }, { "-" } }, { { "--", "--yes" }, { "--yes" } }, { { "--room", "-" }, { room = "-" } },
		{ { "--room", "--yes" }, { room = "--yes" } };
		{ { "--rom" }, nil, "--rom: no such option" }, { { "-x" }, nil, "-x: no such option" },
		{ { "-yy" }, nil, "-yy: no such option" };
		{ { "--room" }, nil, "--room wants a value" }, { { "--name", "" }, nil, "--name wants a value" },
		{ { "--yes=1" }, nil, "--yes takes no value" };
		{ { "--for", "0" }, nil, "--for 0: a whole number above 0 is wanted" },
		{ { "--for=1.5" }, nil, "--for 1.5: a whole number above 0 is wanted" };
		{ { "a", "b" }, nil, '"b" is one word too many' };
	} do
		it("is read: " .. (#case[1] > 0 and table.concat(case[1], " ") or "nothing"), function ()
			local found, err = arguments.parse(case[1], takes);
			assert.same({ case[2], case[3] }, { found, err });
		end);
	end
end);
