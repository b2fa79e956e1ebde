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

		-- A moderator who has logged in for the room and not joined it; and what the server is to run: `go`(stanza…) has it
		-- read these stanzas of his in one go, and gives what it answers; `join`, `ask`, `set` are such; `his()`: his rights.
		local function outside(room, name)
			local mod = rig.client { prosody = host.prosody, room = room,
				token = rig.token { room = room, name = name, moderator = true } };
			assert.is_true(mod.connected, mod.condition);
			return mod, ([[
				local st, session = require "util.stanza", prosody.full_sessions["%s"];
				local bare = session.username .. "@" .. session.host;
				local join = st.presence({ to = room.jid .. "/%s" }):tag("x", { xmlns = "http://jabber.org/protocol/muc" }):up();
				local OWNER = "http://jabber.org/protocol/muc#owner";
				local ask = st.iq({ type = "get", to = room.jid, id = "ask" }):query(OWNER);
				local set = st.iq({ type = "set", to = room.jid, id = "set" }):query(OWNER)
					:add_child(require "util.dataforms".new({ { name = "FORM_TYPE", type = "hidden" },
						{ name = "muc#roomconfig_roomname", type = "text-single" } }):form({
						FORM_TYPE = "http://jabber.org/protocol/muc#roomconfig", ["muc#roomconfig_roomname"] = "Mine" }, "submit"));
				local function go(...)
					local answers, send = {}, session.send;
					session.send = function (stanza)
						answers[#answers + 1] = stanza.name .. " " .. (stanza.attr.type or "available");
						return true;
					end
					for _, stanza in ipairs { ... } do pcall(prosody.core_process_stanza, session, st.clone(stanza)); end
					session.send = send;
					return table.concat(answers, ", ");
				end
				local function his() return tostring(room:get_affiliation(bare)); end
				local function gate(priority, look)
					module:context("conference.meet.test"):hook("muc-occupant-pre-join", function (event)
						if event.room == room then return look(event); end
					end, priority);
				end
			]]):format(mod.jid, name);
		end

		local GATES = {
			["its password"] = { [[room:set_password("swordfish")]], 1 };
			["another module"] = { [[gate(-40, function (event)
				event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed")); return true; end)]], 1 };
			["a module that fails"] = { [[gate(-25, function () error "of the spec" end)]], 0 };
		};
		for what, gate in pairs(GATES) do
			it("gives nothing to whoever is kept out by " .. what .. ", nor to what he sends behind his join in one go",
					function ()
				local room = host:new_room();
				local _, code = outside(room, "Mo");
				local answers = host:lua(room, code .. gate[1] .. [[
					return go(join, ask, set) .. ", " .. his() .. ", " .. tostring(room:get_name());]]);
				assert.equal(("presence error, "):rep(gate[2]) .. "iq error, iq error, nil, nil", answers);
				assert.is_nil(host.prosody:log().text:find("is a moderator of " .. room .. "@", 1, true));
			end);
		end

		it("leaves whoever was let in before what he had, when he is kept out", function ()
			local room = host:new_room();
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			assert.equal("result", host:grant(mod, room, "member").type); -- by Jicofo
			mod:leave { room = room, nick = "Mod" };
			mod:wait { from = "/Mod", type = "unavailable" };
			host:lua(room, [[room:set_password("swordfish")]]);
			assert.equal("not-authorized", mod:join({ room = room, nick = "Mod" }).condition);
			assert.equal("member", host:affiliation(room, mod));
		end);

		for _, refused in ipairs { true, false } do
			it("has what is decided while another module lets a join wait hold, when it is then "
					.. (refused and "refused" or "let in"), function ()
				local room = host:new_room();
				local mod, code = outside(room, "Mo");
				host:lua(room, code .. ([[
					local async = require "util.async";
					gate(-25, function () local wait; wait, room.spec_done = async.waiter(); wait(); return %s or nil; end);
					async.runner(function (stanza) prosody.core_process_stanza(session, stanza); end):run(join);]])
					:format(refused));
				assert.equal("result", host:grant(mod, room, "member").type);
				host:lua(room, [[room.spec_done();]]);
				assert.same({ refused and "nil" or "member", refused and "nil" or "participant" }, {
					host:affiliation(room, mod);
					host:lua(room, [[local occupant = room:get_occupant_by_nick(room.jid .. "/Mo");
						return occupant and occupant.role or "nil";]]);
				});
			end);
		end
	end);
end
