-- When a token is good: the game's wish and the evening's end, old tokens without any, and what is pardoned.
local rig = require "spec.support.rig";
local issuer_of = require "spec.support.issuer";
local verifier_of = require "spec.support.verifier";
local base64 = require "util.encodings".base64;
local hashes = require "util.hashes";
local json = require "util.json";

local NOW = 1795511229;

local function b64(s) return (base64.encode(s):gsub("+", "-"):gsub("/", "_"):gsub("=", "")); end

local function token_of(claims)
	local all = { iss = "skotos", aud = "jitsi", sub = "meet.test", room = "tavern" };
	for name, value in pairs(claims) do all[name] = value; end
	local input = b64 '{"alg":"HS256","typ":"JWT"}' .. "." .. b64(json.encode(all));
	return input .. "." .. b64(hashes.hmac_sha256(rig.SECRET, input));
end

local function verifier(options)
	local all = { leeway = 0 };
	for name, value in pairs(options or {}) do all[name] = value; end
	return assert(verifier_of(all));
end

describe("a token's time", function ()
	local function made(options, request)
		local issuer = issuer_of { session_validity = options };
		local raw = issuer:reply(('{"displayName":"Bob","channel":"tavern","seq":1%s}'):format(request or ""), NOW, 0);
		return verifier():verify(raw:match '"token":"(.-)"', NOW);
	end

	it("is an evening, with the game's wish beside it", function ()
		local claims = made(43200);
		assert.same({ NOW + 43200, NOW + 600 }, { claims.exp, claims.skotos_use_by });
		claims = made(43200, ',"validFor":86400');
		assert.same({ NOW + 86400, nil }, { claims.exp, claims.skotos_use_by });
	end);

	it("is the game's wish where Jitsi's own login checks it", function ()
		local claims = made(0);
		assert.same({ NOW + 600, nil }, { claims.exp, claims.skotos_use_by });
	end);

	local evening = { exp = NOW + 43200, skotos_use_by = NOW + 600 };
	local plain = { exp = NOW + 600 };
	local cases = {
		-- what, claims, when, pardon, verdict
		{ "a new link", evening, 599, 0, "ok" }, { "a link that was never opened", evening, 600, 0, "expired" },
		{ "one in use comes back", evening, 3600, 86400, "ok" };
		{ "one in use comes back after its exp", evening, 43200 + 86400, 86400, "ok" },
		{ "but not for ever", evening, 43200 + 86401, 86400, "expired" };
		{ "without a claim of ours", plain, 600, 0, "expired" }, { "without it, in use", plain, 600 + 86400, 86400, "ok" };
		{ "without it, in use for too long", plain, 600 + 86401, 86400, "expired" };
		{ "a claim of ours that is text", { exp = NOW + 600, skotos_use_by = "x" }, 0, 0, "claim" };
		{ "used late, and expired", { exp = NOW + 10, skotos_use_by = NOW + 600 }, 11, 0, "expired" };
	};
	for _, case in ipairs(cases) do
		it(case[1] .. ": " .. case[5], function ()
			local claims, refusal = verifier():verify(token_of(case[2]), NOW + case[3], { pardon = case[4] });
			assert.equal(case[5], claims and "ok" or refusal.code);
		end);
	end

	it("says how long ago it ended", function ()
		local _, unused = verifier():verify(token_of(evening), NOW + 607, { pardon = 0 });
		local _, expired = verifier():verify(token_of(plain), NOW + 607, { pardon = 0 });
		assert.truthy(unused.text:find("for the first time until 7 s ago", 1, true), unused.text);
		assert.truthy(expired.text:find("expired 7 s ago", 1, true), expired.text);
	end);
end);

describe("an old token without exp", function ()
	local old = verifier { old_before = NOW, old_until = NOW + 86400 };
	local cases = {
		{ "issued before the upgrade", { iat = NOW - 1 }, 0, "ok" }, { "issued after it", { iat = NOW }, 0, "claim" },
		{ "issued nobody knows when", {}, 0, "claim" };
		{ "issued in words", { iat = "then" }, 0, "claim" }, { "on the last day", { iat = NOW - 1 }, 86399, "ok" },
		{ "after it", { iat = NOW - 1 }, 86400, "claim" };
		{ "that has one", { iat = NOW - 1000, exp = NOW - 1 }, 0, "expired" };
	};
	for _, case in ipairs(cases) do
		it(case[1] .. ": " .. case[4], function ()
			local claims, refusal = old:verify(token_of(case[2]), NOW + case[3]);
			assert.equal(case[4], claims and "ok" or refusal.code);
		end);
	end

	it("is refused without the options", function ()
		assert.equal("claim", select(2, verifier():verify(token_of { iat = NOW - 1 }, NOW)).code);
	end);
end);

describe("an RSA key", function ()
	it("has an exponent of at least 65537", function ()
		for exponent, good in pairs { [3] = false, [65537] = true } do
			local pipe = io.popen(("openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt "
				.. "rsa_keygen_pubexp:%d | openssl pkey -pubout"):format(exponent));
			local pem = pipe:read "a";
			pipe:close();
			local made, why = verifier_of { algorithm = "RS256", public_key = pem };
			assert.equal(good, made ~= nil, why);
			if not good then assert.truthy(why:find("65537", 1, true)); end
		end
	end);
end);
