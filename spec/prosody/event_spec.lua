-- Events of the rooms, pushed to a game that has subscribed, and what commands, logins and events do to each other.
local commanded = require "spec.support.commanded";
local rig = require "spec.support.rig";
local unhurried = require "spec.support.unhurried";

local OPTIONS = [[skotos_games = { marrach = { skotos_port = %d, rooms = { "hall*" }, skotos_commands = true } }]];

local MUC = [[
token_verification_allowlist = { "recorder.meet.test", "jigasi@auth.meet.test" }
VirtualHost "recorder.meet.test"
authentication = "internal_plain"]];

local game, prosody, focus;
local done, told, events = commanded.done, commanded.told, commanded.events;

local function start() prosody, game, focus = commanded.start { host = OPTIONS, muc = MUC }; end

local NOTHING = '{ "cmd": "subscribe", "events": []'; -- up to its number
local ALL = { "joined", "left", "moderator", "room_opened", "room_closed" };

local function module(what)
	return prosody:lua { code = ([[return (require "core.modulemanager".%s("meet.test", "skotos_bridge"))]])
		:format(what) }.result;
end

describe("an event", function ()
	setup(start);
	teardown(commanded.finish);
	after_each(function () done(NOTHING); end);

	it("tells of a room's life, in order: opened, joined, moderator, left and why, closed", function ()
		local from = told();
		done { cmd = "subscribe", events = ALL };
		focus:join { room = "hall", nick = "focus" };
		local bob = rig.player(prosody, { room = "hall", name = "Bob", person = "bob-1", nick = "b" });
		rig.player(prosody, { room = "hall", name = "Eve", nick = "e", moderator = true });
		local lost = rig.player(prosody, { room = "hall", name = "Lost", nick = "l" });
		rig.player(prosody, { room = "hall", name = "Last", nick = "z" });
		done { cmd = "set_moderator", channel = "hall", id = "bob-1", moderator = true };
		bob:leave { room = "hall", nick = "b" };
		bob:wait { from = "/b", type = "unavailable" };
		done { cmd = "kick", channel = "hall", id = "Eve", reason = "brawl", banFor = 60 };
		prosody:lua { code = ([[require "core.sessionmanager".destroy_session(prosody.full_sessions["%s"], ]]
			.. [["connection closed")]]):format(lost.jid) };
		events(from, 9);
		done { cmd = "end", channel = "hall", reason = "dawn" };
		assert.same({
			{ event = "room_opened", channel = "hall" };
			{ event = "joined", channel = "hall", occupant = "b", id = "bob-1", displayName = "Bob", moderator = false };
			{ event = "joined", channel = "hall", occupant = "e", id = "Eve", displayName = "Eve", moderator = true };
			{ event = "joined", channel = "hall", occupant = "l", id = "Lost", displayName = "Lost", moderator = false };
			{ event = "joined", channel = "hall", occupant = "z", id = "Last", displayName = "Last", moderator = false };
			{ event = "moderator", channel = "hall", occupant = "b", id = "bob-1", displayName = "Bob", moderator = true };
			{ event = "left", channel = "hall", occupant = "b", id = "bob-1", displayName = "Bob", why = "left" };
			{ event = "left", channel = "hall", occupant = "e", id = "Eve", displayName = "Eve", why = "banned",
				reason = "brawl" };
			{ event = "left", channel = "hall", occupant = "l", id = "Lost", displayName = "Lost", why = "lost" };
			{ event = "left", channel = "hall", occupant = "z", id = "Last", displayName = "Last", why = "ended",
				reason = "dawn" };
			{ event = "room_closed", channel = "hall", reason = "dawn" };
		}, events(from, 11));
	end);

	it("tells that a room has opened before it tells who came first", function ()
		local from = told();
		done { cmd = "subscribe", events = ALL };
		local first = rig.player(prosody, { room = "hall-new", name = "First" });
		rig.player(prosody, { room = "hall-new", name = "Second" });
		first:leave { room = "hall-new", nick = "First" };
		local names = {};
		for i, event in ipairs(events(from, 4)) do names[i] = event.event; end
		assert.same({ "room_opened", "joined", "joined", "left" }, names);
	end);

	it("never tells of rooms without people: of Jicofo's health checks, and of those that only Jicofo has entered",
			function ()
		local from = told();
		done { cmd = "subscribe", events = ALL };
		for _, room in ipairs { "hall-0", "__jicofo-health-check-1" } do
			focus:join { room = room, nick = "focus" };
			focus:leave { room = room, nick = "focus" };
			focus:wait { from = room .. "@conference.meet.test/focus", type = "unavailable" };
		end
		focus:join { room = "hall-1", nick = "focus" };
		local bob = rig.player(prosody, { room = "hall-1", name = "Bob" });
		bob:leave { room = "hall-1", nick = "Bob" };
		bob:wait { from = "/Bob", type = "unavailable" };
		events(from, 3); -- what still waits to be told ends with the connection
		local connects = game:stats().connects;
		module "reload";
		game:wait { what = "connects " .. connects + 1 };
		game:connected {};
		done { cmd = "subscribe", events = ALL };
		focus:leave { room = "hall-1", nick = "focus" };
		focus:wait { from = "hall-1@conference.meet.test/focus", type = "unavailable" };
		rig.player(prosody, { room = "hall-2", name = "Eve" });
		local names = {};
		for i, event in ipairs(events(from, 6)) do names[i] = event.event .. " " .. event.channel; end
		assert.same({ "room_opened hall-1", "joined hall-1", "left hall-1", "room_closed hall-1", "room_opened hall-2",
			"joined hall-2" }, names);
	end);

	it("tells of no recorder, nor of what else has an account of Jitsi's", function ()
		local from = told();
		done { cmd = "subscribe", events = ALL };
		for nick, host in pairs { recorder = "recorder.meet.test", jigasi = "auth.meet.test" } do
			prosody:lua { code = ([[require "core.usermanager".create_user("%s", "its-password", "%s")]]):format(nick, host) };
			local service = rig.client { prosody = prosody, jid = nick .. "@" .. host, password = "its-password" };
			assert.is_true(service.connected, service.condition);
			service:join { room = "hall-rec", nick = nick };
		end
		rig.player(prosody, { room = "hall-rec", name = "Bob" });
		local list = events(from, 2);
		assert.same({ "room_opened", "joined", "Bob" }, { list[1].event, list[2].event, list[2].displayName });
		local people = done({ cmd = "occupants", channel = "hall-rec" }).occupants;
		assert.same({ 1, "Bob" }, { #people, people[1].displayName });
		for _, room in ipairs(done({ cmd = "rooms" }).rooms) do
			if room.channel == "hall-rec" then assert.equal(1, room.occupants); end
		end
	end);

	it("tells what a moderator in the room does, too", function ()
		focus:join { room = "hall-mod", nick = "focus" };
		local from = told();
		done { cmd = "subscribe", events = { "left" } };
		local bob = rig.player(prosody, { room = "hall-mod", name = "Bob" });
		rig.player(prosody, { room = "hall-mod", name = "Eve" });
		local admin = { to = "hall-mod@conference.meet.test", xmlns = "http://jabber.org/protocol/muc#admin" };
		admin.item = { nick = "Eve", role = "none" };
		assert.equal("result", focus:iq(admin).type);
		admin.item = { jid = bob.jid:match("^[^/]+"), affiliation = "outcast" };
		assert.equal("result", focus:iq(admin).type);
		local list = events(from, 2);
		assert.same({ "Eve", "kicked", "Bob", "banned" }, { list[1].id, list[1].why, list[2].id, list[2].why });
		rig.player(prosody, { room = "hall-mod", name = "Zoe", nick = "z" });
		focus:stanza { xml = [[<iq xmlns="jabber:client" type="set" id="k1" to="hall-mod@conference.meet.test">
			<query xmlns="http://jabber.org/protocol/muc#admin"><item nick="z"
				role="none"><reason>too loud</reason></item></query></iq>]] };
		local kicked = events(from, 3)[3];
		assert.same({ "Zoe", "kicked", "too loud" }, { kicked.id, kicked.why, kicked.reason });
	end);

	it("comes only of what was asked for, of the rooms that were, and no more after unsubscribing", function ()
		local from = told();
		done { cmd = "subscribe", events = { "joined" }, channel = "Hall-A" };
		rig.player(prosody, { room = "hall-a", name = "One" });
		rig.player(prosody, { room = "hall-b", name = "Two" });
		rig.player(prosody, { room = "tavern", name = "Three" });
		done { cmd = "subscribe", events = { "joined" } };
		rig.player(prosody, { room = "tavern", name = "Four" });
		rig.player(prosody, { room = "hall-b", name = "Five" });
		done '{ "cmd": "subscribe", "events": [], "channel": "hall-a"';
		rig.player(prosody, { room = "hall-a", name = "Six" });
		rig.player(prosody, { room = "hall-b", name = "Seven" });
		done(NOTHING);
		rig.player(prosody, { room = "hall-b", name = "Eight" });
		done { cmd = "ping" };
		local names = {};
		for _, event in ipairs(events(from)) do names[#names + 1] = event.id; end
		assert.same({ "One", "Five", "Seven" }, names);
	end);

	it("ends with the connection: a game that comes back subscribes again", function ()
		done { cmd = "subscribe", events = ALL };
		game:command { line = "restart warm" };
		game:connected {};
		local from = told();
		rig.player(prosody, { room = "hall-c", name = "One" });
		done { cmd = "ping" };
		assert.same({}, events(from));
	end);

	it("carries any name without a number in it that the game's scan could see", function ()
		done { cmd = "subscribe", events = { "joined" } };
		local from = told();
		for i, name in ipairs { '"seq":5', 'x","seq":5,"y":"', '\\"seq":5', "<&>\u{1F409}" } do
			rig.player(prosody, { room = "hall-names", name = name, person = "p" .. i, nick = "n" .. i });
			assert.equal(name, events(from + i - 1, 1)[1].displayName);
		end
		assert.equal(0, game:stats().unasked);
	end);

	-- Bob has said nearly as much as a frame holds, 800 times.
	local function flood()
		prosody:lua { code = [[
			local muc, st = module:context("conference.meet.test"), require "util.stanza";
			local room = prosody.hosts["conference.meet.test"].modules.muc.get_room_from_jid("hall-flood@conference.meet.test");
			local occupant = room:get_occupant_by_nick((next(room._occupants)));
			local stanza = st.message():text_tag("body", ("x"):rep(7000));
			for _ = 1, 800 do
				muc:fire_event("muc-occupant-groupchat", { room = room, occupant = occupant, stanza = stanza, origin = {} });
			end]] };
	end

	it("is dropped, counted and reported when the game does not keep up, and delays no reply", function ()
		done { cmd = "subscribe", events = { "said" } };
		rig.player(prosody, { room = "hall-flood", name = "Bob" });
		local from = told();
		game:command { line = "busy 60000" };
		flood(); -- while the game reads nothing
		local seq = game:order({ list = { { cmd = "ping" } } }).seqs[1];
		game:command { line = "busy 0" };
		game:settled {};
		assert.is_true(game:result({ seq = seq }).success);
		local got, lost = 0, 0;
		for _ = 1, 100 do
			got, lost = 0, 0;
			for _, event in ipairs(events(from)) do
				if event.event == "lost" then lost = lost + event.count; else got = got + 1; end
			end
			if got + lost == 800 then break; end
			done { cmd = "ping" };
		end
		assert.equal(800, got + lost);
		assert.is_true(lost > 0 and got >= 500, got .. " came, " .. lost .. " lost");
	end);

	it("that waits when the link ends is counted as lost, and the log says how many no game heard of", function ()
		local function counted()
			local counts = prosody:lua { code = [[
				local stats = prosody.hosts["meet.test"].modules.skotos_bridge.status().marrach;
				return stats.events .. " " .. stats.events_lost .. " " .. stats.dropped]] }.result;
			local told_ones, lost, requests = counts:match "(%d+) (%d+) (%d+)";
			return math.tointeger(told_ones), math.tointeger(lost), math.tointeger(requests);
		end
		done { cmd = "subscribe", events = { "said" } };
		rig.player(prosody, { room = "hall-flood", name = "Bob", nick = "bob2" });
		local told_ones, lost, requests = counted();
		game:command { line = "busy 60000" };
		flood();
		local links = prosody:lua { code = [[local answer;
			prosody.events.fire_event("admin/skotos-bridge", { origin = { send = function (told) answer = told:get_text(); end },
				stanza = require "util.stanza".stanza("skotos-bridge", { operation = "reconnect" }):text "{}" });
			return answer]] }.result;
		assert.equal('{"links":1}', links);
		local events_after, lost_after, requests_after = counted();
		game:command { line = "busy 0" };
		game:connected {};
		assert.same({ 800, requests }, { events_after - told_ones + lost_after - lost, requests_after });
		assert.is_true(lost_after - lost > 300);
		local untold = prosody:log().text:match "left the game at [^\n]* with 0 requests unanswered, (%d+) events untold";
		assert.equal(800 - (events_after - told_ones), math.tointeger(untold));
	end);
end);

describe("a subscription", function ()
	-- The game's avchat_port.c tells of a connection before it counts it: what is sent from inside connected() is dropped
	-- without a word.
	for how, sent in pairs { ["from a call_out"] = true, ["from inside connected()"] = false } do
		it(("that a game renews %s %s a reconnection"):format(how, sent and "outlives" or "does not outlive"), function ()
			prosody, game = commanded.start { host = OPTIONS, game = { timeout = 1000 } };
			game:command { line = ("renew %s%s"):format(rig.hex '{ "cmd": "subscribe", "events": ["joined"]',
				sent and "" or " inside") };
			game:command { line = "restart cold" };
			game:wait { what = "asked 1" };
			local ended = game:settled {};
			-- a number is used up either way
			assert.same({ sent and 1 or 0, sent and 0 or 1, 1 }, { ended.understood, ended.lost, ended.next_seq });
			rig.player(prosody, { room = "hall", name = "Bob" });
			done { cmd = "ping" };
			assert.equal(sent and 1 or 0, told());
			commanded.finish();
		end);
	end
end);

describe("a burst of 1000 mixed commands and logins, with events between", function ()
	setup(start);
	teardown(commanded.finish);

	it("gets one reply each, in the order asked", function ()
		focus:join { room = "hall", nick = "focus" };
		for i = 1, 5 do rig.player(prosody, { room = "hall", name = "P" .. i, manner = "answer" }); end
		done { cmd = "subscribe", events = ALL };
		local list = {};
		for i = 1, 1000 do
			local person = "P" .. (i % 5 + 1);
			list[i] = ({
				{ login = "Player" .. i, channel = "hall" }, { cmd = "ping" }, { cmd = "occupants", channel = "hall" };
				{ cmd = "set_moderator", channel = "hall", id = person, moderator = i % 20 < 10 };
				{ cmd = "mute", channel = "hall", id = person, media = "audio", muted = i % 20 < 10 };
				{ login = 'bad\\', channel = "hall" }, { cmd = "kick", channel = "hall", id = "nobody" }, { cmd = "rooms" };
				{ cmd = "say", channel = "hall", text = "number " .. i }, { cmd = "dance" };
			})[i % 10 + 1];
		end
		local seqs = game:order({ list = list }).seqs;
		game:settled {};
		local results, order = game:results({ seqs = seqs }).list, 0;
		for i, result in ipairs(results) do
			assert.equal("reply", result.state);
			assert.equal(seqs[i], result.seq);
			assert.equal(8192, result.length);
			assert.is_true(result.order > order, "number " .. i .. " came before the one asked before it");
			order = result.order;
		end
		local s = game:stats();
		assert.equal(0, s.timeouts);
		assert.equal(0, s.odd_reads);
		assert.is_true(s.events > 0);
	end);
end);

describe("a command under way", function ()
	before_each(start);
	after_each(commanded.finish);

	-- Gives its number, the room, and who is to be muted.
	local function begin_mute()
		local room = commanded.new_room();
		local deaf = rig.player(prosody, { room = room, name = "Deaf", manner = "ignore" });
		local seq = game:order({ list = { { cmd = "mute", channel = room, id = "Deaf", media = "audio",
			muted = true } } }).seqs[1];
		rig.call("mutes_reach", { id = deaf.id, count = 1 });
		return seq, room, deaf;
	end

	it("is answered once when the module is reloaded, and what it decided holds", unhurried(function ()
		local seq, room = begin_mute();
		module "reload";
		game:settled {};
		local reply = game:result { seq = seq };
		assert.is_false(reply.success);
		assert.is_truthy(reply.message:find("reloaded meanwhile", 1, true), reply.message);
		game:connected {};
		local again = rig.player(prosody, { room = room, name = "Deaf", nick = "Deaf2", manner = "obey" });
		rig.call("mutes_reach", { id = again.id, count = 1 });
	end));

	it("is not answered on another connection than its own", unhurried(function ()
		local seq, room, deaf = begin_mute();
		game:command { line = "drop" };
		game:connected {};
		local command = game:result { seq = seq };
		assert.equal("pending", command.state, command.message);
		deaf:leave { room = room, nick = "Deaf" };
		local understood = game:stats().understood;
		local ping = game:order({ list = { { cmd = "ping" } } }).seqs[1];
		game:wait { what = "understood " .. understood + 1 };
		assert.equal("pending", game:result({ seq = seq }).state);
		assert.is_true(game:result({ seq = ping }).success);
	end));
end);
