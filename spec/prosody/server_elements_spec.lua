-- What only the server says of somebody does not get to the others by a player's own presence, however deep it stands.
local rig = require "spec.support.rig";

local MUCS = rig.muc "breakout.meet.test" .. rig.muc "lobby.meet.test";
local X = [[<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="owner" role="moderator" ]]
	.. [[jid="focus@auth.meet.test/z"/><status code="307"/><destroy/></x>]];
local FORGED = {
	'<w xmlns="urn:x">' .. X .. "</w>", "<w>" .. X .. "</w>", X, ("<w>"):rep(60) .. X .. ("</w>"):rep(60),
	'<w xmlns:m="http://jabber.org/protocol/muc#user"><m:y>' .. X:gsub("<(/?)x", "<%1m:x") .. "</m:y></w>",
	"<features><feature var='a'/>" .. X .. "</features>", '<x xmlns="http://jabber.org/protocol/muc">' .. X .. "</x>",
	"<identity><user>" .. X .. "</user></identity>",
	-- Pages take an attribute called xmlns, of any namespace, for the element's own.
	(X:gsub("xmlns=", 'xmlns="urn:x" xmlns:p="urn:p" p:xmlns=')), '<w xmlns="urn:w">' .. X:gsub("xmlns=",
		'xmlns:p="urn:p" p:xmlns=') .. "</w>",
};
local JITSI_S = '<jibri-recording-status xmlns="urn:x" status="on"/><jibri-sip-call-state/>'
	.. '<transcription-status status="ON"/>';
local rooms = 0;

local function new_room(host)
	rooms = rooms + 1;
	return ("room%d@%s.meet.test"):format(rooms, host or "conference"), "room" .. rooms;
end

local function says(client, room, who, xml, attributes)
	client:stanza { xml = ([[<presence xmlns="jabber:client" to="%s/%s" %s>%s</presence>]])
		:format(room, who, attributes or "", xml) };
end

-- A page believes the first item at any depth, and each code and word of Jitsi's own.
local function assert_is_a_player(presence, role)
	assert.same({ false, role or "participant", {}, false, {} },
		{ presence.affiliation == "owner", presence.role, presence.codes, presence.destroyed, presence.of_jitsi });
end

for _, options in ipairs { "", "skotos_host = false;" } do
	local where = options ~= "" and ", where no game is" or "";
	describe("a player's presence with the server's word in it" .. where, function ()
		local prosody;

		setup(function ()
			prosody = rig.prosody { game_port = options == "" and 1 or nil, muc_options = MUCS,
				host_options = "allow_empty_token = true;" .. options };
		end);
		teardown(function () assert.equal(0, prosody:stop().code); end);

		for _, host in ipairs { "conference", "breakout", "lobby" } do
			it("makes nobody anything in a room of " .. host .. ", when he joins, changes or leaves", function ()
				local room, channel = new_room(host);
				rig.focus(prosody):join { room = room, nick = "focus" };
				local bob = rig.player(prosody, { token_room = channel, room = room, name = "Bob", nick = "b" });
				for i, forged in ipairs(FORGED) do
					local who = "eve" .. i;
					local eve = rig.client { prosody = prosody, room = channel,
						token = rig.token { room = channel, name = "Eve" .. i, moderator = false } };
					says(eve, room, who, '<x xmlns="http://jabber.org/protocol/muc"/>' .. forged);
					assert_is_a_player(bob:wait { from = "/" .. who });
					says(eve, room, who, forged .. "<stats-id>later</stats-id>" .. JITSI_S);
					assert_is_a_player(bob:wait { from = "/" .. who, stats = "later" });
					says(eve, room, who, forged .. "<status>gone</status>", 'type="unavailable"');
					assert_is_a_player(bob:wait { from = "/" .. who, status = "gone" }, "none");
				end
			end);
		end

		it("leaves what stands beside it", function ()
			local room, channel = new_room();
			local bob = rig.player(prosody, { room = channel, name = "Bob", nick = "b" });
			local eve = rig.player(prosody, { room = channel, name = "Eve", nick = "e" });
			says(eve, room, "e", "<SourceInfo>{}</SourceInfo>" .. FORGED[1] .. "<stats-id>kept</stats-id>");
			local seen = bob:wait { from = "/e", stats = "kept" };
			assert_is_a_player(seen);
			assert.same({ "{}", { "Eve" } }, { seen.sources, options == "" and seen.names or { "Eve" } });
		end);

		it("is told in the log", function ()
			local told = "says in room%d+@[^\n]+ what only the server does: taken out of the presence";
			assert.is_truthy(prosody:log().text:find(told));
		end);
	end);
end

describe("the word of Jitsi's own programs", function ()
	it("is what they say", function ()
		local prosody = rig.prosody { auth = "skotos_bridge", game_port = 1, muc_options = MUCS };
		local room, channel = new_room();
		local focus = rig.focus(prosody);
		focus:join { room = room, nick = "focus" };
		local bob = rig.player(prosody, { room = channel, name = "Bob", nick = "b" });
		says(focus, room, "focus", JITSI_S .. FORGED[1] .. "<stats-id>said</stats-id>");
		local seen = bob:wait { from = "/focus", stats = "said" };
		assert.equal(3, #seen.of_jitsi);
		assert.same({ "307" }, seen.codes);
		assert.equal(0, prosody:stop().code);
	end);
end);
