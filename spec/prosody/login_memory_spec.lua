-- 10,000 logins with distinct tokens, in the server itself: SASL, resource, end; memory bounded, no descriptor left.
local rig = require "spec.support.rig";

local LOGINS = [[
	local sm, um = require "core.sessionmanager", require "core.usermanager";
	local jwt = require "util.jwt";
	local first, count = %d, %d;
	local done = 0;
	for i = first, first + count - 1 do
		local now = os.time();
		local token = jwt.sign("%s", { iss = "skotos", aud = "jitsi", sub = "meet.test", room = "room" .. i,
			exp = now + 600, nbf = now, iat = now,
			context = { user = { id = "p" .. i, name = "p" .. i } } });
		local session = { type = "c2s_unauthed", host = "meet.test", send = function () end, log = function () end,
			close = function () end, auth_token = token };
		local handler = um.get_sasl_handler("meet.test", session);
		handler:select("ANONYMOUS");
		if handler:process("") == "success" and sm.make_authenticated(session,
			handler.username) and sm.bind_resource(session, nil) then done = done + 1; end
		sm.destroy_session(session);
	end
	return done;
]];

local function memory(prosody)
	return tonumber(prosody:lua {
		code = [[collectgarbage() collectgarbage() return math.floor(collectgarbage("count"))]] }.result);
end

describe("10,000 logins with distinct tokens", function ()
	it("leave nothing but their fingerprints, and no descriptor", function ()
		local prosody = rig.prosody { auth = "skotos_bridge", game_port = 1 };
		local function log_in(first, count)
			assert.equal(tostring(count), prosody:lua { code = LOGINS:format(first, count, rig.SECRET) }.result);
		end
		log_in(1, 500);
		local before, open = memory(prosody), rig.descriptors(prosody);
		for first = 501, 9501, 1000 do log_in(first, math.min(1000, 10001 - first)); end
		local grown = memory(prosody) - before;
		-- A fingerprint with its entry takes some 250 bytes; 512 are allowed for each of 9,500.
		assert.is_true(grown < 9500 * 512 / 1024, grown .. " KiB more");
		assert.is_true(rig.descriptors(prosody) <= open, "descriptors were left");
		assert.equal("0", prosody:lua { code = "local n = 0 for _, s in pairs(prosody.full_sessions) do if s.host == "
			.. "'meet.test' then n = n + 1 end end return n" }.result);
		assert.equal(0, prosody:stop().code);
	end);
end);
