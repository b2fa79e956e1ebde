-- What is decided about a person reaches all of that person's connections, whoever decided it.
local rig = require "spec.support.rig";
local moderated = require "spec.support.moderated";

for _, auth in ipairs { "token", "skotos_bridge" } do
	describe("a moderator's page, under " .. auth .. ", reaches every connection of a person and nobody else's:", function ()
		local host;
		setup(function () host = moderated.start(auth, { host_options = "skotos_moderators_may_grant = true" }); end);
		teardown(function () assert.equal(0, host:stop().code); end);

		-- A room with a moderator, a person with two tabs, and another one.
		local function scene(is_moderator)
			local room, tabs = host:new_room(), {};
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			for i = 1, 2 do
				tabs[i] = rig.player(host.prosody, { room = room, name = "Tab", person = "tab", nick = "tab" .. i, moderator = is_moderator });
			end
			local other = rig.player(host.prosody, { room = room, name = "Other", moderator = is_moderator });
			return room, mod, tabs, other;
		end

		it("a ban, and its end", function ()
			local room, mod, tabs, other = scene();
			assert.equal("result", host:grant(tabs[1], room, "outcast", mod).type);
			local out = tabs[2]:wait { from = "/tab2", type = "unavailable" };
			assert.equal("none", out.role);
			assert.is_true(table.concat(out.codes, " "):find("307", 1, true) ~= nil); -- which is what a page understands
			for _, tab in ipairs(tabs) do
				local own = tab:join { room = room, nick = "again" };
				assert.same({ "error", "not-allowed" }, { own.type, own.condition });
			end
			assert.equal("member", host:affiliation(room, other));
			assert.equal("result", host:grant(tabs[1], room, "none", mod).type);
			for i, tab in ipairs(tabs) do assert.equal("available", tab:join({ room = room, nick = "back" .. i }).type); end
		end);

		it("a ban whose JID is lifted after both tabs were banned one by one", function ()
			local room, mod, tabs = scene();
			assert.equal("result", host:grant(tabs[1], room, "outcast", mod).type);
			assert.equal("result", host:grant(tabs[2], room, "outcast", mod).type);
			assert.equal("result", host:grant(tabs[2], room, "none", mod).type);
			for i, tab in ipairs(tabs) do assert.equal("available", tab:join({ room = room, nick = "back" .. i }).type); end
		end);

		it("a promotion, and a demotion as the page asks for it", function ()
			local room, mod, tabs, other = scene();
			assert.equal("result", host:grant(tabs[1], room, "owner", mod).type);
			tabs[2]:wait { from = "/tab2", role = "moderator", affiliation = "owner" };
			assert.equal("member", host:affiliation(room, other));
			assert.equal("result", host:grant(tabs[2], room, "none", mod).type);
			tabs[1]:wait { from = "/tab1", role = "participant", affiliation = "member" };
			local _, third = rig.player(host.prosody, { room = room, name = "Tab", person = "tab", nick = "tab3", moderator = true });
			assert.equal("participant", third.role);
			assert.equal("owner", host:affiliation(room, mod));
		end);

		it("a demotion of one whose token makes him a moderator", function ()
			local room, mod, tabs, other = scene(true);
			assert.equal("result", host:grant(tabs[1], room, "member", mod).type);
			tabs[2]:wait { from = "/tab2", role = "participant", affiliation = "member" };
			assert.equal("owner", host:affiliation(room, other));
		end);

		it("is known as before when the module was unloaded and loaded, or Jitsi's MUC reloaded, with people in the room", function ()
			local room, mod, tabs = scene();
			host:module "unload";
			host:module "load";
			assert.equal("result", host:grant(tabs[1], room, "outcast", mod).type);
			tabs[2]:wait { from = "/tab2", type = "unavailable" };
			local second, lord, both = scene();
			host.prosody:lua { code = [[return (require "core.modulemanager".reload("conference.meet.test", "muc"))]] };
			assert.equal("result", host:grant(both[1], second, "outcast", lord).type);
			both[2]:wait { from = "/tab2", type = "unavailable" };
			local own = both[2]:join { room = second, nick = "again" };
			assert.equal("not-allowed", own.condition);
		end);
	end);
end
