-- What a player's stanza is not made of: what keeps all others waiting, and what others read otherwise than Prosody, or
-- break on.
local rig = require "spec.support.rig";

local GUESTS = '\nVirtualHost "guest.meet.test"\n  authentication = "anonymous"\n';

describe("a stanza of tens of thousands of elements", function ()
	local prosody, bob, rooms = nil, nil, 0;
	local MUC = "http://jabber.org/protocol/muc";

	setup(function ()
		prosody = rig.prosody { auth = "skotos_bridge", game_port = 1, host_options = "allow_empty_token = true" };
		bob = rig.player(prosody, { room = "hall", name = "Bob", nick = "bob" });
	end);
	teardown(function () assert.equal(0, prosody:stop().code); end);

	local function seconds() return prosody:lua { code = "return os.clock()" }.result; end

	local function eve()
		rooms = rooms + 1;
		local nick = "eve" .. rooms;
		return rig.player(prosody, { room = "hall", name = nick, nick = nick }), nick;
	end

	local function stanza(name, attributes, xml)
		return { xml = ('<%s xmlns="jabber:client" xmlns:m="%s" %s>%s</%s>'):format(name, MUC, attributes, xml, name) };
	end

	local many = { nick = ("<nick/>"):rep(34000), identity = ("<identity/>"):rep(22000), muc = ("<m:x/>"):rep(38000) };
	for what, xml in pairs(many) do
		it("is a presence without them: " .. what, function ()
			local client, nick = eve();
			local to = ('to="hall@conference.meet.test/%s"'):format(nick);
			local before = seconds();
			client:stanza(stanza("presence", to, xml .. "<stats-id>a</stats-id>"));
			client:stanza(stanza("presence", to, "<stats-id>next</stats-id>"));
			bob:wait { from = "/" .. nick, stats = "next" };
			client:stanza(stanza("presence", 'type="unavailable"', xml));
			bob:wait { from = "/" .. nick, type = "unavailable" };
			assert.is_true(seconds() - before < 1);
		end);

		it("is no message, and who sends it is told why, unless it is an error itself: " .. what, function ()
			local client, nick = eve();
			local before = seconds();
			for type, to in pairs { groupchat = "", chat = "/bob", error = "/bob" } do
				client:stanza(stanza("message", ('type="%s" to="hall@conference.meet.test%s"'):format(type, to), xml
					.. "<body>unheard</body>"));
			end
			client:say { room = "hall", text = "heard " .. nick };
			for _, who in ipairs { bob, client } do who:heard { text = "heard " .. nick }; end
			assert.is_true(seconds() - before < 1);
			for _, text in ipairs(bob:texts().list) do assert.is_nil(text:find("unheard", 1, true)); end
			local told = 0;
			for _, text in ipairs(client:texts().list) do
				if text:find("more than 1000 are not taken", 1, true) then told = told + 1; end
			end
			assert.equal(2, told);
		end);
	end

	it("makes no join", function ()
		local client = rig.client { prosody = prosody, room = "hall" };
		client:stanza(stanza("presence", 'to="hall@conference.meet.test/guest"', ("<m:x/>"):rep(38000)));
		assert.equal("item-not-found", client:wait { type = "error" }.condition);
	end);

	it("is told in the log: who sends it, and where", function ()
		local log = prosody:log().text;
		local ends = log:find(" elements; more than 1000 are not taken", 1, true);
		local said = log:sub(ends - 150, ends - 1); -- a pattern would look at each byte of lines that are long
		assert.is_truthy(said:find("%s%S+@meet%.test/%S+ sends hall@conference%.meet%.test/eve1 a presence with %d+$"), said);
	end);
end);

