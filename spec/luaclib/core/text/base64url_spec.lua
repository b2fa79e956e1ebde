-- base64url: RFC 4648 sections 5 and 10, RFC 7515 appendix C.
local rig = require "spec.support.rig"; -- luacheck: ignore 211 (sets the paths to Prosody's libraries)
local base64 = require "util.encodings".base64;
local probes = require "skotos_probes";

local known = {
	{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy" };
	{ "\3\236\255\224\193", "A-z_4ME" }, -- RFC 7515 appendix C
	{ "\251\255\191", "-_-_" }, { "\0", "AA" }, { "\255", "_w" }, { "\255\255", "__8" };
};

describe("base64url", function ()
	for _, case in ipairs(known) do
		it(("knows %q"):format(case[2]), function ()
			assert.equal(case[2], probes.base64url_encode(case[1]));
			assert.equal(case[1], probes.base64url_decode(case[2]));
		end);
	end

	for _, text in ipairs {
		"Zg==", "Zm8=", "=", "Z", "Zm9vY", "Zm9v ", " Zm9v", "Zm9v\n", "Zm 9", "Zm9\0", "+-_-", "/-_-", "Zm9*", "Zm9\195",
		"\255\255\255\255", "Zh", "Zv", "Zm9vYh", "Zm9", "Zm-", "__9", "A=AA";
	} do
		it(("refuses %q"):format(text), function () assert.is_nil(probes.base64url_decode(text)); end);
	end

	it("agrees with Prosody's base64 at every length, and has one spelling for all bytes", function ()
		local bytes = {};
		for n = 1, 300 do
			bytes[n] = string.char((n * 167 + 13) % 256);
			local text = table.concat(bytes);
			local encoded = probes.base64url_encode(text);
			assert.equal((base64.encode(text):gsub("+", "-"):gsub("/", "_"):gsub("=", "")), encoded);
			assert.equal(text, probes.base64url_decode(encoded));
		end
	end);

	it("takes exactly one last character of two, and of three, for given bytes", function ()
		local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
		local taken = { ["Z"] = 0, ["Zm"] = 0 };
		for front in pairs(taken) do
			for c in alphabet:gmatch(".") do
				local bytes = probes.base64url_decode(front .. c);
				if bytes then
					taken[front] = taken[front] + 1;
					assert.equal(front .. c, probes.base64url_encode(bytes));
				end
			end
		end
		assert.same({ ["Z"] = 4, ["Zm"] = 16 }, taken);
	end);
end);
