-- A stanza of tens of thousands of elements keeps nobody else waiting.
local rig = require "spec.support.rig";

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
				if text:find("too many elements", 1, true) then told = told + 1; end
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