describe("a player's stanza", function ()
	local prosody, bob, eve;
	local room, rooms = nil, 0;
	local MUC_ROOM = "@conference.meet.test";

	setup(function ()
		prosody = rig.prosody { auth = "skotos_bridge", game_port = 1, host_options = "allow_empty_token = true",
			muc_options = GUESTS .. rig.muc "lobby.meet.test" };
	end);
	teardown(function () assert.equal(0, prosody:stop().code); end);
	before_each(function ()
		rooms = rooms + 1;
		room = "hall" .. rooms;
		bob = rig.player(prosody, { room = room, name = "Bob", nick = "bob" });
		eve = rig.player(prosody, { room = room, name = "Eve", nick = "eve" });
		bob:wait { from = "/eve" };
		for _, who in ipairs { bob, eve } do who:record(); end
	end);

	local function send(client, name, attributes, xml)
		client:stanza { xml = ('<%s xmlns="jabber:client" %s>%s</%s>'):format(name, attributes, xml or "", name) };
	end
	local function to(resource) return ('to="%s%s%s"'):format(room, MUC_ROOM, resource and "/" .. resource or ""); end
	-- What bob has got by the time that eve's next text comes to him.
	local function got()
		eve:say { room = room, text = "the end" };
		return bob:comes({ text = "the end" }).raw;
	end
	local function holds(text, raw) assert.is_truthy(raw:find(text, 1, true), raw); end
	local function lacks(text, raw) assert.is_nil(raw:find(text, 1, true), raw); end

	local function counted()
		local count = 0;
		return function ()
			count = count + 1;
			return tostring(count);
		end;
	end

	local odd = {
		{ "an attribute of XML's own", '<w odd="1" xml:foo="1"/>' };
		{ "an attribute of XML's own deep down", '<w odd="1"><w xml:base1="1"/></w>' };
		{ "another stanza", '<w odd="1"/><iq type="set"/>' }, { "another, deep down", '<w odd="1"><w><message/></w></w>' };
		{ "a presence", '<status odd="1">a<b/></status><presence xmlns="urn:x"/>' };
		{ "an error that is none", '<w odd="1"/><error/>', '<error/>' };
		{ "an error of a kind that is none", '<w odd="1"/><error type="x"/>', '<error type="x"/>' };
		{ "an error without its being one", '<w odd="1"/><error type="cancel"/>', '<error xmlns="urn:x" type="wait"/>' };
		{ "a stream's element", '<w odd="1"/><error xmlns="http://etherx.jabber.org/streams"/>' };
		{ "an error deep down", '<w odd="1"><a/><error type="cancel"/></w>' }, { "a date", '<w odd="1"/><delay/>' };
		{ "an old date deep down", '<w odd="1"><x xmlns="jabber:x:delay"/></w>' };
		{ "an address", '<w odd="1"/><addresses xmlns="http://jabber.org/protocol/address"><address/></addresses>' };
		{ "idleness", '<w odd="1"/><idle xmlns="urn:xmpp:idle:1"/>' }, { "an element of XML's own", '<w odd="1"/><xml:x/>' };
		{ "a name without end", '<w odd="1"/><' .. ("a"):rep(257) .. "/>" };
		{ "a namespace without end", '<w odd="1"/><w xmlns="' .. ("u"):rep(257) .. '"/>' };
		{ "65 attributes", '<w odd="1"/><w ' .. ('a%="1" '):rep(65):gsub("%%", counted()) .. "/>" };
		{ "65 levels", ('<w odd="1">'):rep(65) .. ("</w>"):rep(65) };
	};
	for _, case in ipairs(odd) do
		it("with " .. case[1] .. " in it gets to nobody", function ()
			send(eve, "message", 'type="groupchat" ' .. to(), "<body>odd=</body>" .. case[2]);
			send(eve, "message", 'type="chat" ' .. to "bob", "<body>odd=</body>" .. case[2]);
			for _, type in ipairs { "set", "result" } do
				send(eve, "iq", ('type="%s" id="i1" %s'):format(type, to "bob"), case[3] or "<w>" .. case[2] .. "</w>");
			end
			send(eve, "presence", to "eve", case[2]);
			lacks("odd=", got());
			local refused = eve:comes({ text = "the end" }).raw;
			local count = select(2, refused:gsub("no page sends that", ""));
			assert.equal(3, count, refused);
			send(eve, "presence", 'type="unavailable" ' .. to "eve", case[2]);
			bob:wait { from = room .. MUC_ROOM .. "/eve", type = "unavailable" };
			lacks("odd=", bob:comes({ text = "unavailable" }).raw);
		end);
	end

	it("with an attribute of XML's own at its very top goes without, or not at all", function ()
		send(eve, "message", 'xml:foo="1" type="groupchat" ' .. to(), "<body>odd</body>");
		send(eve, "presence", 'xml:foo="1" xml:lang="de" ' .. to "eve", "<stats-id>later</stats-id>");
		local raw = got();
		lacks("odd", raw);
		lacks("foo", raw);
		lacks("later", raw);
	end);

	it("with names or attributes without end at its very top goes without them, or not at all", function ()
		for _, attributes in ipairs { ("a"):rep(257) .. '="foo"', (('a%="foo" '):rep(65):gsub("%%", counted())) } do
			send(eve, "message", attributes .. ' type="groupchat" ' .. to(), "<body>odd</body>");
			send(eve, "presence", attributes .. " " .. to "eve", "<stats-id>later</stats-id>");
		end
		local raw = got();
		for _, text in ipairs { "odd", "foo", "later" } do lacks(text, raw); end
		assert.equal(2, select(2, raw:gsub("<presence", "")));
	end);

	it("may have 64 levels, and names that only begin like XML's", function ()
		send(eve, "presence", to "eve",
			("<w>"):rep(63) .. '<w xml:lang="de" xml:id="i" lang="x">deep</w>' .. ("</w>"):rep(63));
		holds("deep", got());
	end);

	it("has no sources as JSON in an IQ, but JSON in a message", function ()
		local json = '<json-message xmlns="http://jitsi.org/jitmeet">{"a":1}</json-message>';
		send(eve, "iq", 'type="set" id="i1" ' .. to "bob", '<jingle xmlns="urn:xmpp:jingle:1">' .. json .. "</jingle>");
		send(eve, "iq", 'type="set" id="i2" ' .. to "bob", '<jingle xmlns="urn:xmpp:jingle:1" sid="s2"/>');
		lacks("json-message", got());
		bob:comes { text = "s2" };
		send(eve, "message", 'type="groupchat" ' .. to(), json);
		bob:comes { text = "json-message" };
	end);

	it("that says goodbye says so to everybody, and no more than its status", function ()
		send(eve, "presence", 'type="unavailable" ' .. to "eve", '<nick>odd</nick>'
			.. '<priority>x</priority><ignore xmlns="http://jitsi.org/jitmeet/"/><show>x</show>'
			.. "<status>farewell</status><status>a<b/></status><stats-id>s</stats-id>");
		local raw = bob:comes({ text = "farewell" }).raw;
		for _, text in ipairs { "odd", "<priority", "<ignore", "<show", "<b/>", "stats-id" } do lacks(text, raw); end
	end);

	it("that says how its page is has nothing in it that is for Jicofo alone", function ()
		send(eve, "presence", to "eve", '<priority>x</priority><show xmlns="urn:x">x</show>'
			.. "<status>a<b/></status>"
			.. "<status>fine</status><stats-id>kept</stats-id>");
		local raw = bob:comes({ text = "kept" }).raw;
		for _, text in ipairs { "<priority", "<show", "<b/>" } do lacks(text, raw); end
		holds("fine", raw);
	end);

	it("sets no title beside a text or a thread, in another namespace, or for one alone", function ()
		local titled = "<subject>a title</subject>";
		send(eve, "message", 'type="groupchat" ' .. to(), "<body>one</body>" .. titled);
		send(eve, "message", 'type="groupchat" ' .. to(), "<thread>x</thread>" .. titled);
		send(eve, "message", 'type="groupchat" ' .. to(), '<subject xmlns="urn:x">a title</subject><w>two</w>');
		send(eve, "message", 'type="chat" ' .. to "bob",
			"<body>three</body>" .. titled);
		local raw = got();
		for _, text in ipairs { "one", "three" } do holds(text, raw); end
		lacks("a title", raw);
		local focus = rig.focus(prosody);
		focus:join { room = room, nick = "focus" };
		send(focus, "message", 'type="groupchat" ' .. to(), "<subject>the focus's</subject>");
		bob:comes { text = "the focus's" };
	end);

	it("hides no priority from who takes it for the presence's", function ()
		send(eve, "presence", to "eve", "<w><priority>x</priority></w><stats-id>later</stats-id>");
		lacks("later", got());
	end);

	it("tells nobody of an error in a message", function ()
		send(eve, "message", 'type="error" ' .. to "bob",
			"<settings-error><text>odd</text></settings-error><error><forbidden/></error>");
		lacks("odd", got());
	end);

	it("is for rooms: no other player gets it, wherever it comes from", function ()
		local guest = rig.client { prosody = prosody, domain = "guest.meet.test" };
		assert.is_true(guest.connected, guest.condition);
		for i, who in ipairs { eve, guest } do
			who:record();
			for _, address in ipairs { bob.jid, bob.jid:match "^[^/]+" } do
				send(who, "message", ('type="chat" to="%s"'):format(address), "<body>odd</body>");
				send(who, "iq", ('type="set" id="i%d" to="%s"'):format(i, address),
					'<jingle xmlns="urn:xmpp:jingle:1" sid="odd"/>');
				send(who, "presence", ('to="%s"'):format(address), "<status>odd</status>");
			end
			send(who, "message", 'to="focus@auth.meet.test"', "<body>odd</body>");
			send(who, "iq", 'type="get" id="last" to="focus@auth.meet.test/focus"', '<ping xmlns="urn:xmpp:ping"/>');
			local _, count = who:comes({ text = 'id="last"' }).raw:gsub("players are spoken to in rooms", "");
			assert.equal(6, count);
		end
		lacks("odd", got());
		send(bob, "iq", ('type="get" id="own" to="%s"'):format(bob.jid), '<ping xmlns="urn:xmpp:ping"/>');
		bob:comes { text = 'id="own"' };
	end);

	it("changes no nickname", function ()
		send(eve, "presence", to "other");
		assert.equal("not-allowed", eve:wait({ from = "/other", type = "error" }).condition);
		lacks("/other", got());
	end);

	it("in a lobby has nothing that moderators' pages do not stand there", function ()
		local lobby = "to=\"" .. room .. "@lobby.meet.test/";
		local focus = rig.focus(prosody);
		focus:join { room = room .. "@lobby.meet.test", nick = "focus" };
		focus:record();
		send(eve, "presence", lobby .. 'eve"',
			'<x xmlns="http://jabber.org/protocol/muc"/><jitsi_participant_a>1</jitsi_participant_a>'
			.. "<stats-id>one</stats-id>");
		send(eve, "presence", lobby .. 'eve"', "<jitsi_participant_a>1</jitsi_participant_a><stats-id>two</stats-id>");
		local raw = focus:comes({ text = "two" }).raw;
		holds("one", raw);
		lacks("jitsi_participant_a", raw);
	end);
end);
