-- The JSON reader, by way of a token's claims: what it reads, value for value, and what it refuses.
local rig = require "spec.support.rig";
local base64 = require "util.encodings".base64;
local hashes = require "util.hashes";
local new_verifier = require "spec.support.verifier";
local wrong_with = require "skotos_probes".json;

local NOW = 1795511229;
local verifier = new_verifier { secrets = { rig.SECRET }, issuers = { "i" }, audiences = { "a" } };

local function b64(s) return (base64.encode(s):gsub("+", "-"):gsub("/", "_"):gsub("=", "")); end

-- The claims of a signed token whose payload is `text`, or nil and why not.
local function claims_of(text)
	local input = b64 '{"alg":"HS256","typ":"JWT"}' .. "." .. b64(text);
	local claims, refusal = verifier:verify(input .. "." .. b64(hashes.hmac_sha256(rig.SECRET, input)), NOW);
	return claims, refusal and refusal.text;
end

local CLAIMS = ('"iss":"i","aud":"a","sub":"s","room":"r","exp":%d'):format(NOW + 60);
-- The value that `text` stands for, in a list of one; nil and why not.
local function read(text)
	local claims, why = claims_of(("{%s,\"x\":[%s]}"):format(CLAIMS, text));
	return claims and claims.x, why;
end

