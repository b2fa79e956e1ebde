-- Which tokens log in, on a live Prosody: the game's wish and the evening's end, how long one in use comes back, old
-- tokens, a host that only checks; and what the session then holds for Jitsi's other modules.
local rig = require "spec.support.rig";
local socket = require "socket";

local function alone(host_options, more)
	local options = { auth = "skotos_bridge", bridge = false, host_options = host_options };
	for name, value in pairs(more or {}) do options[name] = value; end
	return rig.prosody(options);
end

local function token(claims)
	local all = { iss = "skotos", aud = "jitsi", sub = "meet.test", room = "tavern", exp = os.time() + 600,
		context = { user = { id = "bob", name = "Bob" } } };
	for name, value in pairs(claims) do all[name] = value or nil; end
	return rig.call("token", { payload = all }).token;
end

local function login(prosody, its_token)
	return rig.client { port = prosody.http, token = its_token, transport = "websocket" };
end

local function wait_until(time) while os.time() < time do socket.sleep(0.05); end end

describe("a token of an evening", function ()
	local prosody;
	setup(function () prosody = alone "skotos_reconnect_grace = 2; skotos_leeway = 0; skotos_token_max_validity = 9"; end);
	teardown(function () assert.equal(0, prosody:stop().code); end);

	it("opens nothing when it was not opened within the game's wish, and comes back when it was", function ()
		local use_by = os.time() + 5; -- a busy machine has so long for the login
		local opened = token { exp = use_by + 3600, skotos_use_by = use_by, jti = "1" };
		local unopened = token { exp = use_by + 3600, skotos_use_by = use_by, jti = "2" };
		local first = login(prosody, opened);
		assert.is_true(first.connected);
		wait_until(use_by);
		assert.is_false(login(prosody, unopened).connected);
		prosody:wait_log { text = "was to be used for the first time until" };
		local again = login(prosody, opened);
		assert.is_true(again.connected);
		first:disconnect();
		again:disconnect();
		-- Its sessions have ended, and the grace after them.
		local gone_by = os.time() + 60;
		repeat local n = tonumber(prosody:lua { code = [[local n = 0 for _ in pairs(prosody.full_sessions) do n = n + 1 ]]
			.. [[end return n]] }.result);
		until n == 0 or os.time() > gone_by;
		wait_until(os.time() + 3);
		assert.is_false(login(prosody, opened).connected);
	end);

	it("ends skotos_token_max_validity after its exp, however often it comes back", function ()
		local exp = os.time() + 5;
		local mine = token { exp = exp, jti = "3" };
		local clients = { login(prosody, mine) };
		assert.is_true(clients[1].connected);
		wait_until(exp + 3);
		clients[2] = login(prosody, mine);
		assert.is_true(clients[2].connected);
		wait_until(exp + 10);
		assert.is_false(login(prosody, mine).connected);
		for _, client in ipairs(clients) do client:disconnect(); end
	end);
end);

describe("what a game asks for", function ()
	for auth, wanted in pairs { token = { 600, nil }, skotos_bridge = { 43200, 600 } } do
		it(("lasts %d s under the login %s"):format(wanted[1], auth), function ()
			local game = rig.game {};
			local prosody = rig.prosody { auth = auth, game_port = game.port };
			game:connected {};
			local claims = rig.call("verify", { token = game:ask(
				{ command = { login = "Bob", channel = "tavern" } }).token }).jose;
			assert.same(wanted, { claims.exp - claims.iat, claims.skotos_use_by and claims.skotos_use_by - claims.iat });
			assert.equal(0, prosody:stop().code);
			game:stop();
		end);
	end
end);

describe("an old server's token, without exp,", function ()
	it("is good until the day that the log shows, and only when it was issued before the upgrade", function ()
		local moment = os.time() - 100;
		local prosody = alone(('skotos_old_tokens_before = %d; skotos_old_tokens_until = "%s"'):format(moment,
			os.date("!%Y-%m-%d")));
		local old = token { exp = false, iat = moment - 1, context = { user = "Bob" } };
		assert.is_true(login(prosody, old).connected);
		assert.is_false(login(prosody, token { exp = false, iat = moment }).connected);
		prosody:wait_log { text = "are good until " .. os.date("!%Y-%m-%d", os.time() + 86400) .. " 00:00 UTC" };
		prosody:reload { options = { host_options = ("skotos_old_tokens_before = %d; skotos_old_tokens_until = %d")
			:format(moment, os.time() - 1) } };
		prosody:wait_log { text = "tokens without exp are refused since" };
		assert.is_false(login(prosody, old).connected);
		assert.equal(0, prosody:stop().code);
	end);
end);

