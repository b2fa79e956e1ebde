-- The module's life: loading, reloading, unloading, new settings.
local rig = require "spec.support.rig";

local function manage(prosody, what)
	return prosody:lua { code = ([[return (require "core.modulemanager".%s("meet.test", "skotos_bridge"))]])
		:format(what) }.result;
end

describe("the module", function ()
	it("leaks no descriptor when it is reloaded, unloaded and loaded, and breaks no meeting", function ()
		local game = rig.game {};
		local prosody = rig.prosody { game_port = game.port };
		game:connected {};
		local client, own = rig.player(prosody, { name = "Bob" });
		assert.equal("available", own.type);
		local before = rig.descriptors(prosody);
		for _ = 1, 20 do manage(prosody, "reload"); end
		game:connected {};
		for _ = 1, 5 do
			manage(prosody, "unload");
			manage(prosody, "load");
		end
		game:connected {};
		game:command { line = "burst 20" };
		assert.equal(20, game:settled {}.understood);
		assert.is_true(rig.descriptors(prosody) <= before + 1, before .. " became " .. rig.descriptors(prosody));
		local _, late = rig.player(prosody, { name = "Late" });
		assert.equal("available", late.type);
		client:wait { from = "/Late" };
		assert.same({}, rig.complaints(prosody));
		assert.equal(0, prosody:stop().code);
	end);

	it("that fails to load leaves no link behind", function ()
		local game = rig.game {};
		local prosody = rig.prosody { game_port = game.port };
		game:connected {};
		local before = rig.descriptors(prosody);
		manage(prosody, "unload");
		prosody:lua { code = [[
			local api = require "core.moduleapi";
			local depends = api.depends;
			api.depends = function (self, name, ...)
				if name == "http" then error "no http today"; end
				return depends(self, name, ...);
			end
			require "core.modulemanager".load("meet.test", "skotos_bridge");
			api.depends = depends]] };
		assert.is_truthy(prosody:log().text:find("no http today", 1, true));
		assert.is_true(rig.descriptors(prosody) < before);
		manage(prosody, "load");
		game:connected {};
		assert.is_true(rig.descriptors(prosody) <= before);
		game:command { line = "burst 20" };
		assert.equal(20, game:settled {}.understood);
		assert.equal(0, prosody:stop().code);
		game:stop();
	end);

	it("leaves nothing of itself in memory when it is unloaded, nor does the login", function ()
		local game = rig.game {};
		local prosody = rig.prosody { game_port = game.port, auth = "skotos_bridge" };
		game:connected {};
		local function lua(code) return prosody:lua { code = code }.result; end
		assert.equal("unloaded", lua [[
			local manager = require "core.modulemanager";
			local unloaded = setmetatable({}, { __mode = "v" });
			package.loaded["spec.unloaded"] = unloaded;
			for i, name in ipairs { "skotos_bridge", "auth_skotos_bridge" } do
				unloaded[i] = assert(manager.get_module(host, name));
				assert(manager.unload(host, name));
			end
			return "unloaded"]]);
		assert.equal("", lua [[
			collectgarbage();
			collectgarbage();
			local left = {};
			for i in pairs(package.loaded["spec.unloaded"]) do left[#left + 1] = tostring(i); end
			return table.concat(left, " ")]]);
		assert.equal(0, prosody:stop().code);
		game:stop();
	end);

	it("keeps its link when Prosody was held up, since nobody else would answer the game, and says that it was",
			function ()
		local game = rig.game {};
		local prosody = rig.prosody { game_port = game.port };
		game:connected {};
		-- What is slept through in one call, the module's timers make up for before the next.
		local function sleep(seconds)
			prosody:lua { code = ([[require "socket".sleep(%g) return "slept"]]):format(seconds) };
		end
		for _ = 1, 3 do
			game:command { line = "burst 20" };
			sleep(4.5);
			game:settled {};
			sleep(0.3);
			sleep(0.3);
			game:command { line = "burst 20" };
			game:settled {};
		end
		prosody:wait_log { text = "Prosody's loop was held up for " };
		local stats = game:stats();
		assert.same({ 120, 1, 0 }, { stats.understood, stats.connects, stats.lost });
		local health = prosody:lua { code = [[return (require "core.modulemanager".get_module(host, ]]
			.. [["skotos_bridge").status().game.state)]] }.result;
		assert.equal("up", health);
		assert.equal(0, prosody:stop().code);
		game:stop();
	end);

	it("follows new settings: another game, another secret, a wrong value", function ()
		local one, two = rig.game {}, rig.game {};
		local prosody = rig.prosody { game_port = one.port };
		one:connected {};
		prosody:reload { options = { game_port = two.port, host_options = 'skotos_moderators = { "Player3" }' } };
		two:connected {};
		assert.equal(0, one:stats().connected);
		for seq, name in ipairs { "Player3", "Player2" } do
			two:order { list = { { login = name, channel = "hall" } } };
			assert.equal(seq, two:settled {}.understood);
			assert.equal(seq == 1, rig.call("verify", { token = two:result { seq = seq - 1 }.token }).jose.moderator);
		end
		prosody:reload { options = { game_port = two.port, host_options = 'skotos_max_frame = "huge"' } };
		prosody:wait_log { text = 'skotos_max_frame = "huge": a whole number from 256 to 16777216 is wanted; the settings '
			.. 'from before stay in force' };
		two:command { line = "burst 5" };
		assert.equal(7, two:settled {}.understood);
		prosody:stop();
	end);

	local wrong = {
		{ "skotos_port = 0", "skotos_port = 0: a whole number from 1 to 65535 is wanted" },
		{ "skotos_reply_size = 12", "skotos_reply_size = 12: 0 or a whole number from 1024 to 65536 is wanted" },
		{ "skotos_reconnect_grace = 86401", "skotos_reconnect_grace = 86401: a whole number from 0 to 86400 is wanted" },
		{ 'skotos_allow_wildcard_room = "yes"', 'skotos_allow_wildcard_room = "yes": true or false is wanted' },
		{ 'skotos_request_members = { "shoe" }', "skotos_request_members = a table: a list of id, email, avatar, "
			.. "validUntil, group, features is wanted" },
		{ "skotos_games = { dev = { skotos_port = 1 } }", "skotos_games.dev: rooms: a list of room patterns is wanted" },
		{ "app_secret = { }", "app_secret: a string or a list of strings is wanted" },
		{ 'app_secret = "short"', "a secret in app_secret or skotos_secret_file has 5 bytes; 32 or more are wanted" },
		{ 'signature_algorithm = "RS256"', 'signature_algorithm = "RS256": the game\'s tokens are signed here' },
		{ 'skotos_secret_file = "/nowhere"', "app_secret and skotos_secret_file are both set" },
		{ 'skotos_commands = { "dance" }', "skotos_commands = a table: a list of set_moderator, kick, admit, deny, mute, "
			.. "move, say, occupants, rooms, end, subscribe, ping, or true for all, is wanted" },
		{ 'skotos_tls = "on"', 'skotos_tls = "on": a table of ca, certificate, key (paths), verify_name and pin_sha256' },
	};
	for _, case in ipairs(wrong) do
		it("does not load with " .. case[1] .. ", and says why in one line", function ()
			local prosody = rig.prosody { host_options = case[1] };
			prosody:wait_log { text = case[2] };
			assert.equal("false", prosody:lua { code = [[return not not require "core.modulemanager".is_loaded("meet.test", ]]
				.. [["skotos_bridge")]] }.result);
			prosody:stop();
		end);
	end

	it("does not load without its C module, and says where that is looked for", function ()
		local prosody = rig.prosody { env = { LUA_CPATH = "/nowhere/?.so;/usr/lib/x86_64-linux-gnu/lua/5.4/?.so" } };
		prosody:wait_log { text = "the C module skotos_bridge.so is not found or does not load; is it in Lua's C path? " };
		assert.equal("false", prosody:lua { code = [[return not not require "core.modulemanager".is_loaded("meet.test", ]]
			.. [["skotos_bridge")]] }.result);
		prosody:stop();
	end);

	it("names the nearest option for one that nobody knows", function ()
		local prosody = rig.prosody { host_options = "skotos_prot = 11091" };
		prosody:wait_log { text = "unknown option skotos_prot; did you mean skotos_port?" };
		prosody:stop();
	end);

	it("goes nowhere public without encryption, and says what to set", function ()
		local prosody = rig.prosody { host_options = 'skotos_host = "192.0.2.1"' };
		prosody:wait_log { text = "set skotos_tls, or skotos_allow_plaintext = true" };
		prosody:stop();
	end);
end);

describe("the secret", function ()
	local function serve(options, expect)
		local game = rig.game {};
		options.game_port, options.auth = game.port, "skotos_bridge";
		local prosody = rig.prosody(options);
		game:connected {};
		game:command { line = "login " .. rig.hex("Ann") .. " " .. rig.hex("tavern") };
		game:settled {};
		local token = game:result { seq = 0 }.token;
		local client = rig.client { port = prosody.http, token = token, room = "tavern" };
		assert.is_true(client.connected, client.condition);
		expect(token, prosody);
		assert.equal(0, prosody:stop().code);
		game:stop();
	end

	it("may come from a file, one a line, of which the first signs", function ()
		local path = os.tmpname();
		local file = assert(io.open(path, "w"));
		file:write(rig.SECRET, "\n", ("old"):rep(12), "\n");
		file:close();
		os.execute("chmod 600 " .. path);
		serve({ secret_option = ("skotos_secret_file = %q"):format(path) }, function (token, prosody)
			assert.equal("Ann", rig.call("verify", { token = token }).jose.context.user.name);
			assert.is_nil(prosody:log().text:find(rig.SECRET, 1, true));
			assert.same({}, rig.complaints(prosody));
		end);
		os.remove(path);
	end);

	for _, algorithm in ipairs { "HS384", "HS512" } do
		it("signs and checks with " .. algorithm .. " where signature_algorithm says so", function ()
			serve({ host_options = ("signature_algorithm = %q"):format(algorithm) }, function (token)
				local claims = rig.call("verify", { token = token, algorithm = algorithm });
				assert.equal("Ann", claims.jsonwebtoken.context.user.name);
				assert.equal("Ann", claims.jose.context.user.name);
			end);
		end);
	end
end);
