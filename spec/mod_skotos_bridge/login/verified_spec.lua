-- Whose token a login has checked.
local verified = dofile "mod_skotos_bridge/skotos_bridge/login/verified.lib.lua";

describe("a session's token", function ()
	local before;
	before_each(function ()
		before = rawget(_G, "prosody");
		rawset(_G, "prosody", { hosts = { ["meet.test"] = { users = { name = "skotos_bridge" } }, ["jitsi.test"] = { users = {
			name = "token" } } } });
	end);
	after_each(function () rawset(_G, "prosody", before); end);

	local function session(change)
		local s = { type = "c2s", host = "meet.test", auth_token = "t" };
		for name, value in pairs(change or {}) do s[name] = value or nil; end
		return s;
	end

	it("was checked by the login that marked it, while it is the same", function ()
		local s = session();
		assert.is_false(verified.by_login(s, "meet.test"));
		verified.mark(s, "meet.test");
		assert.is_true(verified.by_login(s, "meet.test"));
		s.auth_token = "another";
		assert.is_false(verified.by_login(s, "meet.test"));
	end);

	it("was not checked by another host's login, nor where there is none", function ()
		local s = session();
		verified.mark(s, "elsewhere.test");
		assert.is_false(verified.by_login(s, "meet.test"));
		s = session { host = "jitsi.test" };
		verified.mark(s, "jitsi.test");
		assert.is_false(verified.by_login(s, "meet.test"));
		assert.is_true(verified.by_login(s, "jitsi.test"));
		s.auth_token = nil;
		assert.is_false(verified.by_login(s, "jitsi.test"));
	end);

	it("was checked by Jitsi's login, which leaves no mark, on whatever is let in to its host", function ()
		assert.is_true(verified.by_login(session { host = "jitsi.test" }, "jitsi.test"));
		for _, change in ipairs { { type = "s2sin" }, { type = "c2s_unauthed" }, { host = "guest.test" }, {
			auth_token = false } } do
			if not change.host then change.host = "jitsi.test"; end
			assert.is_false(verified.by_login(session(change), "jitsi.test"));
		end
	end);
end);
