-- Breakout rooms: whoever is in one is still in the main room, for the moderators and for the game.
local rig = require "spec.support.rig";
local moderated = require "spec.support.moderated";

for _, auth in ipairs { "token", "skotos_bridge" } do
	describe("a breakout room under " .. auth, function ()
		local host;
		setup(function () host = moderated.start(auth, { muc_options = moderated.BREAKOUTS }); end);
		teardown(function () assert.equal(0, host:stop().code); end);

		local function enter(room, breakout, name, options)
			options = options or {};
			options.room, options.name = room, name;
			local client = rig.player(host.prosody, options);
			return client, host.moves(client, room, breakout, name);
		end

		local function is_in(room, nick)
			return host:lua(room, ([[return tostring(room:get_occupant_by_nick(room.jid .. "/%s") ~= nil)]])
				:format(nick)) == "true";
		end

		it("has the main room's moderators, from their first presence, who can put others out, and nobody else", function ()
			local room = host:new_room();
			local breakout = host:breakout(room);
			local mod, first = enter(room, breakout, "Mod", { moderator = true });
			assert.same({ "owner", "moderator" }, { first.affiliation, first.role });
			local _, bob = enter(room, breakout, "Bob");
			assert.same({ "member", "participant" }, { bob.affiliation, bob.role });
			assert.equal("result", host:admin(breakout, { role = "none", nick = "Bob" }, mod).type);
			assert.is_false(is_in(breakout, "Bob"));
		end);

		it("gives its first presences right also to who has never been in the main room", function ()
			local room = host:new_room();
			local breakout = host:breakout(room);
			local mod = rig.client { prosody = host.prosody, room = room,
				token = rig.token { room = room, name = "Mod", moderator = true } };
			local own = mod:join { room = breakout, nick = "Mod" };
			assert.same({ "owner", "moderator" }, { own.affiliation, own.role });
			local eve = rig.client { prosody = host.prosody, room = room,
				token = rig.token { room = "not" .. room, name = "Eve", moderator = true } };
			own = eve:join { room = breakout, nick = "Eve" };
			assert.same({ "error", "not-allowed" }, { own.type, own.condition });
		end);

		it("makes no owner of whom Jicofo asks it for", function ()
			local room = host:new_room();
			local breakout = host:breakout(room);
			local bob = enter(room, breakout, "Bob");
			for _, item in ipairs { { affiliation = "owner", jid = host.bare(bob) }, { role = "moderator", nick = "Bob" } } do
				assert.equal("not-allowed", host:admin(breakout, item).condition);
			end
			assert.equal("participant", host:lua(breakout, [[return room:get_role(room.jid .. "/Bob")]]));
			assert.equal("member", host:affiliation(room, bob));
		end);

		it("lets in who was in the main room when that is closed to others", function ()
			local room = host:new_room();
			local bob = rig.player(host.prosody, { room = room, name = "Bob" });
			host:lua(room, "room:set_members_only(true)");
			local breakout = host:breakout(room);
			assert.equal("available", host.moves(bob, room, breakout, "Bob").type);
			assert.equal("available", host.moves(bob, breakout, room, "Bob").type);
			local eve = rig.client { prosody = host.prosody, room = room, token = rig.token { room = room, name = "Eve" } };
			assert.equal("registration-required", eve:join({ room = breakout, nick = "Eve" }).condition);
		end);

		it("puts out at once and keeps out whom a moderator has banned in it, there, in the main room and in its other "
				.. "breakout rooms", function ()
			local room = host:new_room();
			local breakout, other = host:breakout(room), host:breakout(room);
			local mod = enter(room, breakout, "Mod", { moderator = true });
			local troll = enter(room, breakout, "Troll", { person = "troll" });
			local tab, far = rig.player(host.prosody, { room = room, name = "Tab", person = "troll" }),
				enter(room, other, "Far", { person = "troll" });
			assert.equal("result", host:grant(troll, breakout, "outcast", mod).type);
			tab:wait { from = "/Tab", type = "unavailable" };
			far:wait { from = other .. "/Far", type = "unavailable" };
			for _, place in ipairs { room, breakout, other } do
				for _, client in ipairs { troll, tab, rig.client { prosody = host.prosody,
						token = rig.token { room = room, name = "New", person = "troll" } } } do
					local own = client:join { room = place, nick = "again" };
					assert.same({ "error", "not-allowed" }, { own.type, own.condition });
				end
			end
			assert.equal("result", host:grant(troll, room, "none").type);
			assert.equal("available", troll:join({ room = room, nick = "Troll" }).type);
			assert.equal("available", tab:join({ room = other, nick = "Tab" }).type);
		end);

		it("makes and unmakes moderators with the main room", function ()
			local room = host:new_room();
			local breakout = host:breakout(room);
			local mod, first = enter(room, breakout, "Mod", { moderator = true });
			assert.equal("moderator", first.role);
			local lord = rig.player(host.prosody, { room = room, name = "Lord", moderator = true });
			assert.equal("result", host:grant(mod, room, "member", lord).type);
			mod:wait { from = breakout .. "/Mod", role = "participant", affiliation = "member" };
			assert.equal("participant", host.moves(mod, breakout, room, "Mod").role);
		end);
	end);
end

describe("a breakout room whose main room Prosody has put aside, since there are many rooms,", function ()
	local host;
	setup(function ()
		host = moderated.start("skotos_bridge", { muc_options = 'storage = "memory"; muc_room_cache_size = 1\n'
			.. moderated.BREAKOUTS });
	end);
	teardown(function () assert.equal(0, host:stop().code); end);

	it("has the main room's moderators and bans all the same", function ()
		local room = host:new_room();
		local breakout = host:breakout(room, true);
		local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
		local bob = rig.player(host.prosody, { room = room, name = "Bob" });
		for nick, client in pairs { Mod = mod, Bob = bob } do
			client:leave { room = room, nick = nick };
			client:wait { from = room .. "@conference.meet.test/" .. nick, type = "unavailable" };
		end
		host:new_room();
		assert.equal("moderator", mod:join({ room = breakout, nick = "Mod" }).role);
		host:new_room();
		assert.equal("participant", bob:join({ room = breakout, nick = "Bob" }).role);
		host:new_room();
		assert.equal("result", host:grant(bob, breakout, "outcast", mod).type);
		host:new_room();
		assert.equal("not-allowed", bob:join({ room = room, nick = "again" }).condition);
	end);
end);
