-- What a session's token says: checked once, and anew where that may have another outcome.
local lib = require "spec.support.lib";

describe("a session's claims", function ()
	local claims, before, verifier, checks;
	local function new_verifier(name)
		return { verify = function (_, token, _, options)
			checks[#checks + 1] = { name, token, options.ignore_exp };
			if token == "bad" then return nil, { code = "signature" }; end
			return { room = token };
		end };
	end
	before_each(function ()
		before = rawget(_G, "prosody");
		claims, checks = lib.load "room/claims", {};
		rawset(_G, "prosody", { hosts = { ["meet.test"] = { users = { name = "token" } }, ["guest.test"] = { users = {
			name = "anonymous" } } }, bare_sessions = {} });
		verifier = new_verifier "one";
		claims.attach { module = { host = "meet.test" }, verifier = function () return verifier; end };
	end);
	after_each(function () rawset(_G, "prosody", before); end);
	local function session(token, host) return { type = "c2s", host = host or "meet.test", auth_token = token }; end

	it("are checked once where the login has let it in, whatever the time is by then", function ()
		local s = session "t";
		assert.same({ room = "t" }, claims.of(s));
		assert.same({ room = "t" }, claims.of(s));
		assert.same({ { "one", "t", true } }, checks);
		s = session "bad";
		for _ = 1, 2 do assert.same({ nil, { code = "signature" } }, { claims.of(s) }); end
		assert.equal(2, #checks);
	end);

	it("are checked anew with another token, and when the secret is another", function ()
		local s = session "t";
		claims.of(s);
		s.auth_token = "u";
		assert.same({ room = "u" }, claims.of(s));
		verifier = new_verifier "two";
		assert.same({ room = "u" }, claims.of(s));
		assert.same({ { "one", "t", true }, { "one", "u", true }, { "two", "u", true } }, checks);
	end);

	it("are checked each time, and expire, where another host's login has let it in", function ()
		local s = session("t", "guest.test");
		for _ = 1, 2 do assert.same({ room = "t" }, claims.of(s)); end
		assert.same({ { "one", "t", false }, { "one", "t", false } }, checks);
		assert.is_nil(s.skotos_verified);
	end);

	it("are none without a token, or without a session", function ()
		assert.same({}, { claims.of(nil) });
		assert.same({}, { claims.of(session(nil)) });
		assert.same({}, checks);
	end);

	it("of somebody are those of a session with a token that holds", function ()
		local hosts = rawget(_G, "prosody");
		assert.is_nil(claims.of_bare "u@meet.test");
		hosts.bare_sessions["u@meet.test"] = { sessions = { a = session(nil), b = session "bad" } };
		assert.is_nil(claims.of_bare "u@meet.test");
		hosts.bare_sessions["u@meet.test"].sessions.c = session "t";
		assert.same({ room = "t" }, claims.of_bare "u@meet.test");
	end);
end);
