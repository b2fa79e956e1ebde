-- Commands as bytes: what they may hold, and that no reply or event can be misread by a game's scan.
local issuer_of = require "spec.support.issuer";
local parted = require "spec.support.parted";
local bridge = require "skotos_bridge";
local json = require "util.json";

local function issuer(o)
	o = o or {};
	if o.commands == nil then o.commands = true; end
	return issuer_of(o);
end

local all = issuer();

describe("a command", function ()
	local sound = {
		{ '"cmd":"set_moderator","channel":"hall","id":"bob","moderator":true',
			{ cmd = "set_moderator", channel = "hall", id = "bob", moderator = true } };
		{ '"cmd":"kick","channel":"hall","displayName":"Bob","reason":"","banFor":0',
			{ cmd = "kick", channel = "hall", displayName = "Bob", banFor = 0 } };
		{ '"cmd":"mute","channel":"hall","id":"bob","media":"video","muted":false',
			{ cmd = "mute", channel = "hall", id = "bob", media = "video", muted = false } };
		{ '"cmd":"mute","channel":"hall","id":"bob","media":"desktop","muted":true',
			{ cmd = "mute", channel = "hall", id = "bob", media = "desktop", muted = true } };
		{ '"cmd":"say","channel":"hall","text":"one\\ntwo\\t\\"three\\""',
			{ cmd = "say", channel = "hall", text = 'one\ntwo\t"three"' } };
		{ '"cmd":"rooms"', { cmd = "rooms" } };
		{ '"cmd":"admit","channel":"hall","id":"bob"', { cmd = "admit", channel = "hall", id = "bob" } };
		{ '"cmd":"deny","channel":"hall","displayName":"Bob","reason":"no","banFor":60',
			{ cmd = "deny", channel = "hall", displayName = "Bob", reason = "no", banFor = 60 } };
		{ '"cmd":"end","channel":"hall","reason":"Ren\xe9"', { cmd = "end", channel = "hall", reason = "Ren\u{e9}" } };
		{ '"cmd":"subscribe","events":["joined","left"]', { cmd = "subscribe" } };
		{ '"cmd":"subscribe","events":[],"channel":"hall"', { cmd = "subscribe", channel = "hall" } };
	};
	for _, case in ipairs(sound) do
		it("is read: " .. case[1]:gsub("\xe9", "?"), function ()
			assert.same(case[2], (assert(bridge.command(all, "{" .. case[1] .. ',"seq":3}'))));
		end);
	end

	local unsound = {
		{ '"cmd":"kick","channel":7,"id":"bob"', "channel: a number came, a string is wanted" };
		{ '"cmd":"kick","channel":"*","id":"bob"', 'channel: "*" came, one room is wanted' };
		{ '"cmd":"kick","channel":"a/b","id":"bob"', "no Jitsi page can open" };
		{ '"cmd":"move","channel":"hall","id":"bob","to":"%2A"', 'to: "%2A" came, which no Jitsi page can open: "*" stands' };
		{ '"cmd":"kick","channel":"hall"', "id, displayName: nothing came, kick wants one of them" };
		{ '"cmd":"kick","channel":"hall","id":"a","displayName":"b"', "id, displayName: both came, one of them is wanted" };
		{ '"cmd":"admit","channel":"hall"', "id, displayName: nothing came, admit wants one of them" };
		{ '"cmd":"deny","channel":"hall"', "id, displayName: nothing came, deny wants one of them" };
		{ '"cmd":"mute","channel":"hall","media":"audio","muted":true',
			"id, displayName: nothing came, mute wants one of them" };
		{ '"cmd":"move","channel":"hall","to":"bell"', "id, displayName: nothing came, move wants one of them" };
		{ '"cmd":"set_moderator","channel":"hall","moderator":true',
			"id, displayName: nothing came, set_moderator wants one of them" };
		{ '"cmd":"admit","channel":"hall","id":"bob","reason":"x"',
			'"reason": admit has no such member, its members are channel, id, displayName' };
		{ '"cmd":"kick","id":"bob"', "channel: nothing came, kick wants it" };
		{ '"cmd":"kick","channel":"hall","id":"bob","banFor":-1', "banFor: -1 came, 0 to 315360000 seconds are wanted" };
		{ '"cmd":"kick","channel":"hall","id":"bob","banFor":1.5',
			"banFor: a number with a fraction came, a whole number of seconds is wanted" };
		{ '"cmd":"kick","channel":"hall","id":"bob","banFor":"60"',
			"banFor: a string came, a whole number of seconds is wanted" };
		{ '"cmd":"kick","channel":"hall","id":"bob","reason":"a\\u0007b"',
			"reason: a character that cannot be shown came at byte 2" };
		{ '"cmd":"say","channel":"hall","text":"\\uffff"', "text: a character that cannot be shown came at byte 1" };
		{ '"cmd":"say","channel":"hall","text":""', "text: 0 characters came, 1 to 4000 are wanted" };
		{ '"cmd":"set_moderator","channel":"hall","id":"bob","moderator":"yes"',
			"moderator: a string came, true or false is wanted" };
		{ '"cmd":"mute","channel":"hall","id":"bob","media":"smell","muted":true',
			'media: "smell" came, "audio", "video" or "desktop" is wanted' };
		{ '"cmd":"mute","channel":"hall","id":"bob","media":"audio","muted":1',
			"muted: a number came, true or false is wanted" };
		{ '"cmd":"subscribe","events":"joined"', "events: a string came, a list of strings is wanted" };
		{ '"cmd":"subscribe","events":["joind"]', 'events: "joind" came, the events are joined, left, moderator, '
			.. 'room_opened, room_closed, said, hand, muted, speaking, renamed and knocking' };
		{ '"cmd":"ping","channel":"hall"', '"channel": ping has no such member, its members are cmd and seq only' };
		{ '"cmd":"end","channel":"hall","moderator":false',
			'"moderator": end has no such member, its members are channel, reason' };
		{ '"cmd":"dance"', 'cmd: "dance" came, "jwt_token" is wanted' };
		{ '"cmd":7', "cmd: no string came" };
		{ '"cmd":"ping","cmd":"ping"', "holds a member twice" };
	};
	for _, case in ipairs(unsound) do
		it("is refused, and the refusal says why: " .. case[1], function ()
			local command, why = bridge.command(all, "{" .. case[1] .. ',"seq":3}');
			assert.is_nil(command);
			assert.is_truthy(why:find(case[2], 1, true), why);
		end);
	end

	-- Each member with a value of each type that it may not have.
	local full = {
		set_moderator = { channel = '"hall"', id = '"bob"', moderator = "true" };
		kick = { channel = '"hall"', displayName = '"Bob"', reason = '"noise"', banFor = "60" };
		mute = { channel = '"hall"', id = '"bob"', media = '"audio"', muted = "true" };
		move = { channel = '"hall"', id = '"bob"', to = '"bell"', validFor = "60" };
		say = { channel = '"hall"', text = '"hey"', from = '"Skott"' };
		occupants = { channel = '"hall"', cursor = '"n1"' };
		subscribe = { channel = '"hall"', events = '["left"]' };
	};
	local types = { ["null"] = "null", ["true"] = "boolean", ["7"] = "number", ["1.5"] = "fraction", ['"x"'] = "string",
		["[]"] = "list", ["{}"] = "object", ["[7]"] = "list of numbers" };
	local takes = { moderator = "boolean", muted = "boolean", banFor = "number", validFor = "number", events = "list" };
	for cmd, members in pairs(full) do
		it(cmd .. " refuses a member of the wrong type by its name", function ()
			local function send(changed, value)
				local parts = { ('"cmd":"%s","seq":3'):format(cmd) };
				for name, v in pairs(members) do parts[#parts + 1] = ('"%s":%s'):format(name, name == changed and value or v); end
				return bridge.command(all, "{" .. table.concat(parts, ",") .. "}");
			end
			assert(send());
			for name in pairs(members) do
				for value, kind in pairs(types) do
					if kind ~= (takes[name] or "string") then
						local command, why = send(name, value);
						assert.is_nil(command, name .. value);
						assert.equal(1, why:find(name, 1, true), why);
					end
				end
			end
		end);
	end

	local bounds = {
		{ "kick", "id", ("x"):rep(256), ("x"):rep(257) },
		{ "kick", "displayName", ("\\u00e9"):rep(128), ("\\u00e9"):rep(129) },
		{ "say", "from", ("x"):rep(128), ("x"):rep(129) },
		{ "say", "text", ("x"):rep(4000), ("x"):rep(4001) }, { "say", "text", "\\uffef", "\\uffff" },
		{ "say", "text", "\\ufffd", "\\ufffe" }, { "say", "text", "a\\t\\n", "a\\r" },
		{ "say", "text", "~", "\\u007f" }, { "mute", "media", "video", "vide0" }, { "mute", "media", "audio", "video2" },
		{ "mute", "media", "desktop", "desk" }, { "occupants", "cursor", "n", "" }, { "move", "to", "bell", "*" },
		{ "say", "text", "\\u5fff", "x\\uffff" }, { "say", "channel", ("x"):rep(256), ("x"):rep(257) },
		{ "say", "displayName", "\\u00a0", "\\u0080" },
	};
	for _, case in ipairs(bounds) do
		it(("%s bounds its %s: %s"):format(case[1], case[2], case[4]:sub(1, 20)), function ()
			local usual = { kick = { channel = "hall" }, say = { channel = "hall", text = "hey" },
				mute = { channel = "hall", id = "b" }, move = { channel = "hall", id = "b", to = "bell" },
				occupants = { channel = "hall" } };
			local function send(value)
				local members = {};
				for name, v in pairs(usual[case[1]]) do members[name] = v; end
				members[case[2]] = value;
				local parts = { ('"cmd":"%s","seq":3'):format(case[1]), case[1] == "mute" and '"muted":true' or nil };
				for name, v in pairs(members) do parts[#parts + 1] = ('"%s":"%s"'):format(name, v); end
				if case[1] == "kick" and not members.id and not members.displayName then parts[#parts + 1] = '"id":"b"'; end
				return bridge.command(all, "{" .. table.concat(parts, ",") .. "}");
			end
			assert(send(case[3]));
			local command, why = send(case[4]);
			assert.is_nil(command);
			assert.equal(1, why:find(case[2], 1, true), why);
		end);
	end
	for _, case in ipairs { { "banFor", "kick", "0", "-1" }, { "banFor", "kick", "315360000", "315360001" },
			{ "validFor", "move", "1", "0" } } do
		it(("%s takes seconds of %s from %s on, or up to it"):format(case[2], case[1], case[3]), function ()
			local function send(seconds)
				return bridge.command(all, ('{"cmd":"%s","channel":"hall","id":"b","seq":3%s,"%s":%s}'):format(case[2],
					case[2] == "move" and ',"to":"bell"' or "", case[1], seconds));
			end
			assert.equal(math.tointeger(case[3]), assert(send(case[3]))[case[1]]);
			assert.is_nil((send(case[4])));
		end);
	end

	it("names a person once, or nobody when all are meant", function ()
		assert(bridge.command(all, '{"cmd":"say","channel":"hall","text":"hey","seq":3}'));
		local command, why = bridge.command(all,
			'{"cmd":"say","channel":"hall","text":"hey","id":"a","displayName":"b","seq":3}');
		assert.is_nil(command);
		assert.truthy(why:find("both came", 1, true), why);
	end);

	it("needs a number", function ()
		assert.is_truthy(select(2, bridge.command(all, '{"cmd":"ping"}')):find("seq: nothing came", 1, true));
		for seq, why in pairs { ['"x"'] = "a string came", ["1.5"] = "a number with a fraction came", ["-1"] = "-1 came",
				["2147483648"] = "2147483648 came" } do
			assert.is_truthy(select(2, bridge.command(all, ('{"cmd":"ping","seq":%s}'):format(seq))):find("seq: " .. why, 1,
				true));
			assert.is_truthy(select(2, bridge.read_command(('{"cmd":"ping","seq":%s}'):format(seq))):find("seq: " .. why, 1,
				true));
		end
	end);

	it("that is switched off says which line turns it on", function ()
		for _, commands in ipairs { false, { "say", "ping" } } do
			local command, why = bridge.command(issuer { commands = commands },
				'{"cmd":"kick","channel":"hall","id":"b","seq":1}');
			assert.is_nil(command);
			assert.is_truthy(why:find("skotos_commands = true, or a list with its name, turns it on", 1, true), why);
		end
		assert.is_table((bridge.command(issuer { commands = { "say", "ping" } }, '{"cmd":"ping","seq":1}')));
	end);

	it("is never answered with a token", function ()
		local frame = all:reply('{"cmd":"ping","seq":1}');
		assert.equal(1, frame:find('{"seq":1,"success":false,"token":"","guard":{"seq":1,"token":""},"message":"cmd: a '
			.. "command came", 1, true));
	end);

	it("touches the game's own rooms only", function ()
		local limited = issuer { rooms = { "hall*" } };
		assert.is_table((bridge.command(limited, '{"cmd":"move","channel":"Hall1","id":"b","to":"hall2","seq":1}')));
		for _, members in ipairs { '"channel":"tavern","id":"b","to":"hall2"', '"channel":"hall1","id":"b","to":"tavern"' } do
			local command, why = bridge.command(limited, '{"cmd":"move",' .. members .. ',"seq":1}');
			assert.is_nil(command);
			assert.is_truthy(why:find('"tavern" came, which matches none of this game\'s rooms', 1, true), why);
		end
		assert.is_nil((bridge.command(limited, '{"cmd":"subscribe","channel":"tavern","events":[],"seq":1}')));
	end);
end);

-- What avchat.c's scan takes for the reply's number: behind the first of these bytes.
local function scanned(frame) return frame:match('"seq":(%-?%d+)'); end

describe("a reply to a command", function ()
	local function reply(result, size)
		return select(2, assert(bridge.command(all, '{"cmd":"occupants","channel":"hall","seq":17}', result, size or 8192)));
	end

	it("fills one frame, its number first, and cannot be misread whatever a name holds", function ()
		for _, name in ipairs { '"seq":5', '"seq":5,"success":true,"token":"x"', 'a\\"seq":5', "\\u0022seq\\u0022:5",
				"\0\1\127", "Ren\xe9", "\u{1F409}" } do
			local frame = reply { success = false, message = name, occupants = { { occupant = name, displayName = name } } };
			assert.equal(8192, #frame);
			assert.equal("17", scanned(frame));
			assert.is_nil(frame:find('"seq":', frame:find('"seq":', 1, true) + 1, true));
			assert.is_nil(frame:find('"success":true', 1, true));
			assert.equal(1, frame:find('{"seq":17,"success":false,"message":', 1, true));
		end
	end);

	it("is cut where an item ends, with a cursor to ask on with", function ()
		local occupants = {};
		for i = 1, 300 do
			occupants[i] = { occupant = ("n%03d"):format(i), displayName = ("x"):rep(i % 40 + 1), muted = { "audio" } };
		end
		local frame = reply { success = true, occupants = occupants };
		assert.equal(8192, #frame);
		local last = frame:match('},{"occupant":"(n%d+)"[^{]*}%],"more":true,"cursor":"%1"');
		assert.is_truthy(last);
		assert.is_nil(frame:find(("n%03d"):format(tonumber(last:sub(2)) + 1), 1, true));
		assert.is_nil(reply({ success = true, occupants = { occupants[1] } }):find('"more"', 1, true));
	end);

	it("with a token gives it to nobody else, wherever the game's reads part the frames", function ()
		local frames, tokens, count = {}, {}, 0;
		for seq = 17, 21 do
			local bytes = ('{"cmd":"move","channel":"hall","id":"b","to":"tavern","seq":%d}'):format(seq);
			local grant = seq ~= 19 and { name = "Bob" .. seq, id = "b" .. seq } or nil; -- and one without
			local frame = select(2, assert(bridge.command(all, bytes, { success = true, grant = grant, to = "tavern" },
				8192)));
			assert.equal("tavern", json.decode((frame:gsub("\n%z$", ""))).to);
			frames[#frames + 1], tokens[seq] = frame, frame:match '"token":"([^"]+)"';
		end
		parted(frames, function (seq, token)
			assert.equal(tokens[seq], token);
			count = count + 1;
		end);
		assert.is_true(count > 0.9 * 8192 * 4, count);
	end);

	it("that does not fit says so", function ()
		local frame = reply({ success = true, occupants = { { occupant = ("o"):rep(900) } } }, 1024);
		assert.equal(1024, #frame);
		assert.is_truthy(frame:find(
			'"success":false,"message":"the answer does not fit a reply; a larger skotos_reply_size is wanted"', 1, true));
	end);

	it("raises an error for what no reply may hold: a mistake in this module", function ()
		assert.has_error(function () reply { success = true, secret = "x" }; end);
		assert.has_error(function () reply { success = true, count = function () end }; end);
	end);

	it("raises an error for what another server may have sent in its place, and reads no memory that is not its own",
			function ()
		for _, words in ipairs { { 12345678901234567 }, { "audio", 1.5 }, { {} }, { true } } do
			assert.has_error(function () reply { success = true, occupants = { { occupant = "a", muted = words } } }; end);
			assert.has_error(function () bridge.event({ event = "joined", channel = "hall", muted = words }, 8192); end);
		end
		-- Lua would make a new string of a number, which is freed while it is written.
		assert.is_truthy(reply({ success = true, message = 12345678901234567 }):find('"message":"OK"', 1, true));
		assert.has_error(function () reply { success = true, occupants = { { occupant = 12345678901234567 } } }; end);
		for _, count in ipairs { 1.5, 1e300, -1e300, 1 / 0, 0 / 0 } do
			assert.has_error(function () reply { success = true, count = count }; end);
		end
		assert.is_truthy(reply({ success = true, count = 2.0, shards = { "one", 'two"', "Ren\xe9" } })
			:find('"shards":["one","two\\"","Ren\u{e9}"],"count":2', 1, true));
	end);
end);

describe("an event", function ()
	it("is cut behind a whole character of what was said when the frame is full, and says so", function ()
		local function text_of(text, size)
			local frame = bridge.event({ event = "said", channel = "hall", text = text }, size or 8192);
			assert.equal(size or 8192, #frame);
			local cut = frame:match('"text":"(.*)","cut":true');
			return cut or frame:match('"text":"(.*)"[,}]'), cut ~= nil;
		end
		assert.is_false((select(2, text_of("short"))));
		for _, char in ipairs { "x", "\u{e9}", "\u{20ac}", "\u{1f409}" } do
			for size = 1024, 1031 do
				local text, cut = text_of(char:rep(3000), size);
				assert.is_true(cut);
				assert.equal(0, #text % #char);
				assert.is_true(#text > size - 120 and utf8.len(text) ~= nil, #text);
			end
		end
		for _, char in ipairs { '"', "\\", "\n" } do
			local text, cut = text_of(char:rep(9000));
			assert.is_true(cut);
			assert.equal(0, #text % (char == "\n" and 6 or 2));
		end
		local longest = 0;
		for n = 7000, 8192 do
			if not select(2, text_of(("x"):rep(n))) then longest = n; end
		end
		assert.is_true(longest > 8000, longest);
	end);

	it("is none when it does not fit in the longest that there is", function ()
		for _, n in ipairs { 16384, 20000, 200000 } do
			assert.equal("", bridge.event({ event = "joined", channel = "hall", displayName = ("x"):rep(n) }, 0));
		end
		local fits, last = 0, 0;
		for n = 16000, 16500 do
			local frame = bridge.event({ event = "joined", channel = "hall", displayName = ("x"):rep(n) }, 0);
			if frame ~= "" then
				assert.equal(n, #json.decode((frame:gsub("%z+$", ""))).displayName);
				fits, last = fits + 1, n;
			end
		end
		assert.equal(fits, last - 15999); -- all up to the last
		assert.is_true(last > 16000 and last < 16384, last);
	end);

	it("has no number that an unmodified game's scan could see, whatever a name holds", function ()
		for _, name in ipairs { '"seq":5', '\\"seq":5', 'x","seq":5,"y":"', "Ren\xe9\"seq\":1" } do
			local frame = bridge.event({ event = "joined", channel = name, id = name, displayName = name, reason = name }, 8192);
			assert.equal(8192, #frame);
			assert.is_nil(scanned(frame));
			assert.is_nil(frame:find('"seq":', 1, true));
		end
	end);
end);
