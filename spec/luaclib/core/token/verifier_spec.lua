-- The token verifier against tokens made by jsonwebtoken and by hand.
local rig = require "spec.support.rig";
local base64 = require "util.encodings".base64;
local hashes = require "util.hashes";
local bridge = require "skotos_bridge";
local verifier_of = require "spec.support.verifier";

local NOW = 1795511229;

local function b64(s) return (base64.encode(s):gsub("+", "-"):gsub("/", "_"):gsub("=", "")); end

-- A token out of any header and payload text, properly signed.
local function signed(header, payload)
	local input = b64(header) .. "." .. b64(payload);
	return input .. "." .. b64(hashes.hmac_sha256(rig.SECRET, input));
end

local HEADER = '{"alg":"HS256","typ":"JWT"}';
local function payload(o)
	o = o or {};
	return ('{"iss":%s,"aud":%s,"sub":"meet.test","room":%s,"exp":%s%s}'):format(o.iss or '"skotos"', o.aud or '"jitsi"',
		o.room or '"tavern"', o.exp or NOW + 600, o.more or "");
end

local verifier = assert(verifier_of { secrets = { "another-secret-that-is-not-used-any-more", rig.SECRET } });

local good = signed(HEADER, payload());
local bad = {
	{ "one segment", "abc", "malformed" }, { "two segments", good:match("^(.+)%.[^.]+$"), "malformed" },
	{ "a fourth segment", good .. ".x", "malformed" },
	{ "an empty signature", good:match("^(.+%.)[^.]+$"), "malformed" }, { "nothing", "", "malformed" },
	{ "padding", good .. "=", "malformed" },
	{ "white space", good:gsub("%.", ". ", 1), "malformed" }, { "a newline at the end", good .. "\n", "malformed" },
	{ "1 MB", ("a"):rep(1048576), "malformed" },
	{ "standard base64", good:gsub("^(.+)%.", "%1.+"), "malformed" }, { "a JWE", "e30.e30.e30.e30.e30", "malformed" },
	{ "alg none", b64 '{"alg":"none","typ":"JWT"}' .. "." .. b64(payload()) .. ".AA", "algorithm" },
	{ "alg NONE", signed('{"alg":"NONE","typ":"JWT"}', payload()), "algorithm" },
	{ "alg HS512", signed('{"alg":"HS512","typ":"JWT"}', payload()), "algorithm" },
	{ "alg RS256", signed('{"alg":"RS256","typ":"JWT"}', payload()), "algorithm" },
	{ "alg in lower case", signed('{"alg":"hs256","typ":"JWT"}', payload()), "algorithm" },
	{ "no alg", signed('{"typ":"JWT"}', payload()), "algorithm" },
	{ "alg a number", signed('{"alg":256,"typ":"JWT"}', payload()), "algorithm" },
	{ "no typ", signed('{"alg":"HS256"}', payload()), "header" },
	{ "typ at+jwt", signed('{"alg":"HS256","typ":"at+jwt"}', payload()), "header" },
	{ "crit", signed('{"alg":"HS256","typ":"JWT","crit":["exp"]}', payload()), "header" },
	{ "b64 false", signed('{"alg":"HS256","typ":"JWT","b64":false}', payload()), "header" },
	{ "zip", signed('{"alg":"HS256","typ":"JWT","zip":"DEF"}', payload()), "header" },
	{ "nested", signed('{"alg":"HS256","typ":"JWT","cty":"JWT"}', payload()), "header" },
	{ "alg twice", signed('{"alg":"HS256","alg":"none","typ":"JWT"}', payload()), "malformed" },
	{ "a header that is an array", signed("[]", payload()), "malformed" },
	{ "a huge header", signed('{"alg":"HS256","typ":"JWT","x":"' .. ("x"):rep(600) .. '"}', payload()), "malformed" },
	{ "another secret", (function ()
		local i = good:match("^(.+)%.[^.]+$");
		return i .. "." .. b64(hashes.hmac_sha256("x", i));
	end)(), "signature" },
	{ "a short signature", good:sub(1, -4), "signature" },
	{ "a changed payload", HEADER and b64(HEADER) .. "." .. b64(payload { room = '"other"' }) .. good:match("%.[^.]+$"),
	"signature" },
	{ "a payload that is no JSON", signed(HEADER, "hello"), "malformed" },
	{ "a payload that is an array", signed(HEADER, "[]"), "malformed" },
	{ "a claim twice", signed(HEADER, payload { more = ',"room":"other"' }), "malformed" },
	{ "a nested key twice", signed(HEADER, payload { more = ',"context":{"a":1,"a":2}' }), "malformed" },
	{ "a depth bomb", signed(HEADER, payload { more = ',"x":' .. ("["):rep(4000) .. ("]"):rep(4000) }), "malformed" },
	{ "what XML cannot hold in a name", signed(HEADER, payload { more = ',"context":{"user":{"name":"a\u{fffe}"}}' }),
		"malformed" };
	{ "a control character in a name", signed(HEADER, payload { more = ',"context":{"user":{"name":"a\127"}}' }),
		"malformed" };
	{ "an escaped one in an id", signed(HEADER, payload { more = ',"context":{"user":{"id":"\\u007Fa"}}' }), "malformed" };
	{ "what XML cannot hold, escaped, in a feature's name",
		signed(HEADER, payload { more = ',"context":{"features":{"a\\uffff":true}}' }), "malformed" };
	{ "a NUL in a claim", signed(HEADER, payload { room = '"a\\u0000b"' }), "malformed" },
	{ "no issuer", signed(HEADER, '{"aud":"jitsi","room":"a","exp":1795511829}'), "issuer" },
	{ "another issuer", signed(HEADER, payload { iss = '"evil"' }), "issuer" },
	{ "an issuer that is a list", signed(HEADER, payload { iss = '["skotos"]' }), "issuer" },
	{ "another audience", signed(HEADER, payload { aud = '"other"' }), "audience" },
	{ "what stands behind the list of audiences", signed(HEADER,
		'{"iss":"skotos","aud":["x"],"sub":"jitsi","room":"a","exp":1795511829}'), "audience" },
	{ "what stands behind an empty one", signed(HEADER,
		'{"iss":"skotos","aud":[],"sub":"jitsi","room":"a","exp":1795511829}'), "audience" },
	{ "an empty list of audiences", signed(HEADER, payload { aud = "[]" }), "audience" },
	{ "a room that is a number", signed(HEADER, payload { room = "7" }), "room" },
	{ "an empty room", signed(HEADER, payload { room = '""' }), "room" },
	{ "no exp", signed(HEADER, '{"iss":"skotos","aud":"jitsi","sub":"a","room":"a"}'), "claim" },
	{ "exp a string", signed(HEADER, payload { exp = '"1795511829"' }), "claim" },
	{ "no domain", signed(HEADER, '{"iss":"skotos","aud":"jitsi","room":"a","exp":1795511829}'), "subject" },
	{ "exp negative", signed(HEADER, payload { exp = "-1" }), "expired" },
	{ "exp far out", signed(HEADER, payload { exp = "9999999999999" }), "claim" },
	{ "exp past", signed(HEADER, payload { exp = NOW - 11 }), "expired" },
	{ "nbf ahead", signed(HEADER, payload { more = ',"nbf":' .. NOW + 11 }), "not-yet-valid" },
	{ "nbf with a fraction ahead", signed(HEADER, payload { more = ',"nbf":' .. NOW + 10.5 }), "not-yet-valid" },
	{ "nbf a string", signed(HEADER, payload { more = ',"nbf":"x"' }), "claim" },
};

