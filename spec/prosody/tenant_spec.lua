-- A game with a tenant beside one without, both unchanged, so that their players ask for rooms of one name: neither
-- reaches the other's.
local rig = require "spec.support.rig";
local free_port = require "spec.support.free_port";
local socket = require "socket";
local json = require "util.json";

local ROOM = "jitsi_chat_default";
local DEV_ROOM = "[dev]" .. ROOM;

local prosody, live, dev, focus, port;

local function options(more)
	return ([[
		skotos_games = {
			live = { skotos_port = %d, rooms = { "*" }, skotos_commands = true, skotos_allow_wildcard_room = true },
			dev = { skotos_port = %d, tenant = "dev", skotos_commands = true, skotos_allow_wildcard_room = true,
				skotos_moderators = { "Wiz" } },
		}
		skotos_allow_wildcard_room = true; skotos_listen = { port = %d }; %s
	]]):format(live.port, dev.port, port, more or "");
end

-- The token of a player who logs in to the unchanged game.
local function token(game, account)
	local seq = game:command { line = "player " .. rig.hex(account) }.line:match("%d+");
	game:settled {};
	return game:result { seq = seq }.token;
end

-- What the game hears that asks for a token for `channel`.
local function asked(game, channel)
	local seq = game:command { line = ("login %s %s"):format(rig.hex "Bob", rig.hex(channel)) }.line:match("%d+");
	game:settled {};
	return game:result { seq = seq };
end

local function ask(game, command) return game:ask { command = command }; end

local function claims(of) return rig.call("verify", { token = of }).jose; end

-- Whether the token opens the room.
local function opens(of, room)
	local client = rig.client { port = prosody.http, token = of, room = ROOM };
	if not client.connected then return false; end
	local own = client:join { room = room, nick = "n" };
	client:disconnect {};
	return own.type == "available";
end

