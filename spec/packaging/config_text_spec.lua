-- The reading of configurations that setup changes: Prosody's (Lua) and Jicofo's (HOCON).
package.path = "packaging/setup/?.lua;" .. package.path;
local hocon = require "hocon";
local lua_config = require "lua_config";
local module_list = require "module_list";

describe("Prosody's configuration", function ()
	it("is read without being run: sections, settings, comments, strings of every kind", function ()
		local text = [==[
-- VirtualHost "remark"
--[[ VirtualHost "long
remark" ]] a = "x -- no remark \" }" ; b = [[ VirtualHost "in a string" ]]
c = { { "d" }, e = { 'f' } } g = "h" .. os.getenv("I") .. "j"
Include "conf.d/*.cfg.lua"
VirtualHost "one"
  authentication = "token" -- VirtualHost "two"
  on = not true
  number = -1.5e3
VirtualHost ("two") enabled = false
Component "muc.one" "muc"
  admins = { "x" } last = 1]==];
		local sections = lua_config.sections(text);
		local names = {};
		for i, section in ipairs(sections) do names[i] = ("%s %s %s"):format(section.kind, section.name, section.module); end
		assert.same({ "global nil nil", "VirtualHost one nil", "VirtualHost two nil", "Component muc.one muc" }, names);
		assert.equal('x -- no remark " }', lua_config.setting(sections[1], "a").value);
		assert.equal(' VirtualHost "in a string" ', lua_config.setting(sections[1], "b").value);
		assert.same({ { "d" }, e = { "f" } }, lua_config.setting(sections[1], "c").value);
		local g = lua_config.setting(sections[1], "g");
		assert.is_nil(g.value);
		assert.equal('"h" .. os.getenv("I") .. "j"', text:sub(g.value_from, g.value_to));
		assert.same({ "conf.d/*.cfg.lua" }, sections[1].includes);
		assert.equal("token", lua_config.setting(sections[2], "authentication").value);
		assert.is_false(lua_config.setting(sections[2], "on").value);
		assert.equal(-1500, lua_config.setting(sections[2], "number").value);
		assert.is_false(lua_config.setting(sections[3], "enabled").value);
		assert.equal(1, lua_config.setting(sections[4], "last").value);
	end);

	it("is written so that Lua reads the same value again", function ()
		for _, value in ipairs { "a\"b\\c\nd\0e", 17, true, {}, { "x", "y" }, { a = { rooms = { "dev-*" } }, ["b c"] = { d = false } } } do
			local written = lua_config.written(value, "    ");
			assert.same(value, load("return " .. written)());
		end
	end);

	local lists = {
		{ "a line each", '{\n\t"a"; -- one\n\t"m";\n\t"b"\n}', '{\n\t"new";\n\t"a"; -- one\n\t"m";\n\t"b"\n}', '{\n\t"a"; -- one\n\t"b"\n}' };
		{ "in one line", '{ "a", "m", "b" }', '{ "new"; "a", "m", "b" }', '{ "a", "b" }' };
		{ "at the end", '{ "a"; "m" }', '{ "new"; "a"; "m" }', '{ "a"; }' };
		{ "empty", "{ }", '{ "new";  }', "{ }" };
		{ "with a remark behind", '{\n  "m"; -- the old one\n  "a";\n}', '{\n  "new";\n  "m"; -- the old one\n  "a";\n}', '{\n  "a";\n}' };
		{ "begun behind the bracket", '{ "a";\n  "m";\n}', '{ "new"; "a";\n  "m";\n}', '{ "a";\n}' };
	};
	for _, case in ipairs(lists) do
		it("takes a module into a list and out of it: " .. case[1], function ()
			local text = "modules_enabled = " .. case[2] .. "\nafter = 1\n";
			local function setting(of) return lua_config.setting(lua_config.sections(of)[1], "modules_enabled"); end
			assert.equal("modules_enabled = " .. case[3] .. "\nafter = 1\n", lua_config.apply(text, { module_list.add(text, setting(text), "new") }));
			local without = lua_config.apply(text, module_list.remove(text, setting(text), "m"));
			assert.equal("modules_enabled = " .. case[4] .. "\nafter = 1\n", without);
			assert.is_false(module_list.names(without, setting(without), "m"));
		end);
	end
end);

describe("Jicofo's configuration", function ()
	local path = "jicofo.conference.enable-auto-owner";
	local cases = {
		{ "an empty object", "jicofo {\n}\n", "jicofo {\n  conference.enable-auto-owner = false\n}\n" };
		{ "an empty object in one line", "jicofo {}", "jicofo {\n  conference.enable-auto-owner = false\n  }" };
		{ "a conference already", "jicofo {\n  conference: {\n    a: 1\n  }\n}\n", "jicofo {\n  conference: {\n    enable-auto-owner = false\n    a: 1\n  }\n}\n" };
		{ "the other value", "jicofo.conference { enable-auto-owner = true, b = 24 hours }", "jicofo.conference { enable-auto-owner = false, b = 24 hours }" };
		{ "nothing", "", "jicofo.conference.enable-auto-owner = false\n" };
		{ "braces around all", "{\n  jicofo.x = 1\n}\n", "{\n  jicofo.conference.enable-auto-owner = false\n  jicofo.x = 1\n}\n" };
		{ "the same name elsewhere", 'a { enable-auto-owner = true }\n# jicofo { conference {\njicofo { b: "{", c: [ { conference {} } ] }\n',
			'a { enable-auto-owner = true }\n# jicofo { conference {\njicofo {\n  conference.enable-auto-owner = false\n   b: "{", c: [ { conference {} } ] }\n' };
	};
	for _, case in ipairs(cases) do
		it("gets one setting and keeps every other byte: " .. case[1], function ()
			local text = hocon.set(case[2], path, "false");
			assert.equal(case[3], text);
			assert.equal("false", hocon.get(text, path));
			assert.equal(text, hocon.set(text, path, "false"));
		end);
	end
end);
