-- Whose word counts: claims are let pass without a look at the clock only on a session whose login, here, has looked.
local rig = require "spec.support.rig";

local GUESTS = '\nVirtualHost "guest.meet.test"\n  authentication = "anonymous"\n';

for _, auth in ipairs { "token", "skotos_bridge" } do
	describe("a guest VirtualHost beside a login by " .. auth, function ()
		local prosody;
		setup(function ()
			prosody = rig.prosody { auth = auth, game_port = 1, muc_options = GUESTS,
				host_options = "allow_empty_token = true; skotos_leeway = 0" };
		end);
		teardown(function () prosody:stop(); end);

		for _, transport in ipairs { "bosh", "websocket" } do
			it("makes no moderator of who brings a token that has expired, over " .. transport, function ()
				local old = rig.token { name = "Mod", moderator = true, exp = os.time() - 86400 };
				local client = rig.client { prosody = prosody, jid = "guest.meet.test", token = old, transport = transport };
				assert.is_true(client.connected, client.condition);
				local own = client:join { room = "tavern", nick = "Mod" };
				assert.same({ "error", "not-allowed" }, { own.type, own.condition });
			end);
		end

		if auth == "skotos_bridge" then
			it("takes a token that came onto a session after its login for one that nobody has checked", function ()
				local client = rig.client { prosody = prosody, room = "tavern", token = rig.token { name = "Bob" } };
				local old = rig.token { name = "Mod", moderator = true, exp = os.time() - 86400 };
				prosody:lua { code = ([[prosody.full_sessions["%s"].auth_token = "%s"]]):format(client.jid, old) };
				local own = client:join { room = "tavern", nick = "Mod" };
				assert.same({ "error", "not-allowed" }, { own.type, own.condition });
			end);
		end

		it("has the moderator of this host stay one in another room after his token's exp", function ()
			local exp = os.time() + 5;
			local token = rig.token { room = "*", name = "Mod", moderator = true, exp = exp };
			local client = rig.client { prosody = prosody, token = token };
			assert.is_true(client.connected, client.condition);
			while os.time() < exp + 1 do require "socket".sleep(0.1); end
			local own = client:join { room = "later", nick = "Mod" };
			assert.same({ "owner", "moderator" }, { own.affiliation, own.role });
		end);
	end);
end
