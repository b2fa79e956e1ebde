-- authentication = "skotos_bridge": strophe.js in Node, over BOSH and WebSocket; what the session holds; Jitsi's
-- events; rule 7.
local page = require "spec.support.chromium.page";
local rig = require "spec.support.rig";

describe("login from Node", function ()
	require "spec.support.chromium.cases"("node", { setup = setup, teardown = teardown, describe = describe, it = it });
 end);

local function alone(host_options)
	return rig.prosody { auth = "skotos_bridge", bridge = false, host_options = host_options };
end

describe("login without the rest of the module", function ()
	local prosody, player;
	local grace = 2;
	setup(function ()
		prosody = alone("skotos_reconnect_grace = " .. grace .. "; skotos_leeway = 0");
		player = page.start("node");
	end);
	teardown(function ()
		player:stop();
		assert.equal(0, prosody:stop().code);
	end);

	it("puts on the session what Jitsi's modules look for, and fires Jitsi's events with the session", function ()
		prosody:lua { code = [[
			prosody.spec = { fired = {} };
			for _, name in ipairs { "pre-jitsi-authentication-fetch-key", "pre-jitsi-authentication",
				"post-jitsi-authentication" } do
				prosody.events.add_handler(name, function (session)
					table.insert(prosody.spec.fired, name .. "=" .. tostring(session.jitsi_meet_room) .. ","
						.. type(session.auth_token));
					if name == "pre-jitsi-authentication" and session.jitsi_meet_context_user.id == "promoted"
						then return "a-known-name"; end
					if name == "post-jitsi-authentication" and session.jitsi_meet_context_user.id == "unwanted" then
						return { res = false, error = "not-authorized", reason = "unwanted here" };
					end
				end);
			end
			module:hook("resource-bind", function (event)
				local s = event.session;
				prosody.spec.bound = prosody.spec.bound or table.concat({ s.jitsi_meet_room, s.jitsi_meet_domain,
					s.jitsi_meet_context_user.name, s.jitsi_web_query_room,
					s.jitsi_web_query_prefix, s.jitsi_bosh_query_room, type(s.auth_token) }, " ");
			end);]] };
		local client = rig.client { port = prosody.http, token = rig.token { room = "Hall", name = "Ann" }, room = "hall" };
		assert.is_true(client.connected);
		assert.equal("Hall meet.test Ann hall  hall string", prosody:lua { code = "return prosody.spec.bound" }.result);
		assert.equal("pre-jitsi-authentication-fetch-key=nil,string pre-jitsi-authentication=Hall,string "
			.. "post-jitsi-authentication=Hall,string",
			prosody:lua { code = [[return table.concat(prosody.spec.fired, " ")]] }.result);
		local known = rig.client { port = prosody.http, token = rig.token { name = "promoted" } };
		assert.equal("a-known-name", known.jid:match("^[^@]+"));
		local unwanted = rig.client { port = prosody.http, token = rig.token { name = "unwanted" } };
		assert.is_false(unwanted.connected);
		prosody:wait_log { text = "post-jitsi-authentication: unwanted here" };
	end);

	local function login(token, transport)
		return rig.client { port = prosody.http, token = token, transport = transport };
	end

	it("lets a token in use come back after its exp, and not when the grace is over, and no other", function ()
		local exp = os.time() + 5; -- a busy machine has so long for the login
		local used, unused = rig.token { name = "Ann", exp = exp }, rig.token { name = "Ben", exp = exp };
		local first = login(used, "websocket");
		assert.is_true(first.connected);
		local function wait_until(at) while os.time() < at do require "socket".sleep(0.1); end end
		wait_until(exp + grace + 2);
		-- Its session still lives, so it is in use, though the grace since the login is over.
		local second = login(used, "websocket");
		assert.is_true(second.connected, second.condition);
		assert.is_false(login(unused).connected);
		prosody:lua { code = [[require "core.modulemanager".reload("meet.test", "auth_skotos_bridge")]] };
		local third = login(used, "websocket");
		assert.is_true(third.connected, "forgotten over a reload");
		first:disconnect(); second:disconnect(); third:disconnect();
		local gone_by = os.time() + 60;
		repeat local n = tonumber(prosody:lua { code = [[local n = 0 for _ in pairs(prosody.full_sessions) do n = n + 1 ]]
			.. [[end return n]] }.result);
		until n <= 2 or os.time() > gone_by;
		wait_until(os.time() + grace + 2);
		assert.is_false(login(used).connected);
		prosody:wait_log { text = "expired" };
	end);
end);