describe("a session", function ()
	it("holds what Jitsi's modules look for, whatever way the token came", function ()
		local prosody = alone "skotos_leeway = 0";
		prosody:lua { code = [[
			prosody.spec = {};
			prosody.events.add_handler("jitsi-pre-session-unbind", function (e) prosody.spec.unbound = e.jid; end);
			module:hook("resource-bind", function (event)
				local s = event.session;
				prosody.spec.bound = table.concat({ tostring(s.jitsi_meet_str_tenant), s.jitsi_meet_auth_issuer,
					tostring(s.jitsi_meet_context_user and s.jitsi_meet_context_user.id), s.user_agent_header or "-" }, " ");
			end);]] };
		local function bound() return prosody:lua { code = "return prosody.spec.bound" }.result; end
		local client = login(prosody, token { context = { tenant = "guild", user = { id = "bob" } } });
		assert.is_true(client.connected);
		assert.truthy(bound():find "^guild skotos bob ");
		client:disconnect();
		local gone_by = os.time() + 60;
		repeat local unbound = prosody:lua { code = "return tostring(prosody.spec.unbound)" }.result; until unbound ~= "nil"
			or os.time() > gone_by;
		assert.equal(client.jid, prosody:lua { code = "return tostring(prosody.spec.unbound)" }.result);
		assert.is_true(login(prosody, token { context = false, user_id = "u-7" }).connected);
		assert.truthy(bound():find "^nil skotos u%-7 ");
		-- The request's header, and that the query goes before it.
		for query, wanted in pairs { ["room=a"] = "header", ["token=query"] = "query" } do
			assert.equal(wanted, prosody:lua { code = ([[
				local session = {};
				prosody.events.fire_event("websocket-session", { session = session, request = { url = { query = "%s" },
					headers = { authorization = "Bearer header" } } });
				return session.auth_token;]]):format(query) }.result);
		end
		assert.equal(0, prosody:stop().code);
	end);
end);

describe("a room that wants tokens (Jitsi's allowUnauthenticatedAccess)", function ()
	it("is shut to who has none, and to another tenant's", function ()
		local prosody = rig.prosody { auth = "skotos_bridge", game_port = 1, host_options = "allow_empty_token = true" };
		local focus = rig.focus(prosody);
		focus:join { room = "tavern", nick = "focus" };
		prosody:lua {
			code =
			[[prosody.hosts["conference.meet.test"].modules.muc
				.get_room_from_jid("tavern@conference.meet.test")._data.allowUnauthenticatedAccess = false]] };
		local cases = { { false, "error" }, { {}, "available" }, { { tenant = "guild" }, "error" } };
		for i, case in ipairs(cases) do
			local context = case[1] and { tenant = case[1].tenant, user = { id = "p" .. i } };
			local client = login(prosody, context and token { context = context });
			local own = client:join { room = "tavern", nick = "p" .. i };
			assert.equal(case[2], own.type);
		end
		assert.equal(0, prosody:stop().code);
	end);
end);

describe("an option by which Jitsi's login fetches keys", function ()
	local cases = {
		["without the rest of the module"] = alone;
		["with the rest of the module"] = function (options) return alone(options, { bridge = true }); end;
		["with what the login brings itself"] = function (options) return alone(options .. "skotos_host = false"); end;
	};
	for where, start in pairs(cases) do
		it("is warned of once, " .. where, function ()
			local prosody = start('asap_key_server = "https://keys.example/"; ');
			prosody:wait_log { text = "asap_key_server is set, and passed over" };
			assert.equal(1, select(2, prosody:log().text:gsub("asap_key_server is set, and passed over", "")));
			assert.equal(0, prosody:stop().code);
		end);
	end
end);

describe("a host that only checks others' tokens", function ()
	it("has the same rooms and moderators", function ()
		local key = os.tmpname();
		os.execute(("openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out %s && openssl pkey -in %s "
			.. "-pubout -out %s.pub"):format(key, key, key));
		local file = assert(io.open(key));
		local private = file:read "a";
		file:close();
		local prosody = rig.prosody { auth = "skotos_bridge", secret_option = " ", -- none
			host_options = ('signature_algorithm = "RS256"; skotos_public_key = "%s.pub"; skotos_host = false'):format(key) };
		local function player(nick, room, claims)
			local all = { iss = "skotos", aud = "jitsi", sub = "meet.test", room = room, exp = os.time() + 600,
				context = { user = { id = nick, name = nick } } };
			for name, value in pairs(claims) do all[name] = value; end
			local its_token = rig.call("token", { payload = all, secret = private, algorithm = "RS256" }).token;
			return select(2, rig.player(prosody, { nick = nick, token = its_token, room = "tavern" }));
		end
		assert.equal("moderator", player("mod", "tavern", { moderator = true }).role);
		assert.equal("participant", player("bob", "tavern", {}).role);
		assert.equal("moderator", player("teacher", "tavern",
			{ context = { user = { id = "teacher", affiliation = "teacher" } } }).role);
		assert.same({ "error", "not-allowed" }, { player("eve", "other", {}).type, player("eva", "other", {}).condition });
		assert.equal(0, prosody:stop().code);
		os.remove(key);
		os.remove(key .. ".pub");
	end);
end);
