-- Names are the game's: what the others are shown, whatever a page says.
local rig = require "spec.support.rig";

local MUCS = rig.muc "breakout.meet.test" .. rig.muc "lobby.meet.test" .. [[
VirtualHost "recorder.meet.test"
  authentication = "internal_plain"
]];

local prosody, rooms = nil, 0;

local function start(options, game_port)
	prosody = rig.prosody { game_port = game_port or 1, host_options = "allow_empty_token = true;" .. (options or ""),
		muc_options = MUCS };
end

local function finish() assert.equal(0, prosody:stop().code); end

local function new_room()
	rooms = rooms + 1;
	return "room" .. rooms;
end

local function at(room) return room:find("@", 1, true) and room or room .. "@conference.meet.test"; end

-- Sends a presence of the occupant `nick` with the elements `xml`.
local function says(client, room, nick, xml, joins)
	client:stanza { xml = ([[<presence xmlns="jabber:client" to="%s/%s">%s%s</presence>]])
		:format(at(room), nick, joins and '<x xmlns="http://jabber.org/protocol/muc"/>' or "", xml) };
end

local function nick(name) return ([[<nick xmlns="http://jabber.org/protocol/nick">%s</nick>]]):format(name); end

-- What `client` was shown of the occupant `who`: a list of the names in each presence.
local function shown(client, who)
	local list = {};
	for _, presence in ipairs(client:presences().list) do
		if presence.from:match("/([^/]*)$") == who and presence.type == "available" then list[#list + 1] = presence.names; end
	end
	return list;
end

local function all_are(name, list)
	assert.is_true(#list > 0);
	for _, names in ipairs(list) do assert.same({ name }, names); end
end

local function guest(room, who, xml)
	local client = rig.client { prosody = prosody };
	says(client, room, who, xml, true);
	client:wait { from = at(room) .. "/" .. who };
	return client;
end

describe("a name", function ()
	setup(function () start(); end);
	teardown(finish);

	for _, host in ipairs { "conference", "breakout", "lobby" } do
		it("in a room of " .. host .. " is the token's from the first presence on, whatever the page says, then and later",
				function ()
			local room = new_room() .. "@" .. host .. ".meet.test";
			local channel = room:match("^[^@]+");
			rig.focus(prosody):join { room = room, nick = "focus" };
			local eve = rig.player(prosody, { token_room = channel, room = room, name = "Eve", nick = "e" });
			local bob = rig.player(prosody, { token_room = channel, room = room, name = "Bob", nick = "b", shown = "Skott" });
			local forged = {
				nick "Skott", nick "Bob" .. nick "Skott", "<nick>Skott</nick>",
					'<nick xmlns="urn:other">Skott</nick>' .. nick "Bob",
				nick "", "", "<nick><b>Skott</b></nick>", nick "Skott<b/>", nick "Bob<b>Skott</b>", nick "Bob" .. nick "Skott<b/>";
			};
			for i, xml in ipairs(forged) do
				says(bob, room, "b", xml .. ("<stats-id>%d</stats-id>"):format(i));
				eve:wait { from = "/b", stats = tostring(i) };
			end
			local zoe = rig.player(prosody, { token_room = channel, room = room, name = "Zoe", nick = "z" });
			bob:stanza { xml = ([[<presence xmlns="jabber:client" type="unavailable" to="%s/b">%s</presence>]]):format(room,
				nick "Skott") };
			eve:wait { from = "/b", type = "unavailable" };
			for _, client in ipairs { eve, bob, zoe } do all_are("Bob", shown(client, "b")); end
		end);
	end

	it("is not put into the presence by which somebody leaves, to whom no page gives a name any more", function ()
		local room = new_room();
		local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e" });
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		eve:wait { from = "/b" };
		bob:stanza { xml = ([[<presence xmlns="jabber:client" type="unavailable" to="%s/b"/>]]):format(at(room)) };
		assert.same({}, eve:wait({ from = "/b", type = "unavailable" }).names);
		assert.same({ { "Bob" } }, shown(eve, "b"));
	end);

	it("is told once a minute when a page wants another", function ()
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		for i = 1, 5 do says(bob, room, "b", nick("Skott" .. i)); end
		bob:leave { room = room, nick = "b" };
		bob:wait { from = "/b", type = "unavailable" };
		local _, count = prosody:log().text:gsub(
			'info\t[^\n]+ is not shown as "Skott[%d]?"[^\n]+, but as "Bob": so the token says', "");
		assert.equal(1, count);
	end);

	it("of Jicofo, and of recorders, is their own", function ()
		local room = new_room();
		local eve = rig.player(prosody, { room = room, name = "Eve" });
		prosody:lua { code = [[require "core.usermanager".create_user("recorder", "its-password", "recorder.meet.test")]] };
		local recorder = rig.client { prosody = prosody, jid = "recorder@recorder.meet.test", password = "its-password" };
		recorder:join { room = room, nick = "r", name = "Eve" };
		rig.focus(prosody):join { room = room, nick = "focus", name = "Eve" };
		eve:wait { from = "/focus" };
		all_are("Eve", shown(eve, "r"));
		all_are("Eve", shown(eve, "focus"));
		local late = rig.player(prosody, { room = room, name = "Eve", nick = "late" });
		all_are("Eve", shown(late, "r"));
		all_are("Eve", shown(late, "focus"));
	end);

	it("of a guest who gives none is none", function ()
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		guest(room, "g", "");
		bob:wait { from = "/g" };
		assert.same({ {} }, shown(bob, "g"));
		assert.is_nil(prosody:log().text:match "[^\n]*attempt to[^\n]*");
	end);

	it("of somebody without a token is his own choice, but for those that people with a token have in the room",
			function ()
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob the Great", nick = "b" });
		local gus = guest(room, "g", nick "Gus");
		local alike = {
			"Bob the Great", "BOB THE GREAT", "bob  the great ", "\u{ff22}ob the\u{a0}Great", "Bo\u{200b}b the Great",
			"B\u{ad}ob the Great";
			"Bob the Great\u{200e}", "Bob the Great\u{2066}", "Bob\u{2028}the Great", "Bob the Great" .. ("\u{200b}"):rep(500);
		};
		for i, name in ipairs(alike) do
			says(gus, room, "g", nick(name) .. ("<stats-id>%d</stats-id>"):format(i));
			assert.same({}, bob:wait({ from = "/g", stats = tostring(i) }).names, name);
		end
		says(gus, room, "g", nick "Bob" .. "<stats-id>last</stats-id>");
		assert.same({ "Bob" }, bob:wait({ from = "/g", stats = "last" }).names);
		guest(room, "h", nick "bob the great");
		bob:wait { from = "/h" };
		assert.same({ {} }, shown(bob, "h"));
		assert.same({ "Gus" }, shown(bob, "g")[1]);
	end);

	it("of somebody without a token is what pages show, whatever stands in it or beside it", function ()
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob the Great", nick = "b" });
		local gus = guest(room, "g", nick "Gus");
		local cases = {
			{ nick "Bob the Great<y/>" }, { nick "<y/>Bob the Great" }, { nick "Bob <y>Gus</y>the Great" };
			{ nick "Gus" .. nick "Bob the Great<y/>" }, { nick "Bob the Great<y/>" .. nick "" };
			{ "<nick xmlns='urn:x'>Bob the Great<y/></nick>" }, { nick "<y>Gus</y>" };
			{ nick "G<y>Bob the Great</y>us", "Gus" }, { nick "Bob the Great" .. nick "Gus<y/>", "Gus" };
		};
		for i, case in ipairs(cases) do
			says(gus, room, "g", case[1] .. ("<stats-id>%d</stats-id>"):format(i));
			assert.same({ case[2] }, bob:wait({ from = "/g", stats = tostring(i) }).names, case[1]);
		end
		local other = guest(room, "h", nick "Bob the Great<y/>");
		bob:wait { from = "/h" };
		assert.same({ {} }, shown(bob, "h"));
		other:leave { room = room, nick = "h" };
	end);

	it("that a guest has is taken from him when somebody comes whose token says it", function ()
		local room = new_room();
		local gus = guest(room, "g", nick "Skott");
		all_are("Skott", shown(gus, "g"));
		local skott, own = rig.player(prosody, { room = room, name = "Skott", nick = "s" });
		gus:wait { from = "/s" };
		says(gus, room, "g", "<stats-id>after</stats-id>");
		skott:wait { from = "/g", stats = "after" };
		local list = shown(skott, "g");
		assert.same({ {}, {} }, { list[#list], list[#list - 1] });
		assert.same({ "Skott" }, own.names);
	end);

	it("that a guest has taken later is taken from him too", function ()
		local room = new_room();
		local gus = guest(room, "g", "");
		local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e" });
		local function comes(name)
			rig.player(prosody, { room = room, name = name, nick = name });
			gus:wait { from = "/" .. name };
			says(gus, room, "g", "<stats-id>" .. name .. "</stats-id>");
			eve:wait { from = "/g", stats = name };
			local list = shown(eve, "g");
			return list[#list - 1];
		end
		for _, name in ipairs { "Skott", "Zoe" } do
			says(gus, room, "g", nick(name) .. "<stats-id>mine</stats-id>");
			eve:wait { from = "/g", stats = "mine" };
			assert.same({}, comes(name));
		end
	end);

	it("that a guest has is taken from him though another guest has asked for his nickname, in vain", function ()
		local room = new_room();
		local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e" });
		guest(room, "g", nick "Skott");
		local other = guest(room, "o", nick "Other");
		for _, theirs in ipairs { "g", "e" } do
			says(other, room, theirs, nick "Zoe");
			assert.equal("error", other:wait({ from = "/" .. theirs, type = "error" }).type);
		end
		for _, name in ipairs { "Skott", "Zoe" } do rig.player(prosody, { room = room, name = name, nick = name }); end
		eve:wait { from = "/Zoe" };
		says(other, room, "o", "<stats-id>after</stats-id>");
		eve:wait { from = "/o", stats = "after" };
		local list = shown(eve, "g");
		assert.same({ "Skott" }, list[1]);
		assert.same({}, list[#list]);
		all_are("Eve", shown(eve, "e"));
	end);

	it("of whoever has the nickname of a guest who has gone is not taken for the guest's", function ()
		local room = new_room();
		local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e" });
		local gus = guest(room, "g", nick "Skott");
		eve:wait { from = "/g" };
		gus:leave { room = room, nick = "g" };
		eve:wait { from = "/g", type = "unavailable" };
		local zoe = rig.player(prosody, { room = room, name = "Zoe", nick = "g" });
		says(zoe, room, "g", "<stats-id>here</stats-id>");
		eve:wait { from = "/g", stats = "here" };
		local before = #shown(eve, "g");
		rig.player(prosody, { room = room, name = "Skott", nick = "s" });
		eve:wait { from = "/s" };
		local list = shown(eve, "g");
		assert.equal(before, #list);
		assert.same({ "Zoe" }, list[before]);
	end);

	it("cannot be put into a message either", function ()
		local room = new_room();
		local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e" });
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		local name = nick "Skott" .. [[<display-name xmlns="http://jitsi.org/protocol/display-name" ]]
			.. [[source="token">Skott</display-name>]];
		for _, message in ipairs { { "groupchat", "" }, { "chat", "/e" } } do
			bob:stanza { xml = ([[<message xmlns="jabber:client" type="%s" to="%s%s"><body>Hello</body>%s</message>]])
				:format(message[1], at(room), message[2], name) };
		end
		bob:say { room = room, text = "the end" };
		eve:heard { text = "the end" };
		local count = 0;
		for _, text in ipairs(eve:texts().list) do
			assert.is_nil(text:find("Skott", 1, true));
			if text == "Hello" then count = count + 1; end
		end
		assert.equal(2, count);
	end);

	it("outlives the token: who is in the room keeps it", function ()
		local room = new_room();
		local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e" });
		local token = rig.token { room = room, name = "Bob", exp = os.time() + 2 };
		local bob = rig.player(prosody, { room = room, token = token, name = "Bob", nick = "b" });
		rig.call("sleep", { until_time = os.time() + 3 });
		says(bob, room, "b", nick "Skott" .. "<stats-id>later</stats-id>");
		assert.same({ "Bob" }, eve:wait({ from = "/b", stats = "later" }).names);
	end);
end);

describe("skotos_names", function ()
	local cases = {
		{ '"free"', "skotos_port = 1", "Skott" }, { "nil", "skotos_host = false", "Skott" },
		{ '"token"', "skotos_host = false", "Bob" };
	};
	for _, case in ipairs(cases) do
		it(("= %s with %s shows %s"):format(case[1], case[2], case[3]), function ()
			start(("skotos_names = %s; %s"):format(case[1], case[2]));
			local eve = rig.player(prosody, { room = "hall", name = "Eve", nick = "e" });
			local bob = rig.player(prosody, { room = "hall", name = "Bob", nick = "b", shown = "Skott" });
			eve:wait { from = "/b" };
			all_are(case[3], shown(eve, "b"));
			prosody:reload { options = { host_options = 'skotos_names = "token"' } };
			says(bob, "hall", "b", nick "Skott" .. "<stats-id>after</stats-id>");
			assert.same({ "Bob" }, eve:wait({ from = "/b", stats = "after" }).names);
			finish();
		end);
	end
end);
