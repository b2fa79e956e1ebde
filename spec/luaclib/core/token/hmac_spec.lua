-- HMAC with SHA-2: RFC 4231's test cases, RFC 7515 appendix A.1, and Prosody's own.
local rig = require "spec.support.rig";
local hashes = require "util.hashes";
local probes = require "skotos_probes";

local function hex(bytes) return (bytes:gsub(".", function (c) return ("%02x"):format(c:byte()); end)); end

-- RFC 4231 section 4: name, key, data, then what SHA-256, SHA-384 and SHA-512 give.
local known = {
	{ "test case 1", ("\11"):rep(20), "Hi There",
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
		"afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
		"87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
			.. "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" };
	{ "test case 2", "Jefe", "what do ya want for nothing?",
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		"af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
		"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
			.. "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" };
	{ "test case 3", ("\170"):rep(20), ("\221"):rep(50),
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
		"88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
		"fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
			.. "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb" };
	{ "test case 6 (a key longer than a block)", ("\170"):rep(131),
		"Test Using Larger Than Block-Size Key - Hash Key First",
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
		"4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
		"80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
			.. "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" };
};

describe("HMAC", function ()
	for _, case in ipairs(known) do
		for i, digest in ipairs { "SHA256", "SHA384", "SHA512" } do
			it(("with %s: RFC 4231, %s"):format(digest, case[1]), function ()
				assert.equal(case[3 + i], hex(probes.hmac(digest, case[2], case[3])));
			end);
		end
	end

	it("gives the same again from a key that was used before", function ()
		assert.equal(known[2][4], hex(probes.hmac("SHA256", "Jefe", known[2][3], 5)));
	end);

	it("signs RFC 7515's example (appendix A.1)", function ()
		local key = probes.base64url_decode(
			"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
		local input = probes.base64url_encode('{"typ":"JWT",\r\n "alg":"HS256"}') .. "."
			.. probes.base64url_encode('{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}');
		assert.equal("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
			probes.base64url_encode(probes.hmac("SHA256", key, input)));
		local verifier = require "spec.support.verifier" { secrets = { key }, issuers = { "joe" }, audiences = { "*" },
			require_room = false };
		local token = input .. ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
		-- All of it holds but that the example has no audience, which Jitsi wants.
		assert.equal("audience", select(2, verifier:verify(token, 1300819000)).code);
		assert.equal("signature", select(2, verifier:verify(token:gsub("dBj", "eBj"), 1300819000)).code);
	end);

	it("agrees with Prosody's, for keys and data of many lengths", function ()
		for n = 1, 200, 7 do
			local key, data = rig.SECRET:rep(n):sub(1, n), ("data"):rep(n);
			assert.equal(hashes.hmac_sha256(key, data), probes.hmac("SHA256", key, data));
			assert.equal(hashes.hmac_sha512(key, data), probes.hmac("SHA512", key, data));
		end
	end);
end);
