-- Who may have a room send something to somebody: invitations and their refusals (XEP-0045, section 7.8.2), which
-- Prosody forwards for anybody, with whatever stands beside them and the room's password.
local rig = require "spec.support.rig";
local moderated = require "spec.support.moderated";

local GUESTS = 'VirtualHost "guest.meet.test"\n  authentication = "anonymous"\n';
local JSON = '<json-message xmlns="http://jitsi.org/jitmeet">{"type":"system_chat_message"}</json-message><body>from '
	.. 'the room</body>';

describe("a room", function ()
	local host;
	setup(function () host = moderated.start("skotos_bridge", { muc_options = GUESTS }); end);
	teardown(function () assert.equal(0, host:stop().code); end);

	-- Has `who` ask the room to send an invitation or a refusal (`kind`) to `to`; what stands beside it is JSON.
	local function mediate(who, room, kind, to)
		who:stanza { xml = ([[<message xmlns="jabber:client" to="%s@conference.meet.test"><x ]]
				.. [[xmlns="http://jabber.org/protocol/muc#user"><%s to="%s"/></x>%s</message>]])
			:format(room, kind, to, JSON) };
		who:iq { to = "meet.test", type = "get", xmlns = "http://jabber.org/protocol/disco#info" };
	end

	-- What has come from the room itself since `before` messages, and all the texts in it.
	local function from_room(client, room, before)
		client:iq { to = "meet.test", type = "get", xmlns = "http://jabber.org/protocol/disco#info" };
		local found = {};
		for i, message in ipairs(client:chat().list) do
			if i > before and message.from == room .. "@conference.meet.test" and message.type ~= "error" then
				found[#found + 1] = message;
			end
		end
		return found, table.concat(client:texts().list, "\n", before + 1);
	end

	local strangers = {
		["a player with a token for another room"] = function (room)
			return rig.client { prosody = host.prosody, room = "other",
				token = rig.token { room = "not" .. room, name = "Eve" } };
		end;
		["somebody of another VirtualHost"] = function ()
			return rig.client { prosody = host.prosody, jid = "guest.meet.test" };
		end;
		["a player who has left"] = function (room)
			local eve = rig.player(host.prosody, { room = room, name = "Eve" });
			eve:leave { room = room, nick = "Eve" };
			eve:wait { from = "/Eve", type = "unavailable" };
			return eve;
		end;
	};
	for name, stranger in pairs(strangers) do
		it("sends nothing for " .. name .. ", nor tells its password", function ()
			local room = host:new_room();
			local bob, eve = rig.player(host.prosody, { room = room, name = "Bob" }), stranger(room);
			host:lua(room, [[room:set_password("swordfish")]]);
			local before, own = #bob:chat().list, #eve:chat().list;
			mediate(eve, room, "invite", eve.jid);
			for _, kind in ipairs { "invite", "decline" } do
				for _, to in ipairs { bob.jid, room .. "@conference.meet.test/Bob" } do mediate(eve, room, kind, to); end
			end
			assert.same({}, (from_room(bob, room, before)));
			local told, texts = from_room(eve, room, own);
			assert.same({}, told);
			assert.falsy(texts:find("swordfish", 1, true));
		end);
	end

	for _, is_elsewhere in ipairs { false, true } do
		it("sends an invitation of " .. (is_elsewhere and "a moderator who is elsewhere" or "somebody in it")
				.. ", and nothing that stands beside", function ()
			local room = host:new_room();
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = is_elsewhere });
			local bob = rig.client { prosody = host.prosody, room = room, token = rig.token { room = room, name = "Bob" } };
			if is_elsewhere then
				mod:leave { room = room, nick = "Mod" };
				mod:wait { from = "/Mod", type = "unavailable" };
			end
			mediate(mod, room, "invite", bob.jid);
			bob:invited { from = room .. "@conference.meet.test" };
			local told, texts = from_room(bob, room, 0);
			assert.equal(1, #told);
			assert.falsy(texts:find("from the room", 1, true) or texts:find("system_chat_message", 1, true), texts);
		end);
	end

	it("sends no refusal of anybody's, whom no page asks for one", function ()
		local room = host:new_room();
		local bob = rig.player(host.prosody, { room = room, name = "Bob" });
		local eve = rig.player(host.prosody, { room = room, name = "Eve" });
		local before = #bob:chat().list;
		mediate(eve, room, "decline", room .. "@conference.meet.test/Bob");
		assert.same({}, (from_room(bob, room, before)));
	end);
end);