for _, auth in ipairs { "token", "skotos_bridge" } do
	describe("a game with a tenant, under " .. auth .. ",", function ()
		setup(function ()
			live, dev = rig.game {}, rig.game {};
			port = free_port();
			prosody = rig.prosody { auth = auth, host_options = options() };
			focus = rig.focus(prosody);
			for _, game in ipairs { live, dev } do game:connected {}; end
			for _, room in ipairs { ROOM, DEV_ROOM, "[dev]cellar" } do focus:join { room = room, nick = "focus" }; end
		end);
		teardown(function ()
			prosody:stop();
			for _, game in ipairs { live, dev } do
				assert.equal(0, game:stats().unasked);
				game:stop();
			end
		end);

		it("has tokens for its own rooms alone, under its own names", function ()
			local ours, theirs = token(dev, "Skott"), token(live, "Skott");
			assert.same({ "dev", ROOM, "skott" }, { claims(ours).sub, claims(ours).room, claims(ours).context.user.name });
			assert.same({ "meet.test", ROOM }, { claims(theirs).sub, claims(theirs).room });
			local seen = {};
			for name, of in pairs { ours = ours, theirs = theirs, all_ours = asked(dev, "*").token,
					all_theirs = asked(live, "*").token } do
				for _, room in ipairs { ROOM, DEV_ROOM } do seen[name .. " " .. room] = opens(of, room) or nil; end
			end
			assert.same({ ["ours " .. DEV_ROOM] = true, ["all_ours " .. DEV_ROOM] = true, ["theirs " .. ROOM] = true,
				["all_theirs " .. ROOM] = true }, seen);
			assert.is_false(opens(ours, "[dev]cellar"));
		end);

		for _, room in ipairs { "[dev]tavern", "[DEV]tavern" } do
			it("keeps its rooms from another game and from the listener, as " .. room, function ()
				local reply = asked(live, room);
				assert.is_false(reply.success);
				assert.truthy(reply.message:find("is a room of another game's tenant", 1, true), reply.message);
				for _, command in ipairs { { cmd = "end", channel = room }, { cmd = "occupants", channel = room },
						{ cmd = "say", channel = room, text = "x" } } do
					local refused = ask(live, command);
					assert.is_false(refused.success);
					assert.truthy(refused.message:find("is a room of another game's tenant", 1, true), refused.message);
				end
				local caller = assert(socket.connect("127.0.0.1", port));
				caller:settimeout(60);
				caller:send(json.encode { displayName = "Bob", channel = room, moderator = false, validFor = 60, seq = 1 } .. "\n");
				assert.truthy(caller:receive("*l"):find("another game's tenant", 1, true));
				caller:close();
			end);
		end

		it("leaves what is no tenant of a game's to the others", function ()
			assert.equal("guild", claims(asked(live, "[guild]tavern").token).sub);
			assert.is_true(asked(live, "dev").success);
		end);

		it("takes no room of another game for its own, whose name decodes to its tenant's", function ()
			assert.is_true(ask(dev, { cmd = "subscribe", events = { "joined" } }).success);
			local from, name = dev:stats().events, "%5bdev%5dtavern";
			local reply = asked(live, name);
			focus:join { room = name, nick = "focus" };
			local client, own = rig.player(prosody, { token = reply.token, room = name, nick = "n" });
			assert.equal("available", own.type);
			assert.same({}, ask(dev, { cmd = "rooms" }).rooms);
			assert.equal(name, ask(live, { cmd = "rooms" }).rooms[1].channel);
			assert.equal(1, #ask(live, { cmd = "occupants", channel = name }).occupants);
			ask(dev, { cmd = "ping" });
			assert.same({}, dev:events { from = from }.list);
			client:disconnect {};
		end);

		it("commands its rooms, and sees no other, by their own names", function ()
			local clients = {};
			for game, room in pairs { [live] = ROOM, [dev] = DEV_ROOM } do
				local client, own = rig.player(prosody, { token = token(game, "Wiz"), room = room, nick = "w" });
				assert.equal(game == dev and "moderator" or "participant", own.role);
				clients[game] = client;
			end
			for _, game in ipairs { live, dev } do
				local rooms = ask(game, { cmd = "rooms" }).rooms;
				assert.same({ ROOM, 1 }, { rooms[1].channel, #rooms });
				assert.same({}, ask(game, { cmd = "rooms", cursor = ROOM }).rooms);
				local reply = ask(game, { cmd = "occupants", channel = ROOM });
				assert.same({ ROOM, "wiz", 1 }, { reply.channel, reply.occupants[1].id, #reply.occupants });
			end
			local closed = ask(dev, { cmd = "occupants", channel = "nowhere" });
			assert.truthy(closed.message:find('"nowhere"', 1, true), closed.message);
			assert.equal("[dev]nowhere", ask(dev, { cmd = "move", channel = ROOM, id = "wiz", to = "[dev]nowhere" }).to);
			local moved = ask(dev, { cmd = "move", channel = ROOM, id = "wiz", to = "cellar" });
			assert.same({ "cellar", "dev", "cellar" }, { moved.to, claims(moved.token).sub, claims(moved.token).room });
			assert.is_true(opens(moved.token, "[dev]cellar"));
			assert.is_true(ask(dev, { cmd = "kick", channel = ROOM, id = "wiz", banFor = 60 }).success);
			clients[dev]:wait { from = "/w", type = "unavailable" };
			assert.is_false(opens(token(dev, "Wiz"), DEV_ROOM));
			assert.equal(1, #ask(live, { cmd = "occupants", channel = ROOM }).occupants); -- his namesake stays
			for _, client in pairs(clients) do client:disconnect {}; end
		end);

		it("hears of its rooms, and of no other, by their own names", function ()
			for _, game in ipairs { live, dev } do
				assert.is_true(ask(game, { cmd = "subscribe", events = { "joined" } }).success);
			end
			local from = { [live] = live:stats().events, [dev] = dev:stats().events };
			for game, room in pairs { [live] = ROOM, [dev] = DEV_ROOM } do
				local name = game == dev and "Deva" or "Liv";
				rig.player(prosody, { token = token(game, name), room = room, nick = name }):disconnect {};
			end
			for game, name in pairs { [live] = "liv", [dev] = "deva" } do
				ask(game, { cmd = "ping" });
				local heard = {};
				for _, event in ipairs(game:events { from = from[game] }.list) do
					heard[#heard + 1] = event.channel .. " " .. event.id;
				end
				assert.same({ ROOM .. " " .. name }, heard);
			end
		end);

		local wrong = {
			{ 'skotos_games = { a = { tenant = "De v" } }',
				'skotos_games.a: tenant = "De v": small letters, digits, - and _ are wanted' };
			{ "skotos_games = { a = { tenant = true } }", "skotos_games.a: tenant = true: small letters" };
			{ 'skotos_games = { a = { tenant = "dev" } }; enable_domain_verification = false',
				"enable_domain_verification = false: with a game that has a tenant (dev)" };
			{ 'skotos_games = { a = { tenant = "dev" } }; skotos_domain = "*"',
				'skotos_domain = "*": with a game that has a tenant (dev)' };
		};
		for _, case in ipairs(wrong) do
			it("is named where its options are wrong: " .. case[1], function ()
				prosody:reload { options = { host_options = case[1] } };
				prosody:wait_log { text = case[2] };
				assert.is_true(asked(dev, "tavern").success);
			end);
		end
	end);
end
