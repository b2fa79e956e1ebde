-- What outlives a restart of Prosody: bans, made moderators, mutes, and which tokens are in use; written before it is
-- needed, and gone when its time is over.
local rig = require "spec.support.rig";
local unhurried = require "spec.support.unhurried";
local moderated = require "spec.support.moderated";

local GAME = [[skotos_games = { marrach = { skotos_port = %d, rooms = { "*" }, skotos_commands = true } }; ]]
	.. [[skotos_reconnect_grace = %d; skotos_leeway = 0]];

describe("a restart of Prosody", function ()
	local host, game, options;
	before_each(function ()
		game = rig.game {};
		options = GAME:format(game.port, 60);
		-- as in Jitsi's templates
		host = moderated.start("skotos_bridge", { host_options = options, game_port = false,
			muc_options = 'storage = "memory"' });
		game:connected {};
	end);
	after_each(function ()
		host:stop();
		game:stop();
	end);

	local function done(command)
		local reply = game:ask { command = command };
		assert.is_true(reply.success, reply.message);
		return reply;
	end

	-- Until `text` stands in what outlives a restart.
	local function written(store, text)
		for _ = 1, 200 do
			local found = io.popen(("grep -rl '%s' %s/data/*/skotos_bridge_%s 2>/dev/null"):format(text, host.prosody.dir,
				store)):read("a");
			if found ~= "" then return; end
			rig.call("pause", { ms = 50 });
		end
		error("nothing was written");
	end

	local function restart(hard, changed)
		host.prosody:restart { hard = hard, options = changed };
		host.focus = rig.focus(host.prosody);
		game:connected {};
	end

	it("is not needed: what was decided a moment before the module is unloaded holds when it is loaded again", function ()
		local room = host:new_room();
		for _, name in ipairs { "Bob", "Kicked" } do rig.player(host.prosody, { room = room, name = name }); end
		done { cmd = "kick", channel = room, id = "Kicked", banFor = 600 };
		host:module "unload";
		host:module "load";
		game:connected {};
		local _, own = rig.player(host.prosody, { room = room, name = "Kicked" });
		assert.equal("not-allowed", own.condition);
	end);

	for _, hard in ipairs { false, true } do
		it("keeps what was decided about people who come back " .. (hard and "after a crash" or "after it was stopped"),
				unhurried(function ()
			local room = host:new_room();
			for _, name in ipairs { "Mod", "Bob", "Loud", "troll", "Kicked" } do
				rig.player(host.prosody, { room = room, name = name, moderator = name == "Mod", manner = "obey" });
			end
			done { cmd = "set_moderator", channel = room, id = "Mod", moderator = false };
			done { cmd = "set_moderator", channel = room, id = "Bob", moderator = true };
			done { cmd = "mute", channel = room, id = "Loud", media = "audio", muted = true };
			done { cmd = "kick", channel = room, id = "Kicked", banFor = 600 };
			host.prosody:lua { code = ([[local main = prosody.hosts["conference.meet.test"].modules.muc
				.get_room_from_jid("%s@conference.meet.test")
				for _, o in main:each_occupant() do if o.nick:find("troll") then main:set_affiliation(true, o.bare_jid,
					"outcast"); end end]]):format(room) };
			written("people", "troll");
			restart(hard);
			host.focus:join { room = room, nick = "focus" };
			local _, mod = rig.player(host.prosody, { room = room, name = "Mod", moderator = true });
			assert.equal("participant", mod.role);
			local _, bob = rig.player(host.prosody, { room = room, name = "Bob" });
			assert.equal("moderator", bob.role);
			local loud = rig.player(host.prosody, { room = room, name = "Loud", manner = "obey" });
			rig.call("mutes_reach", { id = loud.id, count = 1 });
			for _, name in ipairs { "troll", "Kicked" } do
				local _, own = rig.player(host.prosody, { room = room, name = name });
				assert.equal("not-allowed", own.condition);
			end
		end));

		it("lets whoever was in come back with a token that has expired, "
				.. (hard and "after a crash" or "after it was stopped"), function ()
			local exp = os.time() + 6;
			local token = rig.token { name = "troll", exp = exp };
			local client = rig.player(host.prosody, { token = token, nick = "t" });
			assert.is_true(client.connected);
			while os.time() <= exp do rig.call("pause", { ms = 100 }); end
			written("tokens", "[0-9a-f]\\{64\\}");
			restart(hard);
			assert.is_true(rig.client({ prosody = host.prosody, token = token, room = "tavern" }).connected);
			local never = rig.token { name = "Other", exp = exp };
			assert.is_false(rig.client({ prosody = host.prosody, token = never, room = "tavern" }).connected);
		end);
	end

	it("keeps only bans with an end, when it takes longer than players would come back", function ()
		local room = host:new_room();
		for _, name in ipairs { "troll", "Kicked", "Bob" } do rig.player(host.prosody, { room = room, name = name }); end
		done { cmd = "set_moderator", channel = room, id = "Bob", moderator = true };
		done { cmd = "kick", channel = room, id = "Kicked", banFor = 600 };
		done { cmd = "kick", channel = room, id = "troll", banFor = 1 };
		restart(false, { host_options = (options:gsub("grace = %d+", "grace = 0")) .. "; allow_empty_token = true" });
		rig.call("pause", { ms = 1100 }); -- the ban of one second is over, and so is the grace
		host.focus:join { room = room, nick = "focus" };
		local _, bob = rig.player(host.prosody, { room = room, name = "Bob" });
		assert.equal("participant", bob.role);
		local _, kicked = rig.player(host.prosody, { room = room, name = "Kicked" });
		assert.equal("not-allowed", kicked.condition);
		local _, troll = rig.player(host.prosody, { room = room, name = "troll" });
		assert.equal("available", troll.type);
	end);
end);
