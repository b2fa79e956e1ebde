-- GET /skotos/health: who hears how much.
local rig = require "spec.support.rig";
local json = require "util.json";

describe("/skotos/health", function ()
	local prosody;
	setup(function () prosody = rig.prosody { auth = "skotos_bridge", game_port = 1 }; end);
	teardown(function () assert.equal(0, prosody:stop().code); end);

	local function asked(from)
		local answer = rig.call("fetch", { host = "127.0.0.1", port = prosody.http, path = "/skotos/health",
			headers = { Host = "meet.test", ["X-Forwarded-For"] = from } });
		return answer.code, json.decode(answer.text);
	end

	it("tells all to loopback, and the state alone to others, until they are listed", function ()
		local code, told = asked();
		assert.same({ 200, "ok", "table" }, { code, told.status, type(told.games.game) });
		code, told = asked "203.0.113.9";
		assert.equal(200, code);
		assert.same({ status = "ok" }, told);
		prosody:reload { options = { host_options = 'skotos_health_addresses = { "203.0.113.0/24", "2001:db8::/32" }' } };
		assert.is_table(select(2, asked "203.0.113.9").games);
		assert.is_table(select(2, asked "2001:db8::9").games);
		assert.same({ status = "ok" }, (select(2, asked "203.0.114.9")));
		assert.same({ status = "ok" }, (select(2, asked "2001:db9::9")));
	end);

	it("leaves the settings from before in force when its addresses are wrong", function ()
		for _, wrong in ipairs { '"here"', '{ "10.0.0.0/33" }', '{ "10.0.0.0/x" }', "{ 7 }" } do
			prosody:reload { options = { host_options = "skotos_health_addresses = " .. wrong } };
			prosody:wait_log { text = "skotos_health_addresses = " };
		end
		assert.is_table(select(2, asked "203.0.113.9").games);
	end);
end);