describe("secrets that rotate", function ()
	it("are all checked, and a new list drops nobody", function ()
		local prosody = alone(('app_secret = { "a-new-secret-for-the-specs-of-some-length", "%s" }'):format(rig.SECRET));
		local old = rig.client { port = prosody.http, token = rig.token { name = "Ann" } };
		local new = rig.client { port = prosody.http,
			token = rig.token { name = "Ben", secret = "a-new-secret-for-the-specs-of-some-length" } };
		assert.same({ true, true }, { old.connected, new.connected });
		prosody:reload { options = { host_options = 'app_secret = { "a-new-secret-for-the-specs-of-some-length" }' } };
		assert.is_false(rig.client { port = prosody.http, token = rig.token { name = "Ann" } }.connected);
		assert.is_true(rig.client { port = prosody.http,
			token = rig.token { name = "Ben", secret = "a-new-secret-for-the-specs-of-some-length" } }.connected);
		assert.equal("2", prosody:lua { code = [[local n = 0 for _, s in pairs(prosody.full_sessions) do if s.full_jid == ("]]
			.. old.jid .. [[") or s.full_jid == ("]] .. new.jid .. [[") then n = n + 1 end end return n]] }.result);
		prosody:stop();
	end);
end);

describe("a refused login", function ()
	it("leaves nothing of its token on the connection, which may go on without one", function ()
		local prosody = alone("allow_empty_token = true");
		assert.equal("failure success ", prosody:lua({ code = ([[
			module:hook_global("jitsi-access-ban-check", function (session) if session.auth_token then return false; end end);
			local session = { type = "c2s_unauthed", host = "meet.test", auth_token = "%s", log = function () end };
			local handler = require "core.usermanager".get_sasl_handler("meet.test", session);
			local tries, left = { (handler:process("")), (handler:process("")) }, {};
			for name in pairs(session) do
				if name:find("^skotos_") or name:find("^jitsi_meet_") then left[#left + 1] = name; end
			end
			return table.concat(tries, " ") .. " " .. table.concat(left, " ");
		]]):format(rig.token { name = "Ann" }) }).result);
		prosody:stop();
	end);
end);

describe("rule 7: a ban", function ()
	it("keeps the person out with the same token, a new one, another nickname; another person is let in", function ()
		local prosody = rig.prosody { auth = "skotos_bridge", game_port = 1 };
		local focus = rig.focus(prosody);
		focus:join { room = "tavern", nick = "focus" };
		local token = rig.token { name = "Bob", person = "bob-1" };
		local bob = rig.player(prosody, { token = token, nick = "Bob" });
		local answer = focus:iq { to = "tavern@conference.meet.test", xmlns = "http://jabber.org/protocol/muc#admin",
			item = { jid = bob.jid:match("^[^/]+"), affiliation = "outcast" } };
		assert.equal("result", answer.type);
		for what, o in pairs {
			["the same token"] = { token = token, nick = "Bob" },
			["a new token"] = { token = rig.token { name = "Bob", person = "bob-1", exp = os.time() + 900 }, nick = "Bob" },
			["another nickname"] = { token = rig.token { name = "Robert", person = "bob-1" }, nick = "Robert" },
		} do
			for _, transport in ipairs { "bosh", "websocket" } do
				o.transport = transport;
				local _, seen = rig.player(prosody, o);
				assert.same({ "error", "not-allowed" }, { seen.type, seen.condition }, what);
			end
		end
		local _, ann = rig.player(prosody, { name = "Ann" });
		assert.equal("available", ann.type);
		prosody:stop();
	end);
end);
