-- HOCON as Jicofo's configuration is written in it: the value at a path.
local lib = require "spec.support.lib";
local get = lib.load "admin/hocon".get;

describe("HOCON's value at a path", function ()
	local cases = { -- text, path, value (nil: none)
		{ "a = 1", "a", "1" }, { "a: 1", "a", "1" }, { "a += 1", "a", "1" }, { "a=b", "a", "b" }, { "", "a" }, { "a", "a" },
		{ "a =", "a" };
		{ "a { b = 1 }", "a.b", "1" }, { "a { b { c = 1 } d = 2 }", "a.d", "2" }, { "a { b { c = 1 } d = 2 }", "a.b.c", "1" };
		{ "a = { b = 1 }", "a.b", "1" }, { "a.b { c = 1 }", "a.b.c", "1" }, { "{ a = 1 }", "a", "1" },
		{ "{ a { b = 1 } c = 2 }", "c", "2" };
		{ "a { b = 1 } c = 2", "c", "2" }, { "a { b = 1 } } c = 2", "c", "2" }, { "a { b = 1 } c = 2", "a.c" },
		{ "a { b = 1 }", "b" };
		{ "a = 1, b = 2", "b", "2" }, { "a=1\nb=2\n", "a", "1" }, { "a=1\nb=2\n", "b", "2" },
		{ "a = 1 a = 2 b = 3", "a", "2" };
		{ "# a = 1\nb = 2", "a" }, { "# a = 1\nb = 2", "b", "2" }, { "// a = 1\nb = 2", "a" },
		{ "// a = 1\nb = 2", "b", "2" };
		{ "a = 1 # b\nc = 2", "a", "1" }, { "a = 1 // b = 3\nc = 2", "c", "2" }, { "a = 1 // b = 3\nc = 2", "b" },
		{ "a = 1 #", "a", "1" }, { "#", "a" };
		{ "a = 1#b\nc = 2", "a", "1" }, { "a=/b c=2", "a", "/b" }, { "a=/b c=2", "c", "2" };
		{ '"a" = "b c"', "a", '"b c"' }, { '"a.x" { b = 1 }', "a.x.b", "1" },
		{ 'a = "b \\" } c = 1" d = 2', "a", '"b \\" } c = 1"' };
		{ 'a = "b \\" } c = 1" d = 2', "d", "2" }, { 'a = ""\nb = 2', "a", '""' }, { 'a = ""\nb = 2', "b", "2" },
		{ 'a = "never ends', "a", '"never ends' };
		{ 'a = "ends in \\', "a", '"ends in \\' }, { 'a = "# none" b = 2', "b", "2" };
		{ "a = ${b}", "a", "${b}" }, { "a = ${?b.c} d = 2", "a", "${?b.c}" }, { "a = ${?b.c} d = 2", "d", "2" };
		{ "a = [ { b = 1 } ] c = 2", "b" }, { "a { b = [ { c = 1 } ] }", "a.b.c" },
		{ "a { b = x { c = 1 } d = 2 }", "a.d", "2" };
		{ "a { { b = 1 } c = 2 }", "a.b" }, { "a { { b = 1 } c = 2 }", "a.?.b", "1" },
		{ "a { { b = 1 } c = 2 }", "a.c", "2" };
		{ "a = 24 hours", "a", "24" }, { "a { b = 24 hours, c = 2 }", "a.c", "2" }, { "a = 1 } b { c = 2 }", "b.c", "2" };
		{ "a = { b = 1 } c { d = 2 }", "c.d", "2" }, { "a = { } b = 1", "b", "1" }, { "a { x } b = 1", "b", "1" },
		{ "a { x = } b = 1", "b", "1" };
	};
	for _, case in ipairs(cases) do
		it(("%q in %q"):format(case[2], case[1]), function () assert.equal(case[3], get(case[1], case[2])); end);
	end
end);
