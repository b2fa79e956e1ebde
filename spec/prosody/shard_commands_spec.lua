-- A game's commands where there are several shards: whoever is asked, the shard that has the room does it.
local rig = require "spec.support.rig";

local allowed, why = rig.enclose();
if not allowed then
	describe("commands over several shards", function () pending("skipped: " .. why); end);
	return;
end

local fleet = require "spec.support.shards";
local unhurried = require "spec.support.unhurried";

describe("commands over several shards", function ()
	local shards, game, asked, others;
	local players = {};
	local rooms = 0;

	-- A room that nobody has used.
	local function new_room(name)
		rooms = rooms + 1;
		return name .. rooms;
	end

	-- Asks, and holds that it succeeds.
	local function done(command)
		local reply = game:ask { command = command };
		assert.is_true(reply.success, reply.message);
		return reply;
	end

	-- The shard whose link the game asks, and the other two.
	local function find_asked()
		local before = {};
		local function requests(n)
			return tonumber(shards.prosodys[n]:lua {
				code = "return prosody.hosts['meet.test'].modules.skotos_bridge.status().game.requests" }.result);
		end
		for n = 1, 3 do before[n] = requests(n); end
		game:ask { command = { cmd = "ping" } };
		others = {};
		for n = 1, 3 do
			if requests(n) > before[n] then asked = n; else others[#others + 1] = n; end
		end
	end

	-- Waits until the shard that is asked knows of the room.
	local function known(room)
		fleet.eventually("the room " .. room .. " to be known", function ()
			return game:ask({ command = { cmd = "occupants", channel = room } }).success;
		end);
	end

	local function enter(n, room, person)
		local focus = fleet.focus_of(shards.prosodys[n]);
		focus:join { room = room, nick = "focus" };
		local client = rig.player(shards.prosodys[n], { room = room, name = person, person = person });
		known(room);
		return client;
	end

	setup(function ()
		shards = rig.shards { versions = fleet.mix, host_options = "skotos_commands = true", bidi = rig.version == "13.0" };
		game = shards.game;
		fleet.all_up(shards);
		game:connected { count = 3 };
		find_asked();
		for n = 1, 3 do players[n] = enter(n, "room" .. n, "p" .. n); end
	end);
	teardown(function ()
		assert.equal(0, game:stats().unasked);
		shards:stop();
	end);

	it("reach the room on whatever shard it is", unhurried(function ()
		for n = 1, 3 do
			done { cmd = "set_moderator", channel = "room" .. n, id = "p" .. n, moderator = true };
			assert.equal("owner", players[n]:wait({ from = "/p" .. n, role = "moderator" }).affiliation);
			local list = fleet.ask(game, { cmd = "occupants", channel = "room" .. n });
			assert.same({ "p" .. n, true }, { list.occupants[1].id, list.occupants[1].moderator });
		end
	end));

	it("reach a room whose name the page encodes, on another shard", unhurried(function ()
		local focus, room = fleet.focus_of(shards.prosodys[others[1]]), new_room "gro%c3%9fer%20saal";
		local number = room:match "%d+$";
		focus:join { room = room, nick = "focus" };
		rig.player(shards.prosodys[others[1]], { room = room, name = "Umlaut", person = "umlaut" });
		known("Großer Saal" .. number);
		local list = fleet.ask(game, { cmd = "occupants", channel = "GROßER SAAL" .. number });
		assert.same({ "großer saal" .. number, "umlaut" }, { list.channel, list.occupants[1].id });
		done { cmd = "end", channel = "Großer Saal" .. number };
	end));

	it("about an unknown person or room fail as they do with one shard", function ()
		for n = 1, 3 do
			local reply = fleet.ask(game, { cmd = "kick", channel = "room" .. n, id = "nobody" });
			assert.equal(('id: "nobody" came, nobody in "room%d" has it'):format(n), reply.message);
		end
		assert.is_truthy(fleet.ask(game, { cmd = "kick", channel = "nowhere", id = "p1" }).message:find(
			"that room is not open", 1, true));
	end);

	it("gather the rooms of all", function ()
		local reply = fleet.ask(game, { cmd = "rooms" });
		local names = {};
		for i, room in ipairs(reply.rooms) do names[i] = room.channel; end
		assert.same({ "room1", "room2", "room3" }, names);
	end);

	it("mute somebody on another shard", unhurried(function ()
		local far, room = others[1], new_room "choir";
		local focus = fleet.focus_of(shards.prosodys[far]);
		focus:join { room = room, nick = "focus" };
		local singer = rig.player(shards.prosodys[far],
			{ room = room, name = "Singer", person = "singer", manner = "obey" });
		known(room);
		done { cmd = "mute", channel = room, id = "singer", media = "audio", muted = true };
		assert.same({ { media = "audio", from = room .. "@conference.meet.test/focus", text = "true" } },
			singer:mutes().list);
		assert.same({ "audio" }, fleet.ask(game, { cmd = "occupants", channel = room }).occupants[1].muted);
	end));

	it("move somebody to a room on another shard with a token that opens it there, unless that room keeps him out",
			unhurried(function ()
		local here, there = new_room "here", new_room "there";
		enter(others[1], here, "mover");
		enter(others[2], there, "stayer");
		local move = { cmd = "move", channel = here, id = "mover", to = there };
		local token = done(move).token;
		local _, own = rig.player(shards.prosodys[others[2]], { room = there, name = "mover", token = token });
		assert.equal("available", own.type, own.condition);
		done { cmd = "kick", channel = there, id = "mover", banFor = 600 };
		local reply;
		fleet.eventually("the ban to be known where he is", function ()
			reply = game:ask { command = move };
			return not reply.success;
		end);
		assert.truthy(reply.message:find(('"mover" is banned from "%s" until 20'):format(there), 1, true), reply.message);
	end));

	it("keep out everywhere who was thrown out on one", unhurried(function ()
		local room = new_room "brawl";
		enter(others[1], room, "brute");
		done { cmd = "kick", channel = room, id = "brute", banFor = 600 };
		fleet.eventually("all to agree", function () return fleet.agree(shards); end);
		for n = 1, 3 do assert.is_true(fleet.is_kept_out(shards.prosodys[n], room, "brute")); end
	end));

	it("reach both shards that have the same room, and say so", unhurried(function ()
		local room = new_room "twice";
		enter(others[1], room, "left");
		enter(others[2], room, "right");
		fleet.eventually("both to be seen", function ()
			return #fleet.ask(game, { cmd = "occupants", channel = room }).occupants == 2;
		end);
		local reply = done { cmd = "kick", channel = room, id = "right" };
		assert.same({ ("shard%d.test"):format(others[1]), ("shard%d.test"):format(others[2]) }, reply.shards, reply.message);
		done { cmd = "end", channel = room };
	end));

	it("bring a subscriber the events of all shards", function ()
		done { cmd = "subscribe", events = { "joined" } };
		local from = game:stats().events;
		for n = 1, 3 do
			fleet.eventually("the event from shard " .. n, function ()
				rig.player(shards.prosodys[n], { room = "room" .. n, name = "late" .. n, nick = "late" .. os.time() });
				for _, event in ipairs(game:events({ from = from }).list) do
					if event.displayName == "late" .. n then return true; end
				end
				return false;
			end);
		end
	end);

	it("bring him what is said and done on each, once he has asked for that", function ()
		done { cmd = "subscribe", events = { "said", "hand" } };
		for n = 1, 3 do
			local room, from = "room" .. n, game:stats().events;
			local client = rig.player(shards.prosodys[n], { room = room, name = "talker" .. n, nick = "t" .. n });
			fleet.eventually("what is said on shard " .. n, function ()
				client:say { room = room, text = "Hark <\u{1f409}>" };
				for _, event in ipairs(game:events({ from = from }).list) do
					if event.event == "said" and event.channel == room then
						assert.same({ "Hark <\u{1f409}>", "talker" .. n, "t" .. n }, { event.text, event.id, event.occupant });
						return true;
					end
					assert.not_equal("joined", event.event);
				end
				return false;
			end);
		end
	end);

	it("of 1000 each get one answer while lines are cut and healed, and the shards agree soon", function ()
		for _, pair in ipairs { { asked, others[1] }, { asked, others[2] }, { others[1], others[2] } } do
			local seqs = {};
			for part = 1, 10 do
				local list = {};
				for i = 1, 100 do
					local n = i % 3 + 1;
					local all = {
						{ cmd = "set_moderator", channel = "room" .. n, id = "p" .. n, moderator = i % 2 == 0 },
						{ cmd = "occupants", channel = "room" .. n };
						{ cmd = "say", channel = "room" .. n, text = "hear" }, { cmd = "rooms" },
						{ cmd = "kick", channel = "room" .. n, id = "nobody", banFor = 60 };
					};
					list[i] = all[i % #all + 1];
				end
				for _, seq in ipairs(game:order({ list = list }).seqs) do seqs[#seqs + 1] = seq; end
				if part == 3 then shards:cut { a = pair[1], b = pair[2] }; end
				if part == 6 then
					fleet.ban(shards.prosodys[pair[1]], "room" .. pair[1], "troll" .. pair[2]);
					fleet.ban(shards.prosodys[pair[2]], "room" .. pair[2], "troll" .. pair[1]);
					fleet.eventually("the cut to be seen", function ()
						return fleet.sees(shards.prosodys[pair[1]], pair[2], false);
					end);
				end
				if part == 9 then shards:heal { a = pair[1], b = pair[2] }; end
			end
			fleet.eventually("all to agree", function () return fleet.agree(shards); end);
			game:settled {};
			local answered = 0;
			for _, result in ipairs(game:results({ seqs = seqs }).list) do
				if result.state == "reply" then answered = answered + 1; end
			end
			assert.equal(1000, answered);
			assert.equal(0, game:stats().unasked);
			fleet.all_up(shards);
		end
	end);

	it("for a shard that stands still fail by its name before the game gives up, and those of the others do not",
			function ()
		find_asked(); -- a link that a busy machine has broken is another's now
		local still, other = others[1], others[2];
		shards:freeze { shard = still };
		local reply = game:ask { command = { cmd = "occupants", channel = "room" .. still } };
		assert.same({ "reply", false }, { reply.state, reply.success });
		assert.is_truthy(reply.message:find(("shard%d.test"):format(still), 1, true), reply.message);
		assert.is_true(reply.ms < 20000, reply.ms .. " ms");
		-- On a busy machine that one may have been silent for 2 s too.
		fleet.eventually("the other's room", function ()
			return game:ask({ command = { cmd = "occupants", channel = "room" .. other } }).success;
		end);
		fleet.eventually("one to be missing", function ()
			local missing = game:ask({ command = { cmd = "rooms" } }).missing;
			return missing and #missing == 1 and missing[1] == ("shard%d.test"):format(still);
		end);
		shards:thaw { shard = still };
		fleet.all_up(shards);
		known("room" .. still);
	end);
end);

describe("a game with a tenant over several shards", function ()
	it("commands its rooms and hears of them under its own names, on whatever shard they are", function ()
		local shards = rig.shards { versions = fleet.mix, bidi = rig.version == "13.0",
			host_options = [[skotos_commands = true; skotos_games = { game = { tenant = "dev" } }]] };
		finally(function () shards:stop(); end);
		local game = shards.game;
		fleet.all_up(shards);
		game:connected { count = 3 };
		assert.is_true(game:ask({ command = { cmd = "subscribe", events = { "joined" } } }).success);
		local heard = game:stats().events;
		for n, tenant in ipairs { "dev", "dev", "guild" } do
			local node = ("[%s]room%d"):format(tenant, n);
			fleet.focus_of(shards.prosodys[n]):join { room = node, nick = "focus" };
			local token = rig.token { room = "room" .. n, name = "p" .. n, domain = tenant };
			rig.player(shards.prosodys[n], { room = node, nick = "p" .. n, token = token });
		end
		fleet.eventually("both rooms of the tenant to be known", function ()
			return #fleet.ask(game, { cmd = "rooms" }).rooms == 2;
		end);
		for n = 1, 2 do
			local list;
			fleet.eventually("its people to be known", function ()
				list = fleet.ask(game, { cmd = "occupants", channel = "room" .. n });
				return list.success;
			end);
			assert.same({ "room" .. n, "p" .. n }, { list.channel, list.occupants[1].id });
		end
		local events = game:events { from = heard, count = 2 }.list;
		table.sort(events, function (a, b) return a.channel < b.channel; end);
		assert.same({ "room1", "room2" }, { events[1].channel, events[2].channel });
		assert.equal(heard + 2, game:stats().events);
		assert.is_false(game:ask({ command = { cmd = "occupants", channel = "room3" } }).success);
		fleet.eventually("the room to end", function ()
			game:ask { command = { cmd = "end", channel = "room2" } };
			return not fleet.ask(game, { cmd = "occupants", channel = "room2" }).success;
		end);
	end);
end);

describe("rooms whose names no message between shards holds", function ()
	it("are all told, portion by portion, and all known", function ()
		local shards = rig.shards { versions = { rig.version, rig.version }, host_options = "skotos_commands = true" };
		finally(function () shards:stop(); end);
		fleet.all_up(shards);
		shards.game:connected { count = 2 };
		local client = rig.player(shards.prosodys[2], { name = "eve", room = "first", token_room = "*" });
		for n = 101, 170 do
			client:stanza { xml = ("<presence to='%s%d@conference.meet.test/eve' xmlns='jabber:client'><x "
					.. "xmlns='http://jabber.org/protocol/muc'/></presence>")
				:format(("r"):rep(900), n) };
		end
		local function known(n, by)
			return fleet.status(shards.prosodys[by], ("shards['shard%d.test'].rooms"):format(n)) == "71";
		end
		fleet.eventually("all rooms to be known", function () return known(2, 1); end);
		-- Whichever shard the game asks.
		local names, cursor = {}, nil;
		repeat
			local reply = fleet.ask(shards.game, { cmd = "rooms", cursor = cursor });
			assert.is_true(reply.success, reply.message);
			for _, room in ipairs(reply.rooms) do names[#names + 1] = room.channel; end
			cursor = reply.more and reply.cursor;
		until not cursor;
		assert.equal(71, #names);
		-- A shard that knows of none asks for all.
		shards:kill { shard = 1 };
		shards:restart { shard = 1 };
		fleet.all_up(shards);
		fleet.eventually("all rooms to be known again", function () return known(2, 1); end);
		assert.equal("0", fleet.status(shards.prosodys[2], "unsent"));
	end);
end);
