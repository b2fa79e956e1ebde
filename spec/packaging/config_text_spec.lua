-- The reading of configurations that setup changes: Prosody's (Lua) and Jicofo's (HOCON).
package.path = "packaging/setup/?.lua;mod_skotos_bridge/skotos_bridge/admin/?.lib.lua;" .. package.path;
local hocon = require "hocon";
local hocon_line = require "hocon_line";
local lua_config = require "lua_config";

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
		for _, value in ipairs { "a\"b\\c\nd\0e", 17, true, {}, { "x", "y" },
				{ a = { rooms = { "dev-*" } }, ["b c"] = { d = false } } } do
			local written = lua_config.written(value, "    ");
			assert.same(value, load("return " .. written)());
		end
	end);
end);

describe("Jicofo's configuration", function ()
	local path = "jicofo.conference.enable-auto-owner";
	local LINE = path .. " = false # skotos-bridge-setup";
	local cases = {
		{ "an empty object", "jicofo {\n}\n", "jicofo {\n}\n" .. LINE .. "\n" };
		{ "no newline at the end", "jicofo {}", "jicofo {}\n" .. LINE .. ", after a line without an end\n" };
		{ "the other value", "jicofo.conference { enable-auto-owner = true, b = 24 hours }\n",
			"jicofo.conference { enable-auto-owner = true, b = 24 hours }\n" .. LINE .. "\n" };
		{ "nothing", "", LINE .. "\n" };
		{ "braces around all", "{\n  jicofo.x = 1\n}\n", "{\n  jicofo.x = 1\n" .. LINE .. "\n}\n" };
		{ "braces around all in one line", "{ jicofo.x = 1 }",
			"{ jicofo.x = 1 \n" .. LINE .. ", after a line without an end\n}" };
	};
	for _, case in ipairs(cases) do
		it("gets one line, and loses it again to the byte: " .. case[1], function ()
			local text = hocon_line.set(case[2], path, "false");
			assert.equal(case[3], text);
			assert.equal("false", hocon.get(text, path));
			assert.equal(text, hocon_line.set(text, path, "false"));
			assert.equal(case[2], hocon_line.without_line(text));
		end);
	end

	it("keeps what says it already, and takes no other's name for it", function ()
		local said = "jicofo { conference {\n enable-auto-owner = false } }";
		assert.equal(said, hocon_line.set(said, path, "false"));
		local other =
			'a { enable-auto-owner = false }\n# jicofo { conference {\njicofo { b: "{", c: [ { conference {} } ] }\n';
		assert.equal("false", hocon.get(hocon_line.set(other, path, "false"), path));
		assert.is_nil(hocon.get(other, path));
	end);

	it("is read to the last value, a variable's too", function ()
		assert.equal("${?AUTO}", hocon.get(
			"jicofo.conference { enable-auto-owner = false\nenable-auto-owner = ${?AUTO} }\nb = 1\n", path));
	end);
end);
