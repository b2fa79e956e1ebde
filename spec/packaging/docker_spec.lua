-- packaging/docker/skotos.env, as docker-jitsi-meet's templates put it into Prosody's configuration: XMPP_MODULES and
-- XMPP_CONFIGURATION are split at every comma, each piece of the latter being a line of the VirtualHost.
package.path = "packaging/setup/?.lua;mod_skotos_bridge/skotos_bridge/admin/?.lib.lua;" .. package.path;
local lua_config = require "lua_config";

describe("the settings for docker-jitsi-meet", function ()
	local env = {};
	for line in io.lines("packaging/docker/skotos.env") do
		local name, value = line:match("^([%u_]+)=(.*)$");
		if name then env[name] = value; end
	end

	it("make a VirtualHost with the module, its login and its options", function ()
		local text = ('VirtualHost "meet.jitsi"\n authentication = "%s"\n app_id = "%s"\n main_muc = "muc.meet.jitsi"\n')
			:format(env.JWT_AUTH_TYPE, env.JWT_APP_ID);
		for piece in env.XMPP_CONFIGURATION:gmatch("[^,]+") do text = text .. "    " .. piece .. "\n"; end
		assert.is_true((lua_config.is_lua(text, "VirtualHost")));
		local section = lua_config.sections(text)[2];
		local function value(name) return lua_config.setting(section, name).value; end
		assert.equal("skotos_bridge", value "authentication");
		local said = {};
		for _, setting in ipairs(section.settings) do
			assert.is_nil(said[setting.name], setting.name .. " is set twice");
			said[setting.name] = true;
		end
		assert.equal("host.docker.internal", value "skotos_host");
		assert.equal(11091, value "skotos_port");
		assert.is_false(value "skotos_allow_moderator_tokens");
		assert.same({ "Skott", "Bob" }, value "skotos_moderators");
		-- The guests' VirtualHost would get it too, where it cannot load; the login brings it.
		assert.is_nil(env.XMPP_MODULES);
		local muc = lua_config.sections(('Component "muc.meet.jitsi" "muc"\n %s\n'):format(env.XMPP_MUC_CONFIGURATION))[2];
		assert.equal("token_verification", lua_config.setting(muc, "modules_disabled").value[1]);
	end);

	it("hold no secret", function () assert.equal("", env.JWT_APP_SECRET); end);
end);