describe("the verifier", function ()
	it("takes what is good", function ()
		for _, token in ipairs {
			good, signed(HEADER, payload { aud = '["x","jitsi"]' }), signed(HEADER, payload { exp = NOW - 9 }),
				signed(HEADER, payload { more = ',"nbf":' .. NOW + 9 });
			signed('{"typ":"JWT","alg":"HS256"}', payload()), signed('{"alg":"HS256","typ":"JWT","kid":"a"}', payload());
			rig.call("token", { payload = { iss = "skotos", aud = "jitsi", sub = "meet.test", room = "tavern",
				exp = NOW + 60 } }).token;
		} do
			local claims, refusal = verifier:verify(token, NOW);
			assert(claims, refusal and refusal.text);
			assert.equal("tavern", claims.room);
		end
	end);

	for _, case in ipairs(bad) do
		it("refuses " .. case[1], function ()
			local claims, refusal = verifier:verify(case[2], NOW);
			assert.is_nil(claims);
			assert.equal(case[3], refusal.code, refusal.text);
			assert.is_nil(refusal.text:find("eyJ", 1, true));
		end);
	end

	for name, value in pairs { crit = '["exp"]', b64 = "false", zip = '"DEF"', cty = '"JWT"' } do
		it("names the member of the header that it does not take: " .. name, function ()
			local refusal = select(2, verifier:verify(signed(('{"alg":"HS256","typ":"JWT","%s":%s}'):format(name, value),
				payload()), NOW));
			assert.equal("header", refusal.code);
			assert.truthy(refusal.text:find("header " .. name .. ":", 1, true), refusal.text);
		end);
	end

	it("refuses a signature's second spelling", function ()
		-- The last character of 43 holds two unused bits: another letter with the same bytes.
		local last = good:sub(-1);
		local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
		local other = alphabet:sub(alphabet:find(last, 1, true) + 1, alphabet:find(last, 1, true) + 1);
		assert.equal("malformed", select(2, verifier:verify(good:sub(1, -2) .. other, NOW)).code);
	end);

	it("pardons expiry, and only that, when told to", function ()
		assert.truthy(verifier:verify(signed(HEADER, payload { exp = NOW - 5000 }), NOW, { ignore_exp = true }));
		assert.is_nil(verifier:verify(signed(HEADER, payload { exp = NOW - 5000, iss = '"evil"' }), NOW,
			{ ignore_exp = true }));
	end);

	it("agrees with the maker", function ()
		local issuer = require "spec.support.issuer"();
		local raw = issuer:reply('{"displayName":"Bob","channel":"tavern","seq":1,"moderator":true}', NOW, 0);
		local claims = verifier:verify(raw:match('"token":"(.-)"'), NOW);
		assert.is_true(bridge.is_moderator(claims));
	end);
end);

