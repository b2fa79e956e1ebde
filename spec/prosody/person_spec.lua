-- What is decided about a person reaches all of that person's connections, whoever decided it.
local rig = require "spec.support.rig";
local moderated = require "spec.support.moderated";

for _, auth in ipairs { "token", "skotos_bridge" } do
	describe("a moderator's page, under " .. auth .. ", reaches every connection of a person and nobody else's:",
			function ()
		local host;
		setup(function () host = moderated.start(auth, { host_options = "skotos_moderators_may_grant = true" }); end);
		teardown(function () assert.equal(0, host:stop().code); end);

		-- A room with a moderator, a person with two tabs, and another one.
		local function scene(is_moderator)
			local room, tabs = host:new_room(), {};
			local mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			for i = 1, 2 do
				tabs[i] = rig.player(host.prosody, { room = room, name = "Tab", person = "tab", nick = "tab" .. i,
					moderator = is_moderator });
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
			local _, third = rig.player(host.prosody, { room = room, name = "Tab", person = "tab", nick = "tab3",
				moderator = true });
			assert.equal("participant", third.role);
			assert.equal("owner", host:affiliation(room, mod));
		end);

		it("a demotion of one whose token makes him a moderator", function ()
			local room, mod, tabs, other = scene(true);
			assert.equal("result", host:grant(tabs[1], room, "member", mod).type);
			tabs[2]:wait { from = "/tab2", role = "participant", affiliation = "member" };
			assert.equal("owner", host:affiliation(room, other));
		end);

		it("is known as before when the module was unloaded and loaded, or Jitsi's MUC reloaded, with people in the room",
				function ()
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

describe("a decision that no page made reaches every connection of a person and nobody else's:", function ()
	local host, game, bridge;
	setup(function ()
		game = rig.game {};
		host = moderated.start("skotos_bridge", { game_port = game.port, host_options = "skotos_commands = true" });
		bridge = [[prosody.hosts["meet.test"].modules.skotos_bridge]];
		game:connected {};
	end);
	teardown(function ()
		assert.equal(0, host:stop().code);
		game:stop();
	end);

	local ways = {
		["a game's command"] = { decide = function (room, command)
			command.channel, command.id = room, "tab";
			local reply = game:ask { command = command };
			assert.is_true(reply.success, reply.message);
		end };
		["another shard's"] = { decide = function (room, command)
			local kind, value = command.cmd == "kick" and "ban" or "moderator",
				command.cmd == "kick" and os.time() + command.banFor or command.moderator;
			host.prosody:lua { code = ([[%s.apply_decision("%s@conference.meet.test", "%s", "tab", %s)]]):format(bridge, room,
				kind, value) };
		end };
	};
	for name, way in pairs(ways) do
		it(name, function ()
			local room, tabs = host:new_room(), {};
			for i = 1, 2 do
				tabs[i] = rig.player(host.prosody, { room = room, name = "Tab", person = "tab", nick = "tab" .. i });
			end
			local other = rig.player(host.prosody, { room = room, name = "Tab", person = "other", nick = "other" });
			for _, moderator in ipairs { true, false } do
				way.decide(room, { cmd = "set_moderator", moderator = moderator });
				for i, tab in ipairs(tabs) do
					assert.equal(moderator and "owner" or "member", host:affiliation(room, tab));
					assert.equal(moderator and "moderator" or "participant",
						host:lua(room, ([[return room:get_occupant_by_nick(room.jid .. "/tab%d").role]]):format(i)));
				end
				assert.equal("member", host:affiliation(room, other));
			end
			way.decide(room, { cmd = "kick", banFor = 600 });
			for i, tab in ipairs(tabs) do
				tab:wait { from = "/tab" .. i, type = "unavailable" };
				assert.equal("not-allowed", tab:join({ room = room, nick = "again" .. i }).condition);
			end
			assert.equal("member", host:affiliation(room, other));
		end);
	end

	it("a game's kick, after which all may come again", function ()
		local room, tabs = host:new_room(), {};
		for i = 1, 2 do
			tabs[i] = rig.player(host.prosody, { room = room, name = "Tab", person = "tab", nick = "tab" .. i });
		end
		ways["a game's command"].decide(room, { cmd = "kick" });
		for i, tab in ipairs(tabs) do tab:wait { from = "/tab" .. i, type = "unavailable" }; end
		for i, tab in ipairs(tabs) do assert.equal("available", tab:join({ room = room, nick = "back" .. i }).type); end
	end);
end);