describe("the JSON reader", function ()
	local sound = {
		{ "true", true }, { "false", false }, { " \t\r\n7 \t\r\n", 7 };
		{ "0", 0 }, { "-0", 0 }, { "10", 10 }, { "-19", -19 }, { "1234567890", 1234567890 };
		{ "9223372036854775807", math.maxinteger }, { "-9223372036854775808", math.mininteger };
		{ "0.5", 0.5 }, { "-0.25", -0.25 }, { "10.75", 10.75 }, { "1e2", 100.0 }, { "1E+2", 100.0 }, { "25e-2", 0.25 }, {
			"1.5e0", 1.5 };
		{ "0." .. ("9"):rep(38), 1.0 };
		{ '""', "" }, { '"a"', "a" }, { [["\"\\\/\n\t"]], '"\\/\n\t' };
		{ [["\u0041\u007a"]], "Az" }, { [["\u00e9\u00C9"]], "\u{e9}\u{c9}" }, { [["\u00aA\uABCD"]], "\u{aa}\u{abcd}" }, {
			'"a b"', "a b" }, { [["\u07ff\u0800"]], "\u{7ff}\u{800}" };
		{ [["\u20ac\uFfFd"]], "\u{20ac}\u{fffd}" }, { [["\ud800\udc00"]], "\u{10000}" }, { [["\uD83D\uDc09\udbff\udffd"]],
			"\u{1f409}\u{10fffd}" };
		{ [["\ud7ff\ue000"]], "\u{d7ff}\u{e000}" }, { [["\u00a0"]], "\u{a0}" };
		{ '"\u{e9}\u{20ac}\u{1f409}\u{10000}\u{7ff}"', "\u{e9}\u{20ac}\u{1f409}\u{10000}\u{7ff}" };
		{ "[]", {} }, { "{}", {} }, { "[ 1 , [ 2 ] , { } ]", { 1, { 2 }, {} } };
		{ '{ "a" : 1 , "b" : { "a" : [ "c" ] } , "ab" : 2 }', { a = 1, b = { a = { "c" } }, ab = 2 } };
		{ '{"":0,"\\u0061\\u00e9":1,"n":[[],[{}]]}', { [""] = 0, ["a\u{e9}"] = 1, n = { {}, { {} } } } };
	};
	for _, case in ipairs(sound) do
		it("reads " .. case[1]:gsub("%c", "?"):sub(1, 40), function ()
			local list = assert(read(case[1]));
			assert.same({ case[2] }, list);
			assert.equal(math.type(case[2]), math.type(list[1]));
		end);
	end

	it("reads null as a value of its own", function ()
		assert.equal("userdata", type(assert(read "null")[1]));
	end);

	it("keeps the values of a list in their order and apart", function ()
		local texts, wanted = {}, {};
		for _, case in ipairs(sound) do texts[#texts + 1], wanted[#wanted + 1] = case[1], case[2]; end
		assert.same(wanted, assert(read(table.concat(texts, ","))));
	end);

	-- Not JSON, whatever stands behind it.
	local unsound = {
		"", "tru", "truE", "trueish", "nul", "False", "NaN", "Infinity", "undefined", "'a'", "/**/1", "\0", "\v1", "\u{a0}1";
		"-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e2", "1e", "1e+", "1E-", "1ex", "0x10", "1 2", "--1", "1e2.5";
		'"', '"a', '"\\"', [["\x"]], [["\a"]], [["\u12"]], [["\u12g4"]], [["\u 123"]], [["\u/000"]], [["\u:000"]],
			[["\u@000"]], [["\uG000"]], [["\u`000"]];
		'"\n"', '"\31"', '"\0"', '"a" "b"', '"\\';
		[["\ud800"]], [["\udc00"]], [["\udfff"]], [["\udbff"]], [["\ud800\ud800"]], [["\udc00\udc00"]], [["\ud800\u0041"]],
			[["\ud800\ue000"]], [["\ud800\udbff"]];
		[["\ud800 \udc00"]], [["\ud800/udc00"]], [["\ud800\ndc00"]], [["\ud800\udc0"]], [["\udc00\ud800"]];
		"[", "]", "[1,]", "[,1]", "[1 2]", "[1;2]", "[1}", "{]", "{1:2}", '{"a"}', '{"a":}', '{"a" 1}', '{"a":1,}',
			'{,"a":1}', '{"a":1 "b":2}', '{"a",1}', '{a:1}';
	};
	for _, text in ipairs(unsound) do
		it("refuses " .. text:gsub("%c", "?"), function ()
			local list, why = read(text == "" and "1," or text);
			assert.is_nil(list);
			assert.truthy(why:find("is no JSON", 1, true), why);
		end);
	end

	it("refuses each text that ends early, and what stands behind the whole", function ()
		local whole = ("{%s,\"x\":[true,null,1.5e1,\"\\u00e9\\ud83d\\udc09\",{\"b\":[]}]}"):format(CLAIMS);
		assert(claims_of(whole));
		assert(claims_of(" " .. whole .. " \n"));
		for len = 0, #whole - 1 do assert.is_nil((claims_of(whole:sub(1, len))), len); end
		for _, behind in ipairs { "}", "{}", ",", "1", "\0" } do assert.is_nil((claims_of(whole .. behind)), behind); end
		for _, case in ipairs(sound) do
			local text = '{"x":' .. case[1];
			assert.is_nil(wrong_with(text .. "}"));
			for len = 0, #text do assert.equal("is no JSON", wrong_with(text:sub(1, len))); end
			for len = 1, #case[1] do
				local why = wrong_with(case[1]:sub(1, len));
				assert.truthy(why == "is no JSON" or why == "is no JSON object" or len == #case[1] and why == nil, why);
			end
		end
	end);

	it("takes an object alone for claims", function ()
		for _, text in ipairs { "[]", "1", "true", "null", '"{}"', "[{}]" } do assert.equal("is no JSON object",
			wrong_with(text)); end
		assert.is_nil(wrong_with "{}");
	end);

	local too_much = {
		{ "9223372036854775808", "too large" }, { "-9223372036854775809", "too large" }, { "18446744073709551616",
			"too large" };
		{ "1e400", "too large" }, { "0." .. ("9"):rep(39), "too long" };
		{ '{"a":1,"b":2,"a":3}', "twice" }, { '{"b":{},"a":1,"\\u0061":3}', "twice" }, { '{"a":{"b":1},"a":{"b":1}}',
			"twice" };
		{ '"\u{fffe}"', "XML" }, { [["\uffff"]], "XML" }, { [["\u0001"]], "XML" }, { [["\u0000"]], "XML" }, { [["\b"]],
			"XML" }, { [["\f"]], "XML" }, { [["\r"]], "XML" }, { [["\u007f"]], "XML" };
		{ '{"\\uffff":1}', "XML" };
	};
	for _, case in ipairs(too_much) do
		it(("refuses %s: %s"):format(case[1], case[2]), function ()
			local list, why = read(case[1]);
			assert.is_nil(list);
			assert.truthy(why:find(case[2], 1, true), why);
		end);
	end

	-- Overlong, beyond Unicode, surrogates, cut, a lone continuation; the least and the greatest of each length are sound.
	for _, bytes in ipairs { "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80";
		"\xed\xa0\x80", "\xed\xbf\xbf", "\x80", "\xbf", "\xc3", "\xe2\x82", "\xf0\x9f\x90", "\xc3\x41", "\xe2\x41\xac",
			"\xe2\x82\x41", "\xf0\x9f\x90\x41", "\xff", "\xc3\xc3" } do
		it("refuses the bytes " .. bytes:gsub(".", function (c) return ("%02x "):format(c:byte()); end) .. "as UTF-8",
			function ()
			for _, text in ipairs { '"' .. bytes .. '"', '"a' .. bytes .. 'b"', '{"' .. bytes .. '":1}' } do
				local list, why = read(text);
				assert.is_nil(list);
				assert.truthy(why:find("is not UTF-8", 1, true), why);
			end
		end);
	end
	for _, c in ipairs { 0xa0, 0x7ff, 0x800, 0xfff, 0x1000, 0xd7ff, 0xe000, 0xfffd, 0x10000, 0x3fffd, 0x40000, 0xfffff,
		0x100000, 0x10fffd } do
		it(("reads U+%04X, plain and escaped"):format(c), function ()
			local text, unit = utf8.char(c), c - 0x10000;
			local escaped = c < 0x10000 and ("\\u%04x"):format(c) or ("\\u%04x\\u%04x"):format(0xd800 + (unit >> 10),
				0xdc00 + (unit & 0x3ff));
			assert.same({ text, text }, assert(read(('"%s","%s"'):format(text, escaped))));
			-- Each byte behind the first one has to be a continuation.
			for i = 2, #text do
				for _, byte in ipairs { "A", "\xc3", "\xff", '\\"' } do
					assert.is_nil((read('"' .. text:sub(1, i - 1) .. byte .. text:sub(i + 1) .. '"')));
				end
			end
		end);
	end

	it("takes what nests 16 deep, and refuses 17", function ()
		local function nested(deep, open, close) return open:rep(deep) .. close:rep(deep); end
		-- The claims' object and the list around the value are two.
		assert(read(nested(14, "[", "]")));
		assert(read(nested(13, '{"a":', "}"):gsub(":}", ":{}}", 1)));
		assert(read(nested(14, "[", "]") .. "," .. nested(14, "[", "]")));
		for _, text in ipairs { nested(15, "[", "]"), (nested(14, '{"a":', "}"):gsub(":}", ":{}}", 1)) } do
			local list, why = read(text);
			assert.is_nil(list);
			assert.truthy(why:find("deeper than 16", 1, true), why);
		end
	end);

	it("takes 512 values, and refuses 513", function ()
		-- The claims and the list around these are seven.
		assert.equal(505, #assert(read(("1,"):rep(504) .. "1")));
		local list, why = read(("1,"):rep(505) .. "1");
		assert.is_nil(list);
		assert.truthy(why:find("more than 512", 1, true), why);
	end);
end);
