-- The old server's configuration, without its file.

describe("the old server's configuration", function ()
	local read = dofile "mod_skotos_bridge/skotos_bridge/admin/chat_admin_config.lib.lua".read;

	local function old(inbound, more)
		local whole = { jwt = { app_id = "skotos", secret = "s" }, inbound = inbound };
		for name, value in pairs(more or {}) do whole[name] = value; end
		return whole;
	end

	it("is what it sets, and names what means nothing here", function ()
		local settings, ignored = read(old({ host = "h", port = 1, tls = true },
			{ outbound = { port = "65535" }, logging = { level = 1 } }));
		assert.same({ jwt = { app_id = "skotos", secret = "s" }, inbound = { host = "h", port = 1 },
			outbound = { port = 65535 }, jitsi = {} }, settings);
		assert.same({ "inbound.tls", "logging" }, ignored);
	end);

	local wrong = {
		{ "x", "it is no JSON object" }, { {}, "jwt.app_id and jwt.secret are wanted" };
		{ { jwt = { app_id = "skotos" } }, "jwt.app_id and jwt.secret are wanted" },
		{ { jwt = { secret = "s" } }, "jwt.app_id and jwt.secret are wanted" };
		{ old "here", "inbound: an object is wanted" }, { old { host = "" }, "inbound.host: a string is wanted" };
		{ old { host = 7 }, "inbound.host: a string is wanted" };
	};
	for _, port in ipairs { 0, 65536, -1, 1.5, "x", true } do
		wrong[#wrong + 1] = { old { port = port }, "inbound.port: a port from 1 to 65535 is wanted" };
	end
	for i, case in ipairs(wrong) do
		it(("number %d is wrong: %s"):format(i, case[2]), function ()
			local settings, why = read(case[1]);
			assert.is_nil(settings);
			assert.equal(case[2], why);
		end);
	end
end);
