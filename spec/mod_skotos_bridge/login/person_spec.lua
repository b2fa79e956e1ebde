local person = dofile "mod_skotos_bridge/skotos_bridge/login/person.lib.lua";

describe("the person of a token", function ()
	local ids = {
		{ "the user's id", { context = { user = { id = "7", name = "Bob" } } }, "7" };
		{ "the name without an id", { context = { user = { name = "Bob" } } }, "Bob" };
		{ "the name for an empty id", { context = { user = { id = "", name = "Bob" } } }, "Bob" };
		{ "nobody for an id that is no string", { context = { user = { id = 7 } } }, nil };
		{ "nobody without a user", { context = {} }, nil };
		{ "nobody for a context that is no table", { context = "x" }, nil };
		{ "nobody without claims", nil, nil };
	};
	for _, case in ipairs(ids) do
		it("is " .. case[1], function () assert.equal(case[3], person.id_of(case[2])); end);
	end
end);
