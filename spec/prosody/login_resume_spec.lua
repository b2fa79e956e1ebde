-- A session that is resumed (XEP-0198) by real streams over WebSocket: on which token it goes on, and who may have it.
local rig = require "spec.support.rig";

describe("a session whose connection broke", function ()
	local prosody;
	local rooms = 0;
	setup(function ()
		prosody = rig.prosody { auth = "skotos_bridge", game_port = 1, host_options = "allow_empty_token = true" };
	end);
	teardown(function ()
		local log = prosody:log().text;
		assert.equal(0, prosody:stop().code);
		assert.is_nil(rig.find_token(log), "a token is in the log");
		assert.is_nil(log:find("traceback", 1, true));
	end);

	local function new_room()
		rooms = rooms + 1;
		rig.focus(prosody):join { room = "room" .. rooms, nick = "focus" };
		return "room" .. rooms;
	end

	local function stream(token, more)
		local options = { port = prosody.http, token = token };
		for name, value in pairs(more or {}) do options[name] = value; end
		local one = rig.stream(options);
		assert.is_true(one.allowed);
		return one;
	end

	-- A session on `token` that can be resumed: the stream, its JID, its id.
	local function session(token, more)
		local one = stream(token, more);
		return one, one:bind().jid, one:enable().previd;
	end

	local function sessions_on(token)
		return prosody:lua { code = ([[
			local fingerprint = require "skotos_bridge".fingerprint("%s");
			for _, item in ipairs(module:fire_event("skotos-tokens-in-use")) do
				if item[1] == fingerprint then return item[3]; end
			end]]):format(token) }.result;
	end

	-- Joins with `first`, is cut off, resumes with `second`, leaves and joins again; gives what that join came to.
	local function joins_again(room, first, second)
		local old, _, id = session(first);
		assert.equal("owner", old:join({ room = room, nick = "bob" }).affiliation);
		assert.equal("1", sessions_on(first));
		old:cut();
		local new = stream(second, { previd = id });
		assert.is_true(new:resume({ previd = id }).resumed);
		new:leave { room = room, nick = "bob" };
		return new:join { room = room, nick = "bob" }, new;
	end

	it("goes on with the token that its new connection brought, which is the one in use then", function ()
		local room = new_room();
		local first = rig.token { room = room, name = "bob", moderator = true };
		local second = rig.token { room = room, name = "bob", moderator = false };
		local again, new = joins_again(room, first, second);
		assert.same({ "member", "participant" }, { again.affiliation, again.role });
		assert.same({ "0", "1" }, { sessions_on(first), sessions_on(second) });
		new:cut();
	end);

	it("enters the rooms that the new token opens", function ()
		local room, other = new_room(), new_room();
		local again, new = joins_again(room, rig.token { room = room, name = "bob", moderator = true },
			rig.token { room = other, name = "bob", moderator = true });
		assert.equal("error", again.type);
		assert.equal("owner", new:join({ room = other, nick = "bob" }).affiliation);
	end);

	local NOBODY = { iss = "skotos", aud = "jitsi", sub = "meet.test", room = "*" };
	local function nobodys(fields)
		local payload = { exp = os.time() + 600 };
		for _, claims in ipairs { NOBODY, fields } do
			for name, value in pairs(claims) do payload[name] = value; end
		end
		return rig.call("token", { payload = payload }).token;
	end

	local bob, anybody = rig.token { room = "*", name = "bob", moderator = true }, nobodys { moderator = true, jti = "1" };
	local newer = rig.token { room = "*", name = "bob", exp = os.time() + 900 };
	local cases = {
		["by its token"] = { bob, bob, true };
		["by another token of the same person"] = { bob, newer, true };
		["by its token, which names nobody"] = { anybody, anybody, true };
		["without a token, as it began"] = { nil, nil, true };
		["by another person's token"] = { bob, rig.token { room = "*", name = "eve" }, false };
		["by another token that names nobody"] = { anybody, nobodys { jti = "2" }, false };
		["by a token that names nobody, of a person's"] = { bob, anybody, false };
		["by a person's token, of one that names nobody"] = { anybody, bob, false };
		["without a token, of a person's"] = { bob, nil, false };
		["without a token, of one whose token names nobody"] = { anybody, nil, false };
		["by a token, of a guest's without one"] = { nil, bob, false };
	};
	for what, case in pairs(cases) do
		it(("is %s %s"):format(case[3] and "resumed" or "not resumed", what), function ()
			local old, jid, id = session(case[1]);
			old:cut();
			local new = stream(case[2], { previd = id });
			assert.equal(case[3], new:resume({ previd = id }).resumed);
			if not case[3] then assert.not_equal(jid:match "^[^@]+", new:bind().jid:match "^[^@]+"); end
			new:cut();
		end);
	end

	it("keeps its name to itself where the one who brings its id does not go on with it", function ()
		local room = new_room();
		local plain, jid, id = session(rig.token { room = room, name = "bob" });
		assert.equal("member", plain:join({ room = room, nick = "plain" }).affiliation);
		local _, mods = session(rig.token { room = room, name = "bob", moderator = true }, { previd = id });
		assert.not_equal(jid:match "^[^@]+", mods:match "^[^@]+");
	end);

	it("is not another's whom another module has given its name", function ()
		prosody:lua { code = [[module:hook_global("pre-jitsi-authentication", function (session)
			return session.customusername;
		end);]] };
		local old, _, id = session(bob, { customusername = "known" });
		old:cut();
		local function resumed(token)
			return stream(token, { customusername = "known" }):resume({ previd = id }).resumed;
		end
		assert.same({ false, true }, { resumed(rig.token { room = "*", name = "eve" }), resumed(newer) });
	end);
end);
