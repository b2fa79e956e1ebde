-- A library that several files of the module require is loaded once, as Prosody's own module API does not do.
describe("a library of the module's own", function ()
	local before, loads, module;

	before_each(function ()
		before, loads = rawget(_G, "module"), {};
		local api = {};
		function api:require(name)
			assert.equal(module, self);
			loads[#loads + 1] = name;
			return { name = name };
		end
		module = setmetatable({}, { __index = api }); -- as core.moduleapi makes it
		rawset(_G, "module", module);
		dofile("mod_skotos_bridge/skotos_bridge/admin/once.lib.lua");
	end);

	after_each(function () rawset(_G, "module", before); end);

	it("is loaded once, whoever requires it", function ()
		local person, door = module:require "person", module:require "door";
		assert.equal(person, module:require "person");
		assert.equal(door, module:require "door");
		assert.same({ "person", "door" }, loads);
	end);

	it("is another one in another module", function ()
		local person = module:require "person";
		module = setmetatable({}, getmetatable(module));
		rawset(_G, "module", module);
		dofile("mod_skotos_bridge/skotos_bridge/admin/once.lib.lua");
		assert.are_not.equal(person, module:require "person");
	end);
end);
