-- Each member of a request, of each wrong type and at each bound: the refusal names the member, what came and what is
-- wanted.
local issuer_of = require "spec.support.issuer";
local json = require "util.json";
local bridge = require "skotos_bridge";

local NOW = 1795511229;
local issuer = issuer_of { any_member = true, max_validity = 1000000 };

-- The reply to a request of these members; `false` leaves one of the usual ones out.
local function answer(members)
	local all = { displayName = '"Bob"', channel = '"tavern"' };
	for k, v in pairs(members) do all[k] = v or nil; end
	local parts = {};
	for k, v in pairs(all) do parts[#parts + 1] = ("%q:%s"):format(k, v); end
	return json.decode((issuer:reply("{" .. table.concat(parts, ",") .. "}", NOW, 0):gsub("\n%z$", "")));
end

local values = { { "null", "null" }, { "true", "true" }, { "false", "false" }, { "7", "a number" },
	{ "1.5", "a number with a fraction" },
	{ '"x"', "a string" }, { "[]", "an array" }, { "{}", "an object" } };
-- Which of these, by their place above, a member may be.
local allowed = {
	displayName = { [6] = true }, channel = { [6] = true }, moderator = { [2] = true, [3] = true },
	validFor = { [4] = true }, validUntil = {}, seq = { [4] = true };
	id = { [6] = true }, group = { [6] = true }, email = {}, avatar = {}, features = { [8] = true }, cmd = {};
};

describe("a member of a request", function ()
	it("called seq numbers it only where it stands outermost, sound or not", function ()
		local function reply(text) return json.decode((issuer:reply(text, NOW, 0):gsub("\n%z$", ""))); end
		local sound = reply '{"displayName":"Bob","channel":"tavern","x":{"seq":9}}';
		local unsound = reply '{"seq":3,"displayName":"Bob","channel":"tavern","validFor":"","x":{"seq":9}}';
		assert.is_true(sound.success);
		assert.is_nil(sound.seq);
		assert.same({ false, 3 }, { unsound.success, unsound.seq });
	end);

	for name, good in pairs(allowed) do
		for i, value in ipairs(values) do
			it(("%s may %sbe %s"):format(name, good[i] and "" or "not ", value[1]), function ()
				local reply = answer { [name] = value[1] };
				assert.equal(good[i] or false, reply.success, reply.message);
				if not good[i] then assert.truthy(reply.message:find(name, 1, true), reply.message); end
			end);
		end
	end

	local text = function (n, c) return '"' .. (c or "x"):rep(n) .. '"'; end;
	local bounds = {
		{ "id", text(256), text(257), "1 to 256" }, { "group", text(256), text(257), "1 to 256" },
		{ "displayName", text(128, "\xc3\xa9"), text(129, "\xc3\xa9"), "1 to 128" },
		{ "channel", text(256), text(257), "1 to 256" }, { "channel", '"a @b"', '"a/b"', "no Jitsi page can open" },
		{ "email", '"' .. ("x"):rep(248) .. '@b.com"', '"' .. ("x"):rep(249) .. '@b.com"', "" },
		{ "email", '"a@b"', '"@b"', "an address" },
		{ "email", '"a@b"', '"a@"', "an address" }, { "email", '"a@b"', '"a b@c"', "an address" },
		{ "email", '"a@b"', '"ab"', "an address" },
		{ "email", '"a@b"', '"' .. ("\xc3\xa9"):rep(200) .. '@b"', "an address" },
		{ "avatar", '"https://a.b/c"', '"https://"', "URL" }, { "avatar", '"http://a.b"', '"ftp://a.b"', "URL" },
		{ "avatar", '"http://a.b"', '"http:///b"', "URL" },
		{ "avatar", '"http://a.b"', '"http://a b"', "URL" }, { "avatar", '"http://a.b"', '"http://a\\u007f"', "URL" },
		{ "avatar", '"http://a.b"', '"https://a<b"', "URL" },
		{ "avatar", '"https://' .. ("x"):rep(1016) .. '"', '"https://' .. ("x"):rep(1017) .. '"', "1024" },
		{ "validFor", '"600"', '"6x"', "whole seconds" },
		{ "validFor", '"000000000600"', '"0000000000600"', "whole seconds" }, { "validFor", '"600"', '""', "whole seconds" },
		{ "validFor", '"9"', '":"', "whole seconds" }, { "validFor", '"90"', '"9/"', "whole seconds" },
		{ "validFor", '"1"', '"0"', "at least 1" }, { "validFor", "1", "-1", "at least 1" },
		{ "validUntil", tostring(NOW + 1), "0", "since 1970" },
		{ "seq", "2147483647", "2147483648", "2147483647" }, { "seq", "0", "-1", "0 to" },
		{ "features", '{"a":true,"b":"c"}', '{"a":1}', "true, false or a string" },
		{ "features", '{"a":"' .. ("x"):rep(504) .. '"}', '{"a":"' .. ("x"):rep(505) .. '"}', "513 bytes came, at most 512" },
		{ "displayName", '"a\xc2\xa0b"', '"a\xc2\x85b"', "control character" },
		{ "displayName", '"ab"', '"a\\u007fb"', "control character" },
	};
	for _, case in ipairs(bounds) do
		it(("%s is bounded: %s"):format(case[1], case[3]:sub(1, 40)), function ()
			local name, good, bad, why = table.unpack(case, 1, 4);
			assert.is_true(answer { [name] = good }.success, answer { [name] = good }.message);
			local reply = answer { [name] = bad };
			assert.is_false(reply.success);
			assert.truthy(reply.message:find(name, 1, true) and reply.message:find(why, 1, true), reply.message);
		end);
	end

	-- A stanza with one of these breaks the stream of everybody who gets it.
	for name, form in pairs {
		displayName = '"a%sb"', channel = '"a%sb"', id = '"%s"', group = '"a%s"', email = '"a%s@b.c"',
		avatar = '"https://a.b/%s"';
		features = '{"a":"%s"}', ["features "] = '{"a%s":true}';
	} do
		it("holds nothing that XML cannot: " .. name, function ()
			for _, char in ipairs { "\u{fffe}", "\u{ffff}", "\\uFFFE", "\\u000b", "\\u001f", "\\u0000" } do
				local reply = answer { [name:match("%a+")] = form:format(char) };
				assert.is_false(reply.success, char);
				assert.truthy(reply.message:find(name:match("%a+"), 1, true) or reply.message:find("not JSON", 1, true),
					reply.message);
			end
		end);
	end

	it("that a game may be allowed beside the usual ones is listed", function ()
		assert.same({ "id", "email", "avatar", "validUntil", "group", "features" }, bridge.request_members);
	end);

	it("is missed when it is left out", function ()
		assert.truthy(answer { displayName = false }.message:find("displayName: nothing came", 1, true));
		assert.truthy(answer { channel = false }.message:find("channel: nothing came", 1, true));
		assert.truthy(answer { validFor = "5", validUntil = tostring(NOW + 5) }.message:find("both came", 1, true));
		assert.truthy(answer { validUntil = tostring(NOW) }.message:find("a time after now", 1, true));
		assert.truthy(answer { validUntil = tostring(NOW + 1000001) }.message:find("skotos_token_max_validity", 1, true));
		assert.truthy(answer { cmd = '"jwt_token"' }.success);
	end);

	it("and the request itself is an object, whole and once", function ()
		local function message(bytes) return json.decode((issuer:reply(bytes, NOW, 0):gsub("\n%z$", ""))).message; end
		assert.truthy(message("[]"):find("no object", 1, true));
		assert.truthy(message(""):find("not JSON", 1, true));
		assert.truthy(message('{"a":1,"a":2}'):find("twice", 1, true));
		assert.truthy(message("\xff"):find("not JSON", 1, true));
	end);
end);
