-- How what a token gives reaches other modules: with the events of Prosody's own room:set_affiliation, without its
-- message to everybody, and for as long as the session lives.
local rig = require "spec.support.rig";
local moderated = require "spec.support.moderated";

local LISTENER = 'modules_enabled = { "affiliation_listener" }\n';

for _, auth in ipairs { "token", "skotos_bridge" } do
	describe("an affiliation under " .. auth, function ()
		local host;
		setup(function () host = moderated.start(auth, { muc_options = LISTENER }); end);
		teardown(function () assert.equal(0, host:stop().code); end);

		-- What the listener has heard of this client since the last time, its JID left out.
		local function heard(bare)
			local text = host:lua("none", ([[
				local listener, list = prosody.hosts["conference.meet.test"].modules.affiliation_listener, {};
				for _, line in ipairs(listener.heard) do
					local what, jid, rest = line:match("^(%%S+) (%%S+) (.+)$");
					if jid == "%s" then table.insert(list, what .. " " .. rest); end
				end
				listener.heard = {};
				return table.concat(list, ", ");]]):format(bare));
			return text;
		end

		it("is told before it is given and after, before the first presence, at each join of the room", function ()
			local room = host:new_room();
			local mod, own = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			assert.is_true(own.permissions);
			assert.equal("pre owner, set none owner", heard(host.bare(mod)));
			mod:leave { room = room, nick = "Mod" };
			mod:wait { from = "/Mod", type = "unavailable" };
			assert.is_true(mod:join({ room = room, nick = "Mod" }).permissions);
			assert.equal("pre owner, set owner owner", heard(host.bare(mod)));
			local bob, first = rig.player(host.prosody, { room = room, name = "Bob" });
			assert.is_false(first.permissions);
			assert.equal("pre member, set none member", heard(host.bare(bob)));
		end);

		it("leaves what Prosody has found of reserved nicknames as it is, and a nickname reserved for somebody else his",
				function ()
			local room = host:new_room();
			local function reserved() return host:lua(room, [[return tostring(room._reserved_nicks)]]); end
			rig.player(host.prosody, { room = room, name = "Ann" });
			rig.player(host.prosody, { room = room, name = "Bob" });
			local before = reserved();
			assert.truthy(before:find("^table"), before);
			rig.player(host.prosody, { room = room, name = "Eve", moderator = true });
			assert.equal(before, reserved());
			host:lua(room, [[room:set_affiliation(true, "cy@meet.test", "member", nil, { reserved_nickname = "Cy" })]]);
			local _, refused = rig.player(host.prosody, { room = room, name = "Cy" });
			assert.equal("conflict", refused.condition);
			local _, other = rig.player(host.prosody, { room = room, name = "Dan" });
			assert.equal("participant", other.role);
		end);

		it("is not given when another module does not allow it", function ()
			local room = host:new_room();
			host:lua(room, [[module:context("conference.meet.test"):hook("muc-pre-set-affiliation", function (event)
				if event.room == room then event.allowed = false; end
			end);]]);
			local mod, own = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			assert.same({ "none", "participant" }, { own.affiliation, own.role });
			assert.equal("not-allowed", host:grant(mod, room).condition);
		end);

		it("ends with the session, and is told", function ()
			local room = host:new_room();
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			mod:leave { room = room, nick = "Mod" };
			mod:wait { from = "/Mod", type = "unavailable" };
			assert.equal("owner", host:affiliation(room, mod));
			heard(host.bare(mod));
			local gone = host.ends(host.prosody, mod);
			assert.equal("pre none, set owner none", heard(gone));
			assert.equal("nil", host:lua(room, ([[return tostring(room:get_affiliation("%s"))]]):format(gone)));
		end);

		it("comes back to a moderator whom another one has kicked from the page", function ()
			local room = host:new_room();
			local lord = rig.player(host.prosody, { room = room, name = "Lord", moderator = true });
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			assert.equal("result", host:admin(room, { role = "none", nick = "Mod" }, lord).type);
			mod:wait { from = "/Mod", type = "unavailable" };
			assert.equal("moderator", mod:join({ room = room, nick = "Mod" }).role);
			local _, again = rig.player(host.prosody, { room = room, name = "Mod", nick = "Mod2", moderator = true });
			assert.equal("moderator", again.role);
		end);

		it("sends nobody a message for those who come, change rooms and go", function ()
			local room = host:new_room();
			local first = rig.player(host.prosody, { room = room, name = "first" });
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			mod:leave { room = room, nick = "Mod" };
			first:wait { from = "/Mod", type = "unavailable" };
			host.ends(host.prosody, mod);
			local eve = rig.player(host.prosody, { room = room, name = "Eve" });
			eve:say { room = room, text = "the end" };
			first:heard { text = "the end" };
			assert.equal(2, #first:chat().list); -- and the room's subject, which was its own
		end);
	end);
end