-- Made by jsonwebtoken, jose and the openssl command: vectors/make.js.
describe("other people's tokens", function ()
	local json = require "util.json";
	local file = assert(io.open("spec/luaclib/core/token/vectors/tokens.json"));
	local vectors = json.decode(file:read("a"));
	file:close();

	local function verifier_for(o)
		return verifier_of {
			algorithm = o.algorithm, secrets = not o.key and vectors.secrets or nil, public_key = o.key and vectors.keys[o.key];
			issuers = o.issuers, audiences = o.audiences, require_room = o.require_room, leeway = o.leeway, domain = o.domain,
			tenants = o.tenants;
		};
	end

	local count = { ok = 0, bad = 0 };
	for _, case in ipairs(vectors.cases) do
		local kind = case.verdict == "ok" and "ok" or "bad";
		count[kind] = count[kind] + 1;
		it(("by %s: %s is %s"):format(case.maker, case.name, case.verdict), function ()
			local claims, refusal = assert(verifier_for(case.options)):verify(case.token, vectors.now,
				{ ignore_exp = case.options.ignore_exp });
			assert.equal(case.verdict, claims and "ok" or refusal.code, refusal and refusal.text);
			if claims then return; end
			assert.equal(case.verdict == "expired", refusal.expired);
			assert.equal("not-allowed", refusal.condition);
			assert.truthy(#refusal.text > 0 and #refusal.client > 0);
			for segment in case.token:gmatch("[^.]+") do
				if #segment > 8 then assert.is_nil(refusal.text:find(segment, 1, true)); end
			end
			for _, secret in ipairs(vectors.secrets) do assert.is_nil(refusal.text:find(secret, 1, true)); end
		end);
	end

	it("are at least 20 good ones and 60 bad ones", function ()
		assert.is_true(count.ok >= 20 and count.bad >= 60, count.ok .. " good, " .. count.bad .. " bad");
	end);

	it("are checked only with a key of the algorithm's kind", function ()
		local fits = { RS256 = { "rsa", "rsa2" }, RS384 = { "rsa", "rsa2" }, RS512 = { "rsa", "rsa2" },
			ES256 = { "p256", "p256b" }, ES384 = { "p384" }, ES512 = { "p521" } };
		for algorithm, names in pairs(fits) do
			for name in pairs(vectors.keys) do
				local wanted = name == names[1] or name == names[2];
				local made, why = verifier_for { algorithm = algorithm, key = name };
				assert.equal(wanted, made ~= nil, algorithm .. " with " .. name);
				assert.truthy(made or why:find("skotos_public_key", 1, true));
			end
		end
		assert.is_nil((verifier_of { algorithm = "HS256", public_key = vectors.keys.rsa }));
		assert.is_nil((verifier_of { algorithm = "RS256", secrets = vectors.secrets }));
		assert.is_nil((verifier_of { algorithm = "none", secrets = vectors.secrets }));
		assert.is_nil((verifier_of { algorithm = "RS256",
			public_key = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" }));
		assert.is_nil((verifier_of { secrets = "one string" }));
	end);

	it("come back whole, null and all", function ()
		local text = '{"iss":"skotos","aud":"jitsi","sub":"s","room":"r","exp":' .. NOW + 1
			.. ',"a":[1,-2.5,"x\\u00e9\\ud83d\\ude00",true,false,null,{}],"b":{"c":[[]]},"d":-9223372036854775808}';
		local claims, refusal = verifier:verify(signed(HEADER, text), NOW);
		assert(claims, refusal and refusal.text);
		assert.same({ 1, -2.5, "xé😀", true, false, bridge.null, {} }, claims.a);
		assert.equal("integer", math.type(claims.exp));
		assert.same({ c = { {} } }, claims.b);
		assert.equal(math.mininteger, claims.d);
	end);

	it("show what a signature vouches for cut short and escaped", function ()
		local _, refusal = verifier:verify(signed(HEADER, payload { iss = '"a\\nb' .. ("x"):rep(500) .. '"' }), NOW);
		assert.equal("issuer", refusal.code);
		assert.is_nil(refusal.text:find("[%c]"));
		assert.is_true(#refusal.text < 250);
	end);

	it("have a fingerprint each, which tells nothing of them", function ()
		local one, two = bridge.fingerprint(good), bridge.fingerprint(good .. "x");
		assert.equal(32, #one);
		assert.equal(one, bridge.fingerprint(good));
		assert.not_equal(one, two);
		assert.equal(hashes.sha256(good), one);
	end);
end);

describe("a moderator", function ()
	it("is one by boolean true only", function ()
		assert.is_true(bridge.is_moderator { moderator = true });
		assert.is_true(bridge.is_moderator { context = { user = { moderator = true } } });
		for _, value in ipairs { "true", 1, false, {} } do
			assert.is_false(bridge.is_moderator { moderator = value, context = { user = { moderator = true } } });
			assert.is_false(bridge.is_moderator { context = { user = { moderator = value } } });
		end
		assert.is_false(bridge.is_moderator {});
	end);
end);

describe("rooms", function ()
	local cases = {
		{ "tavern", "tavern", nil, true }, { "TaVern", "tavern", nil, true }, { "*", "anything", nil, true },
		{ "tavern", "tavern2", nil, false };
		{ "tavern", "[guild]tavern", "guild", true }, { "tavern", "[guild]tavern", "Guild", true },
		{ "tavern", "[guild]tavern", "other", false };
		{ "[guild]tavern", "[guild]tavern", nil, true }, { "tavern", "[guild]tavern", nil, false },
		{ "", "tavern", nil, false };
		{ "tavern", "[]tavern", "", false }, { "c", "[a]b]c", "a]b", false }, { "b]c", "[a]b]c", "a", true },
		{ "", "", nil, false };
		-- With enable_domain_verification.
		{ "tavern", "tavern", "meet.test", true, "meet.test" }, { "Tavern", "tavern", "Meet.Test", true, "meet.test" },
		{ "*", "tavern", "meet.test", true, "meet.test" };
		{ "tavern", "tavern", "guild", false, "meet.test" }, { "tavern", "tavern", nil, false, "meet.test" },
		{ "*", "tavern", "guild", false, "meet.test" };
		{ "tavern", "[guild]tavern", "guild", true, "meet.test" }, { "*", "[guild]tavern", "guild", true, "meet.test" },
		{ "tavern", "[guild]tavern", "*", true, "meet.test" };
		{ "tavern", "[guild]tavern", "meet.test", false, "meet.test" }, { "*", "[other]tavern", "guild", false, "meet.test" },
		{ "tavern", "tavern", "*", true, "meet.test" };
	};
	for _, case in ipairs(cases) do
		it(("%q and %q (%s of %s) compare as Jitsi does"):format(case[1], case[2], tostring(case[3]), tostring(case[5])),
				function ()
			assert.equal(case[4], bridge.room_matches(case[1], case[2], case[3], case[5]));
		end);
	end
end);
