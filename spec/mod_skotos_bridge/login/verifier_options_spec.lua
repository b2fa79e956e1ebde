-- Which tokens are let in, out of the options of a host.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
_G.prosody = { paths = {} }; -- luacheck: ignore 122
local lib = require "spec.support.lib";
local verifier_options = lib.load "login/verifier_options";

local STRONG = ("s"):rep(32);
local host = lib.host;

describe("the options of the check", function ()
	it("want a known algorithm, a key where it needs one, a leeway in its bounds", function ()
		assert.is_nil((verifier_options.read(host { signature_algorithm = "none" }, "a", { STRONG }, "d")));
		assert.is_nil((verifier_options.read(host { signature_algorithm = "RS256" }, "a", nil, "d")));
		assert.is_nil((verifier_options.read(host { skotos_leeway = 301 }, "a", { STRONG }, "d")));
		local options = verifier_options.read(host { asap_accepted_issuers = { "b" } }, "a", { STRONG }, "d");
		assert.same({ { "b" }, { "*" }, "d", 10, true }, { options.issuers, options.audiences, options.domain, options.leeway, options.require_room });
		assert.same({ "a" }, verifier_options.read(host {}, "a", { STRONG }, "d").issuers);
		assert.is_nil(verifier_options.read(host { enable_domain_verification = false }, "a", { STRONG }, "d").domain);
	end);

	it("take a public key from where Jitsi's login takes it", function ()
		local pem = "-----BEGIN PUBLIC KEY-----\n";
		assert.equal(pem, verifier_options.read(host { signature_algorithm = "RS256", app_secret = pem }, "a", nil, "d").public_key);
		assert.equal(pem .. "x", verifier_options.read(host { signature_algorithm = "RS256", app_secret = pem, skotos_public_key = pem .. "x" }, "a", nil, "d").public_key);
	end);

	it("warn of keys that would be fetched", function ()
		for _, name in ipairs { "asap_key_server", "cache_keys_url" } do
			assert.truthy(verifier_options.fetched_keys(host { [name] = "https://keys.example/" }):find(name, 1, true));
		end
		assert.is_nil(verifier_options.fetched_keys(host {}));
	end);

	local wrong = {
		{ { skotos_old_tokens_before = 5 }, "both" }, { { skotos_old_tokens_until = "2026-12-31" }, "both" };
		{ { skotos_old_tokens_before = "x", skotos_old_tokens_until = 9 }, "seconds since 1970" };
		{ { skotos_old_tokens_before = 5, skotos_old_tokens_until = "2026-13-45" }, "YYYY-MM-DD" };
		{ { skotos_old_tokens_before = 5, skotos_old_tokens_until = "soon" }, "YYYY-MM-DD" };
	};
	for _, case in ipairs(wrong) do
		it("want both times of old tokens, and times: " .. case[2], function ()
			local options, why = verifier_options.read(host(case[1]), "a", { STRONG }, "d");
			assert.is_nil(options);
			assert.truthy(why:find(case[2], 1, true), why);
		end);
	end

	it("say until when old tokens are good, and when that is over", function ()
		local options = verifier_options.read(host { skotos_old_tokens_before = 1795511229, skotos_old_tokens_until = "2026-12-31" }, "a", { STRONG }, "d");
		assert.same({ 1795511229, 1798761600 }, { options.old_before, options.old_until });
		assert.truthy(verifier_options.old_tokens_note(options, 1798761599):find("good until 2027-01-01 00:00 UTC", 1, true));
		assert.truthy(verifier_options.old_tokens_note(options, 1798761600):find("refused since 2027-01-01 00:00 UTC", 1, true));
		assert.is_nil(verifier_options.old_tokens_note(verifier_options.read(host {}, "a", { STRONG }, "d"), 0));
	end);
end);
