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
		assert.same({ { "b" }, { "*" }, "d", 10, true },
			{ options.issuers, options.audiences, options.domain, options.leeway, options.require_room });
		assert.same({ "a" }, verifier_options.read(host {}, "a", { STRONG }, "d").issuers);
		assert.is_nil(verifier_options.read(host { enable_domain_verification = false }, "a", { STRONG }, "d").domain);
	end);

	it("take a public key from where Jitsi's login takes it", function ()
		local pem = "-----BEGIN PUBLIC KEY-----\n";
		assert.equal(pem, verifier_options.read(host { signature_algorithm = "RS256", app_secret = pem }, "a", nil,
			"d").public_key);
		assert.equal(pem .. "x", verifier_options.read(host { signature_algorithm = "RS256", app_secret = pem,
			skotos_public_key = pem .. "x" }, "a", nil, "d").public_key);
	end);

	it("take a public key from a file, and say what is wrong with that", function ()
		local path = os.tmpname();
		finally(function () os.remove(path); end); -- luacheck: ignore 113
		local function with(text)
			local file = assert(io.open(path, "w"));
			file:write(text);
			file:close();
			local options, why = verifier_options.read(host { signature_algorithm = "ES256", skotos_public_key = path }, "a",
				nil, "d");
			return options and options.public_key, why;
		end
		local pem = "-----BEGIN PUBLIC KEY-----\nx\n";
		assert.equal(pem, with(pem));
		for _, text in ipairs { "", "x", "BEGIN PUBLIC KEY", "-BEGIN PUBLIC KEY-" } do
			assert.same({ nil, ("skotos_public_key = %q: the file holds no PEM"):format(path) }, { with(text) });
		end
		for _, value in ipairs { "/nowhere/key.pem", "-BEGIN", path .. ".other" } do
			local options, why = verifier_options.read(host { signature_algorithm = "ES256", skotos_public_key = value }, "a",
				nil, "d");
			assert.is_nil(options);
			assert.equal(1, why:find("skotos_public_key: ", 1, true));
		end
		for _, options in ipairs { {}, { app_secret = "-BEGIN PUBLIC KEY" }, { skotos_public_key = "" },
				{ skotos_public_key = 7, app_secret = pem } } do
			options.signature_algorithm = "RS512";
			local why = select(2, verifier_options.read(host(options), "a", nil, "d"));
			assert.truthy(why:find("a PEM public key, or the path of a file with one, is wanted", 1, true), why);
		end
	end);

	it("know which algorithms have a public key, and which have a secret", function ()
		local pem = "-----BEGIN PUBLIC KEY-----\n";
		for _, name in ipairs { "RS256", "RS384", "RS512", "ES256", "ES384", "ES512" } do
			local module = host { signature_algorithm = name, skotos_public_key = pem, asap_key_server = "x" };
			local options = verifier_options.read(module, "a", { STRONG }, "d");
			assert.same({ true, name, pem, false }, { verifier_options.is_keyed(module), options.algorithm, options.public_key,
				options.secrets ~= nil });
			assert.truthy(verifier_options.fetched_keys(module):find("with skotos_public_key only", 1, true));
		end
		for _, name in ipairs { "HS256", "HS384", "HS512" } do
			local module = host { signature_algorithm = name, skotos_public_key = pem, asap_key_server = "x" };
			local options = verifier_options.read(module, "a", { STRONG }, "d");
			assert.same({ false, name, false, { STRONG } },
				{ verifier_options.is_keyed(module), options.algorithm, options.public_key ~= nil, options.secrets });
			assert.truthy(verifier_options.fetched_keys(module):find("with app_secret or skotos_secret_file only", 1, true));
		end
		for _, name in ipairs { "none", "HS257", "PS256" } do
			local why = select(2, verifier_options.read(host { signature_algorithm = name }, "a", { STRONG }, "d"));
			assert.truthy(why:find(('signature_algorithm = "%s": HS256, HS384'):format(name), 1, true), why);
		end
	end);

	it("bound the leeway, and the times of old tokens", function ()
		for _, value in ipairs { 0, 300 } do
			assert.equal(value, verifier_options.read(host { skotos_leeway = value }, "a", { STRONG }, "d").leeway);
		end
		for _, value in ipairs { -1, 301, 1.5, "x" } do
			local why = select(2, verifier_options.read(host { skotos_leeway = value }, "a", { STRONG }, "d"));
			assert.truthy(why:find("skotos_leeway", 1, true) and why:find("0 to 300", 1, true), why);
		end
		local far = 1 << 53;
		for _, value in ipairs { 0, 1, far } do
			assert.same({ value, value }, { verifier_options.old_tokens(host { skotos_old_tokens_before = value,
				skotos_old_tokens_until = value }) });
		end
		for _, value in ipairs { -1, far + 1, math.mininteger } do
			assert.is_nil((verifier_options.old_tokens(host { skotos_old_tokens_before = value, skotos_old_tokens_until = 9 })));
			assert.is_nil((verifier_options.old_tokens(host { skotos_old_tokens_before = 9, skotos_old_tokens_until = value })));
		end
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
		local options = verifier_options.read(host { skotos_old_tokens_before = 1795511229,
			skotos_old_tokens_until = "2026-12-31" }, "a", { STRONG }, "d");
		assert.same({ 1795511229, 1798761600 }, { options.old_before, options.old_until });
		assert.truthy(verifier_options.old_tokens_note(options, 1798761599):find("good until 2027-01-01 00:00 UTC", 1, true));
		assert.truthy(verifier_options.old_tokens_note(options, 1798761600):find("refused since 2027-01-01 00:00 UTC", 1,
			true));
		assert.is_nil(verifier_options.old_tokens_note(verifier_options.read(host {}, "a", { STRONG }, "d"), 0));
	end);
end);
