-- Request bytes in, reply bytes out, through the C core alone.
local rig = require "spec.support.rig";
local json = require "util.json";
local base64 = require "util.encodings".base64;
local issuer = require "spec.support.issuer";
local parted = require "spec.support.parted";
local probes = require "skotos_probes";

local NOW = 1795511229;

local function request(name, o)
	o = o or {};
	return ('{ "cmd": "jwt_token", "displayName": "%s", "channel": "%s", "moderator": %s, "validFor": %s, "seq": %s }')
		:format(name, o.channel or "tavern", o.moderator or "false", o.valid_for or "600", o.seq or "7");
end

local function answer(bytes, p, size)
	local raw = (p or issuer()):reply(bytes, NOW, size or 0);
	return json.decode((raw:gsub("\n%z$", ""))), raw;
end

local function claims(reply)
	local part = reply.token:match("^[^.]+%.([^.]+)%."):gsub("-", "+"):gsub("_", "/");
	return json.decode(base64.decode(part .. ("="):rep(-#part % 4)));
end

describe("a request", function ()
	it("gets the token that Jitsi's modules read, and nothing else", function ()
		local reply = answer(request("Bob"));
		assert.equal(7, reply.seq);
		assert.is_true(reply.success);
		assert.same({
			iss = "skotos", aud = "jitsi", sub = "meet.test", room = "tavern", iat = NOW, nbf = NOW, exp = NOW + 600,
			moderator = false;
			context = { user = { id = "Bob", name = "Bob", moderator = false, affiliation = "member" } };
		}, claims(reply));
	end);

	it("is answered with seq, success and token first, as the game scans", function ()
		local _, raw = answer(request("Bob"));
		assert.truthy(raw:match('^{"seq":7,"success":true,"token":"[%w_.-]+",'));
		local _, failed = answer(request(""));
		assert.truthy(failed:match('^{"seq":7,"success":false,"token":"",'));
	end);

	it("never gives a player another's token, wherever the game's reads part the frames", function ()
		local frames, tokens, count = {}, {}, 0;
		for seq = 17, 20 do
			local reply, raw = answer(request(seq == 19 and "" or "Bob" .. seq, { seq = seq }), nil, 8192);
			frames[#frames + 1], tokens[seq] = raw, reply.token;
		end
		parted(frames, function (seq, token)
			assert.equal(tokens[seq], token);
			count = count + 1;
		end);
		assert.is_true(count > 0.9 * 8192 * 3, count);
	end);

	it("is answered with exactly the frame that is asked for", function ()
		for _, size in ipairs { 1024, 8192, 65536 } do
			local reply, raw = answer(request("Bob"), nil, size);
			assert.equal(size, #raw);
			assert.is_true(reply.success);
		end
	end);

	it("whose token does not fit the frame fails, and says so", function ()
		local bytes = request(("\xc3\xa9"):rep(128), { channel = ("r"):rep(256) });
		local reply, raw = answer(bytes, nil, 1024);
		assert.equal(1024, #raw);
		assert.is_false(reply.success);
		assert.truthy(reply.message:find("does not fit", 1, true));
	end);

	it("makes tokens that jsonwebtoken and jose accept, claim for claim", function ()
		local p = issuer();
		for _, name in ipairs { "Bob", "J\xc3\xb6rg", "\xf0\x9f\x98\x80", "\xe9l\xe8ve" } do
			local raw = p:reply(request(name), os.time(), 0);
			local token = raw:match('"token":"(.-)"');
			local seen = rig.call("verify", { token = token });
			assert.same(seen.jose, seen.jsonwebtoken);
			assert.equal("tavern", seen.jose.room);
			assert.equal(seen.jose.iat + 600, seen.jose.exp);
			assert.equal(name == "\xe9l\xe8ve" and "\xc3\xa9l\xc3\xa8ve" or name, seen.jose.context.user.name);
		end
	end);

	local refused = {
		{ "a duplicate key", request('x", "moderator": true, "q": "'), "twice" },
		{ "a member that the game never sends", request('x", "validUntil": 9999999999, "q": "'), "validUntil" },
		{ "an id", request('x", "id": "somebody", "q": "'), '"id"' },
		{ "an e-mail", request('x", "email": "a@b.c", "q": "'), '"email"' },
		{ "an avatar", request('x", "avatar": "https://x", "q": "'), '"avatar"' },
		{ "a trailing backslash", request("a\\"), "not JSON" },
		{ "a tab", request("a\tb"), "not JSON" },
		{ "a newline and a second object", request("a\n{}"), "not JSON" },
		{ "a name that is written another way", request("Sko\\u0074t"), "a backslash" },
		{ "a channel that is written another way", request("Bob", { channel = "\\u0074avern" }), "a backslash" },
		{ "an escape in what is asked for", (request("Bob"):gsub("jwt_token", "jwt_\\u0074oken")), "a backslash" },
		{ "an escape in a member's name", (request("Bob"):gsub('"validFor"', '"valid\\u0046or"')), "a backslash" },
		{ "an escaped NUL", request("\\u0000"), "a backslash" },
		{ "a lone surrogate", request("\\ud800"), "not JSON" },
		{ "no name", request(""), "0 characters" },
		{ "129 characters", request(("x"):rep(129)), "129 characters" },
		{ "a room that no page opens", request("Bob", { channel = "a/b" }), "channel" },
		{ "the wildcard room", request("Bob", { channel = "*" }), "skotos_allow_wildcard_room" },
		{ "the wildcard room encoded", request("Bob", { channel = "%2A" }), "every room" },
		{ "the wildcard room in full width", request("Bob", { channel = "\u{FF0A}" }), "every room" },
		{ "every room of a tenant", request("Bob", { channel = "[x]*" }), "every room" },
		{ "a validity of nothing", request("Bob", { valid_for = "0" }), "validFor" },
		{ "a validity with a fraction", request("Bob", { valid_for = "1.5" }), "validFor" },
		{ "a validity beyond the limit", request("Bob", { valid_for = "86401" }), "skotos_token_max_validity" },
		{ "moderator as a string", request("Bob", { moderator = '"true"' }), "moderator" },
		{ "an unknown command", (request("Bob"):gsub("jwt_token", "jwt_tokens")), "jwt_tokens" },
		{ "a command that is switched off", (request("Bob"):gsub("jwt_token", "kick")), "skotos_commands" },
	};
	for _, case in ipairs(refused) do
		it("with " .. case[1] .. " is refused at once, by name and with its number", function ()
			local reply = answer(case[2]);
			assert.equal(7, reply.seq);
			assert.is_false(reply.success);
			assert.equal("", reply.token);
			assert.truthy(reply.message:find(case[3], 1, true), reply.message);
		end);
	end

	it("that is refused has the number of its own member \"seq\", whatever else reads like one", function ()
		for _, more in ipairs { [["more": { "seq": 9 }]], [["channel": "\"seq\": 9"]] } do
			local bytes = '{ "cmd": "jwt_token", "seq": 7, "displayName": "", "validFor": 600, ' .. more .. " }";
			local reply = answer(bytes, issuer { any_member = true });
			assert.same({ 7, false }, { reply.seq, reply.success });
		end
	end);

	it("is JSON for a listener's caller, who writes names as JSON has them", function ()
		local own = issuer { any_member = true };
		assert.equal('Sko"t\\', claims(answer(request('Sk\\u006f\\"t\\\\'), own)).context.user.name);
		assert.truthy(answer(request("\\u0000"), own).message:find("control character", 1, true));
	end);

	it("gets no more than the policy allows", function ()
		assert.is_true(claims(answer(request("Bob", { moderator = "true" }))).moderator);
		local strict = issuer { allow_moderator_tokens = false };
		assert.is_false(answer(request("Bob", { moderator = "true" }), strict).success);
		local named = issuer { moderators = { "Skott" }, allow_moderator_tokens = false };
		assert.is_true(claims(answer(request("Skott"), named)).moderator);
		assert.equal("owner", claims(answer(request("Skott"), named)).context.user.affiliation);
		local walled = issuer { rooms = { "dev-*", "Hall" } };
		assert.is_true(answer(request("Bob", { channel = "DEV-1" }), walled).success);
		assert.is_true(answer(request("Bob", { channel = "hall" }), walled).success);
		assert.is_false(answer(request("Bob", { channel = "hall2" }), walled).success);
		assert.is_false(answer(request("Bob", { channel = "xdev-1" }), walled).success);
		local wild = issuer { allow_wildcard_room = true };
		assert.equal("*", claims(answer(request("Bob", { channel = "*" }), wild)).room);
		for _, channel in ipairs { "%2A", "%2a", "\u{FF0A}", "\u{FE61}", "[x]*", "[x]%2A", "[x]\u{FE61}" } do
			assert.is_false(answer(request("Bob", { channel = channel }), wild).success);
		end
	end);

	-- SkotOS lower-cases the ASCII letters of account names, and nothing else: "Skott" asks as "skott".
	local moderators = { "Skott", "zo\u{CB}", "O'Neil Mc", "Bob\x92s" };
	for name, is_moderator in pairs {
		skott = true, SKOTT = true, ["zo\u{CB}"] = true, ["ZO\u{CB}"] = true, ["o'neil mc"] = true, ["bob\x92s"] = true;
		["zo\xCB"] = false, ["bob\u{2019}s"] = false; -- the same letters, but other bytes: other accounts
		["zo\u{EB}"] = false, ["zoE\u{308}"] = false, ["zo\xEB"] = false;
		skot = false, skotts = false, s = false, ["skott "] = false, [" skott"] = false, ["skott\u{200B}"] = false,
		["\u{17F}kott"] = false;
		["o'neil"] = false;
	} do
		it(("as %q is %s moderator by a list with \"Skott\", as the game compares"):format(name,
				is_moderator and "a" or "no"), function ()
			local named = issuer { moderators = moderators, allow_moderator_tokens = false };
			assert.equal(is_moderator, claims(answer(request(name), named)).moderator);
		end);
	end

	for name, person in pairs {
		["zo\u{EB}"] = { "zo\u{EB}", "zo\u{EB}" }, ["zo\xEB"] = { "zo\u{EB}", "zo\\xeb" },
		["Bob\x92s"] = { "Bob\u{2019}s", "Bob\\x92s" };
		["\x80\xFF"] = { "\u{20AC}\u{FF}", "\\x80\\xff" };
	} do
		it(("as %q has the name and the id of that account alone, in Windows-1252 where it is not UTF-8"):format(name),
				function ()
			local user = claims(answer(request(name))).context.user;
			assert.same(person, { user.name, user.id });
		end);
	end
	for _, byte in ipairs { "\x81", "\x8D", "\x9D" } do
		it(("with %q, which stands for nothing, is refused"):format(byte), function ()
			assert.truthy(answer(request("Bob" .. byte)).message:find("control character", 1, true));
		end);
	end

	it("may send the members that the administrator lists", function ()
		local p = issuer { request_members = { "id", "avatar" } };
		local user = claims(answer(request('x", "id": "u1", "avatar": "https://a.b/c.png'), p)).context.user;
		assert.equal("u1", user.id);
		assert.equal("https://a.b/c.png", user.avatar);
		assert.is_false(answer(request('x", "avatar": "javascript:x'), p).success);
	end);
end);

describe("a read of several requests", function ()
	it("gets their replies in their order, each as it gets it alone, and nothing for what has not ended", function ()
		local p, requests, alone = issuer(), {}, {};
		for i, name in ipairs { "Ann", "", "Cyril", 'x", "moderator": true, "q": "' } do
			requests[i] = request(name, { seq = tostring(i) });
			alone[i] = p:reply(requests[i], NOW, 2048);
		end
		local all = probes.answer_all(p, table.concat(requests, "\0") .. "\0" .. request("Late", { seq = "5" }), NOW, 2048);
		assert.equal(table.concat(alone), all);
		assert.equal(4 * 2048, #all);
		assert.equal("", probes.answer_all(p, "", NOW, 0));
	end);
end);
