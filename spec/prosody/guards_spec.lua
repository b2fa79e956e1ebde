-- What somebody may not do to others in a room: by a request that Prosody acts on before it asks for rights, and by a
-- join that is refused.
local rig = require "spec.support.rig";
local moderated = require "spec.support.moderated";

for _, auth in ipairs { "token", "skotos_bridge" } do
	describe("guards under " .. auth, function ()
		local host;
		setup(function () host = moderated.start(auth); end);
		teardown(function () assert.equal(0, host:stop().code); end);

		local function is_in(room, nick)
			return host:lua(room, ([[return tostring(room:get_occupant_by_nick("%s@conference.meet.test/%s") ~= nil)]])
				:format(room, nick)) == "true";
		end

		local strangers = {
			{ "a player in the room", function (room) return (rig.player(host.prosody, { room = room, name = "Eve" })); end };
			{ "a player with a token for another room", function (room)
				return rig.client { prosody = host.prosody, room = "other",
					token = rig.token { room = "not" .. room, name = "Eve", moderator = true } };
			end };
			{ "somebody without a token", function () return rig.client { prosody = host.prosody }; end };
		};
		for _, stranger in ipairs(strangers) do
			it("lets nobody be thrown out by a reserved nickname: asked by " .. stranger[1], function ()
				local room = host:new_room();
				rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
				local eve = stranger[2](room);
				for _, nick in ipairs { "Mod", "focus", " Mod" } do
					for _, affiliation in ipairs { "member", "none", "outcast", "owner" } do
						local answer = host:admin(room, { affiliation = affiliation, jid = "x@y", nick = nick }, eve);
						assert.same({ "error", "not-allowed" }, { answer.type, answer.condition });
					end
				end
				assert.is_true(is_in(room, "Mod"));
				assert.is_true(is_in(room, "focus"));
			end);
		end

		it("throws nobody out for a moderator's request that is refused, or that reserves a nickname somebody has",
				function ()
			local room = host:new_room();
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			rig.player(host.prosody, { room = room, name = "Bob" });
			for _, affiliation in ipairs { "member", "owner" } do
				local answer = host:admin(room, { affiliation = affiliation, jid = "x@y", nick = "Bob" }, mod);
				assert.same({ "error", "not-allowed" }, { answer.type, answer.condition });
			end
			assert.is_true(is_in(room, "Bob"));
			assert.equal("result", host:admin(room, { affiliation = "member", jid = "x@y", nick = "Free" }, mod).type);
			assert.equal("result", host:admin(room, { role = "none", nick = "Bob" }, mod).type);
			assert.is_false(is_in(room, "Bob"));
		end);

		it("keeps Jicofo's nickname for Jicofo, which comes back to a room where others have wanted it", function ()
			local room = host:new_room();
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			local eve = rig.player(host.prosody, { room = room, name = "Eve" });
			host.focus:leave { room = room, nick = "focus" };
			for _, client in ipairs { mod, eve } do client:wait { from = "/focus", type = "unavailable" }; end
			local text = "that nickname is Jicofo's";
			for _, client in ipairs { eve, mod } do
				local own = client:join { room = room, nick = "focus" };
				assert.same({ "error", "not-allowed", text }, { own.type, own.condition, own.error_text });
			end
			for _, nick in ipairs { "focus", "\u{ff46}ocus" } do
				for _, before in ipairs { "", '<item affiliation="member" jid="x@y"/>' } do
					mod:stanza { xml = ([[<iq xmlns="jabber:client" id="n" type="set"
						to="%s@conference.meet.test"><query xmlns="%s">%s<item affiliation="member"
						jid="x@y" nick="%s"/></query></iq>]]):format(room, moderated.ADMIN, before, nick) };
				end
			end
			assert.equal("not-allowed", host:admin(room, { affiliation = "member", jid = "x@y", nick = "focus" },
				mod).condition);
			assert.equal("nil", host:lua(room, [[return tostring(room:get_affiliation("x@y"))]]));
			local _, fresh = rig.player(host.prosody, { room = room, name = "Bob", nick = "\u{ff46}ocus" });
			assert.same({ "error", "not-allowed", text }, { fresh.type, fresh.condition, fresh.error_text });
			local _, first = rig.player(host.prosody, { room = "un" .. room, name = "Bob", nick = "focus" });
			assert.same({ "error", "not-allowed", text }, { first.type, first.condition, first.error_text });
			assert.equal("available", host.focus:join({ room = room, nick = "focus" }).type);
			assert.is_true(is_in(room, "Eve"));
		end);

		it("lets no player reserve a nickname, nor a moderator", function ()
			local room = host:new_room();
			for nick, moderator in pairs { Eve = false, Mod = true } do
				local client = rig.player(host.prosody, { room = room, name = nick, moderator = moderator });
				client:stanza { xml = ([[<iq xmlns="jabber:client" id="r" type="set"
					to="%s@conference.meet.test"><query xmlns="jabber:iq:register">
					<x xmlns="jabber:x:data" type="submit"><field
						var="FORM_TYPE"><value>http://jabber.org/protocol/muc#register</value></field>
					<field var="muc#register_roomnick"><value>Later%s</value></field></x></query></iq>]]):format(room, nick) };
				local _, own = rig.player(host.prosody, { room = room, name = "Later" .. nick });
				assert.equal("available", own.type);
				assert.equal(moderator and "owner" or "member", host:affiliation(room, client));
			end
		end);

		it("writes nothing about anybody for who may not ask", function ()
			local room = host:new_room();
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			local eve = rig.player(host.prosody, { room = room, name = "Eve" });
			host:lua(room, ([[room:set_affiliation_data("%s", "seat", "throne")]]):format(host.bare(mod)));
			assert.equal("not-allowed", host:admin(room, { affiliation = "member", jid = host.bare(mod), nick = "Stolen" },
				eve).condition);
			assert.equal("nil", host:lua(room, ([[return tostring(room:get_affiliation_data("%s", "reserved_nickname"))]])
				:format(host.bare(mod))));
		end);

		it("leaves whoever has a nickname what he is when another one tries to take it", function ()
			local room = host:new_room();
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true, nick = "m" });
			local bob = rig.player(host.prosody, { room = room, name = "Bob", nick = "b" });
			local _, eve = rig.player(host.prosody, { room = room, name = "Eve", nick = "m" });
			assert.same({ "error", "conflict" }, { eve.type, eve.condition });
			local _, lord = rig.player(host.prosody, { room = room, name = "Lord", nick = "b", moderator = true });
			assert.same({ "error", "conflict" }, { lord.type, lord.condition });
			assert.equal("owner", host:affiliation(room, mod));
			assert.equal("member", host:affiliation(room, bob));
			-- A ban of either lands on him, and on nobody whose join was refused.
			assert.equal("result", host:grant(bob, room, "outcast").type);
			local _, again = rig.player(host.prosody, { room = room, name = "Lord", nick = "l", moderator = true });
			assert.equal("moderator", again.role);
			local _, banned = rig.player(host.prosody, { room = room, name = "Bob", nick = "bb" });
			assert.equal("error", banned.type);
		end);

		it("gives nobody a moderator's role but by the game's word, whoever asks", function ()
			local room = host:new_room();
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			local bob = rig.player(host.prosody, { room = room, name = "Bob" });
			for _, by in ipairs { mod, host.focus, bob } do
				local answer = host:admin(room, { role = "moderator", nick = "Bob" }, by);
				assert.same({ "error", "not-allowed" }, { answer.type, answer.condition });
			end
			assert.equal("participant", host:lua(room, [[return room:get_occupant_by_nick(room.jid .. "/Bob").role]]));
		end);

		it("remembers nothing of a join that did not happen", function ()
			local room = host:new_room();
			host:lua(room, [[room:set_password("swordfish")]]);
			local lord, own = rig.player(host.prosody, { room = room, name = "Lord", moderator = true });
			assert.same({ "error", "not-authorized" }, { own.type, own.condition });
			for _ = 1, 500 do
				if host:affiliation(room, lord) == "nil" then break; end
				rig.call("pause", { ms = 20 });
			end
			assert.equal("nil", host:affiliation(room, lord));
		end);
	end);
end
