-- The game's link in Prosody's loop, without a network: loop, resolver and the C link are stood in for.
local bridge = require "skotos_bridge";
local loop = require "spec.support.loop";
local game_link = loop.load "skotos_bridge/game/game_link";

describe("a link in Prosody's loop", function ()
	local links, timers, commands, replies, events, said, executed, game, link;
	local no_descriptor = false;

	local function new_link(issuer, options)
		local one = { issuer = issuer, options = options, went = {}, steps = 0, turns = {}, lost = 0,
			untold = 0, closed = 0 };
		one.told = { state = "up", connects = 1, bytes_in = 0, requests = 0, refused = 0, driver_errors = 0, queued = 0,
			address = "10.0.0.7:11091" };
		function one.fd() return 7; end
		function one.step()
			one.steps = one.steps + 1;
			local turn = table.remove(one.turns, 1) or {};
			if turn.fails then error(turn.fails, 0); end
			return turn.entries, turn.wants_address or false, turn.commands or false;
		end
		function one.close()
			one.closed = one.closed + 1;
			return one.lost, one.untold;
		end
		function one.stats()
			local copy = {};
			for name, value in pairs(one.told) do copy[name] = value; end
			return copy;
		end
		function one.connect(_, ip, port) one.went[#one.went + 1] = ip .. " " .. port; end
		function one.set_issuer(_, other) one.issuer = other; end
		links[#links + 1] = one;
		return one;
	end
	local stand_in = {
		link = function (issuer, options)
			if options.broken or no_descriptor then return nil, "no memory"; end
			return new_link(issuer, options);
		end;
		next_command = function ()
			local command = table.remove(commands, 1);
			if command then return command.ticket, command; end
		end;
		reply = function (_, ticket, result)
			if result.broken then error "it cannot be told"; end
			replies[#replies + 1] = { ticket, result };
		end;
		push_event = function (_, event)
			events[#events + 1] = event;
			return event.event ~= "unwanted";
		end;
		wants_event = function (_, name, channel) return name == "joined" and channel ~= "elsewhere"; end;
		covers = function (issuer, channel) return issuer == "issuer" and channel ~= "elsewhere"; end;
		address_scope = bridge.address_scope;
	};
	local module = { host = "meet.test", shared = function () return {}; end, log = function () end };
	function module.add_timer(_, seconds, act) timers[#timers + 1] = { seconds, act }; end
	local function new_game(change)
		local new = { name = "dev", host = "10.0.0.7", port = 11091, allow_plaintext = false, made_issuer = "issuer", link = {
			reply_size = 8192, reply_interval = 0 } };
		for name, value in pairs(change or {}) do new[name] = value; end
		return new;
	end
	local function start(change)
		local journal = {};
		function journal.voice() return function (kind, level, text) said[#said + 1] = kind .. " " .. level .. ": " .. text;
			end; end
		function journal.event(_, level, text) said[#said + 1] = level .. ": " .. text; end
		game = game_link.start(module, stand_in, journal, new_game(change), function (_, command, done)
			executed[#executed + 1] = command;
			if command.cmd == "raise" then error("nobody expects it", 0); end
			if command.later then command.done = done; else done { success = true, command = command.cmd,
				broken = command.broken }; end
		end);
		link = links[#links];
	end
	local function watch() loop.watchers[#loop.watchers].act(); end
	local function pass()
		local due = timers;
		timers = {};
		for _, timer in ipairs(due) do timer[2](); end
	end
	before_each(function ()
		links, timers, commands, replies, events, said, executed = {}, {}, {}, {}, {}, {}, {};
		no_descriptor = false;
		loop.records = { A = { { a = "10.0.0.8" } } };
	end);

	it("steps when its descriptor says so, and tells what the link says", function ()
		start();
		assert.same({ { "10.0.0.7 11091" }, 1 }, { link.went, link.steps });
		local before = link.steps;
		link.turns = { { entries = { { kind = "down", level = "warn", text = "lost" }, { kind = "retry", level = "info",
			text = "again" } } } };
		watch();
		assert.same({ "down warn: lost", "retry info: again" }, said);
		assert.equal(before + 1, link.steps);
		game:take_turn();
		assert.equal(before + 2, link.steps);
	end);

	it("does nothing in rooms while somebody else works there, but at its next step", function ()
		start();
		local before = link.steps;
		link.turns = { { commands = true }, { commands = true } };
		commands = { { ticket = 1, cmd = "ping" } };
		game:take_short_turn();
		assert.same({ before + 1, 0 }, { link.steps, #executed });
		game:take_turn();
		assert.equal(1, #executed);
	end);

	it("nor while it is told of an event there, or of the end of a command that a page's stanza brings", function ()
		start();
		link.turns = { { commands = true }, { commands = true }, { commands = true } };
		commands = { { ticket = 1, cmd = "mute", later = true } };
		watch();
		commands = { { ticket = 2, cmd = "kick" } };
		link.turns = { { commands = true }, { commands = true }, { commands = true } };
		game:push { event = "hand", channel = "tavern" };
		assert.equal(1, #executed);
		executed[1].done { success = true };
		assert.same({ 1, 1 }, { #executed, #replies });
		watch();
		assert.same({ 2, 2 }, { #executed, #replies });
	end);

	it("raises nothing into the loop, and goes on", function ()
		start();
		link.turns = { { fails = "it broke" } };
		commands = { { ticket = 1, cmd = "ping" } };
		watch();
		assert.same({}, executed);
		assert.same({ "failed error: the link failed: it broke" }, said);
		local before = link.steps;
		watch();
		assert.equal(before + 1, link.steps);
		commands = { { ticket = 2, cmd = "raise" } };
		link.turns = { { commands = true } };
		watch();
		assert.same("failed error: the link failed: nobody expects it", said[2]);
		watch();
		assert.equal(before + 3, link.steps);
	end);

	it("that cannot be made is an error that names the game", function ()
		assert.has_error(function () start { link = { broken = true } }; end, "no link to the game dev: no memory");
	end);

	it("gives its address when it is asked for, as it is by then", function ()
		start { host = "game.example" };
		assert.same({ "10.0.0.8 11091" }, link.went);
		loop.records = { A = { { a = "10.0.0.9" } } };
		link.turns = { { wants_address = true } };
		watch();
		assert.same({ "10.0.0.8 11091", "10.0.0.9 11091" }, link.went);
	end);

	it("asks again in a while for a name that has no address, but not when it was stopped", function ()
		loop.records = {};
		start { host = "game.example" };
		assert.equal(5, timers[1][1]);
		loop.records = { A = { { a = "10.0.0.9" } } };
		pass();
		assert.same({ "10.0.0.9 11091" }, link.went);
		loop.records = {};
		game:reconnect();
		game:stop();
		loop.records = { A = { { a = "10.0.0.9" } } };
		pass();
		assert.same({ "10.0.0.9 11091" }, link.went);
	end);

	it("leaves a connection alone that was made meanwhile, though it had begun to ask again for an address", function ()
		local elsewhere = {
			function () game:reconnect(); end, function () game:change(new_game { host = "10.0.0.9" }); end;
			function () game:change(new_game { link = { reply_size = 0 } }); end;
			function () game:drain(); game:undrain(); end;
		};
		for _, goes in ipairs(elsewhere) do
			loop.records, timers = {}, {};
			start { host = "game.example" };
			loop.records = { A = { { a = "10.0.0.9" } } };
			goes();
			local newest = links[#links];
			assert.equal(1, #newest.went);
			pass();
			assert.equal(1, #newest.went);
			pass();
		end
	end);

	it("asks again in a while where the name is a public address's just now, and nothing is encrypted", function ()
		loop.records = { A = { { a = "192.0.2.7" } } };
		local scope = stand_in.address_scope;
		stand_in.address_scope = function (ip) return ip == "192.0.2.7" and "public" or scope(ip); end;
		finally(function () stand_in.address_scope = scope; end); -- luacheck: ignore 113
		start { host = "game.example" };
		assert.truthy(said[1]:find("plaintext error: skotos_host game.example is 192.0.2.7, a public address", 1, true));
		assert.same({}, link.went);
		loop.records = { A = { { a = "10.0.0.9" } } };
		pass();
		assert.same({ "10.0.0.9 11091" }, link.went);
	end);

	it("takes a name for one without an address when the resolver says nothing for a minute", function ()
		local adns = require "net.adns";
		local lookup, silent = adns.lookup, nil;
		adns.lookup = function (handler) silent = handler; return nil, "it cannot be asked"; end;
		finally(function () adns.lookup = lookup; end); -- luacheck: ignore 113
		start { host = "game.example" };
		assert.same({ 60, {} }, { timers[1][1], said });
		pass();
		assert.truthy(said[1]:find("resolve warn: the game's host game.example has no address", 1, true));
		silent { { a = "10.0.0.8" } };
		assert.same({}, link.went);
		adns.lookup = lookup;
		pass();
		assert.same({ "10.0.0.8 11091" }, link.went);
		pass();
		assert.same({ { "10.0.0.8 11091" }, 1 }, { link.went, #said });
	end);

	it("is drained while the machine has nothing to make it anew of, and tries on", function ()
		start();
		local old, old_watcher = link, loop.watchers[#loop.watchers];
		no_descriptor = true;
		game:change(new_game { link = { reply_size = 0 } });
		assert.same({ 1, 1, true, "drained" }, { #links, old.closed, old_watcher.closed, game:stats().state });
		assert.same({ "link error: the link cannot be made anew (no link to the game dev: no memory); trying again in 5 s" },
			said);
		pass();
		no_descriptor = false;
		pass();
		assert.same({ 2, "up", { "10.0.0.7 11091" } }, { #links, game:stats().state, links[2].went });
		no_descriptor = true;
		game:drain();
		game:undrain();
		assert.same({ "drained", 1 }, { game:stats().state, #timers });
		assert.is_true(game:drain());
		no_descriptor = false;
		pass();
		assert.same({ 2, "drained" }, { #links, game:stats().state });
		no_descriptor = true;
		game:undrain();
		game:stop();
		no_descriptor = false;
		pass();
		assert.same({ 2, 1, 1 }, { #links, links[1].closed, links[2].closed });
	end);

	it("has each command carried out once, and sends what became of it with the step that is on", function ()
		start();
		commands = { { ticket = 1, cmd = "ping" }, { ticket = 2, cmd = "rooms" } };
		link.turns = { { commands = true } };
		local before = link.steps;
		watch();
		assert.same({ { 1, { success = true, command = "ping" } }, { 2, { success = true, command = "rooms" } } }, replies);
		assert.equal(before + 2, link.steps);
		commands = { { ticket = 3, cmd = "ping" } };
		watch();
		assert.equal(2, #executed); -- the link says when there are any
		local command = { ticket = 4, cmd = "end", later = true };
		commands = { command };
		link.turns = { { commands = true } };
		watch();
		before = link.steps;
		command.done { success = false };
		assert.same({ 4, { success = false } }, replies[#replies]);
		assert.equal(before + 1, link.steps);
	end);

	it("replies with a failure to a command whose answer cannot be told", function ()
		start();
		commands = { { ticket = 1, cmd = "ping", broken = true } };
		link.turns = { { commands = true } };
		watch();
		assert.same({ 1, false }, { replies[1][1], replies[1][2].success });
		assert.truthy(said[1]:find("no reply error: no reply could be made: .*it cannot be told"), said[1]);
	end);

	it("replies with a failure too where another shard's answer has no names in it", function ()
		start { tenant = "guild" };
		commands = { { ticket = 1, cmd = "kick", channel = "tavern", later = true } };
		link.turns = { { commands = true } };
		watch();
		executed[1].done { success = true, channel = 7 };
		assert.same({ 1, false }, { replies[1][1], replies[1][2].success });
	end);

	it("tells the game of events while it is there", function ()
		start();
		local before = link.steps;
		game:push { event = "joined", channel = "tavern" };
		assert.same({ 1, before + 1 }, { #events, link.steps });
		game:push { event = "unwanted", channel = "tavern" };
		assert.same({ 2, before + 1 }, { #events, link.steps });
		assert.is_true(game:wants "joined");
		assert.is_true(game:wants("joined", "tavern"));
		assert.is_false(game:wants "left");
		assert.is_false(game:wants("joined", "elsewhere"));
		assert.is_true(game:may_touch "tavern");
		assert.is_false(game:may_touch "elsewhere");
		game:stop();
		game:push { event = "joined", channel = "tavern" };
		assert.equal(2, #events);
		assert.is_false(game:wants "joined");
	end);

	it("of a tenant knows only the tenant's rooms", function ()
		start { tenant = "guild" };
		assert.is_true(game:may_touch "[guild]tavern");
		assert.is_false(game:may_touch "tavern");
		assert.is_false(game:wants("joined", "tavern"));
		assert.is_true(game:wants("joined", "[guild]tavern"));
		game:push { event = "joined", channel = "tavern" };
		assert.equal(0, #events);
		game:push { event = "joined", channel = "[guild]tavern" };
		assert.equal("tavern", events[1].channel);
	end);

	describe("to another port of the game", function ()
		-- `change`: of the link's counts in the two seconds after it came up.
		local function greeted(change, meanwhile)
			start();
			link.told.connects = 0;
			game:reconnect();
			link.turns = { { entries = { { kind = "up", level = "info", text = "connected" } } } };
			watch();
			assert.equal(2, timers[#timers][1]);
			link.told.connects, link.told.bytes_in = 1, 40;
			for name, value in pairs(change or {}) do link.told[name] = value; end
			if meanwhile then meanwhile(); end
			pass();
			return table.concat(said,
				"\n"):find("greeting warn: what answers at 10.0.0.7:11091 says something before it is asked", 1, true) ~= nil;
		end
		it("says so when that greets", function () assert.is_true(greeted()); end);
		local silent = {
			{ "nothing came", { bytes_in = 0 } }, { "a request came", { requests = 1 } }, { "what came was refused", {
				refused = 1 } };
			{ "the driver's error came", { driver_errors = 1 } }, { "the connection is gone", { state = "waiting" } }, {
				"it is another connection", { connects = 2 } };
			{ "it was stopped", nil, function () game:stop(); end }, { "it was drained", nil, function () game:drain(); end };
			{ "it goes elsewhere", nil, function () game:reconnect(); end };
		};
		for _, case in ipairs(silent) do
			it("says nothing when " .. case[1], function () assert.is_false(greeted(case[2], case[3])); end);
		end
	end);

	describe("with new settings", function ()
		it("answers by them at once, on the same connection", function ()
			start();
			game:change(new_game { made_issuer = "other" });
			assert.same({ "other", 1, 1, 0 }, { link.issuer, #links, #link.went, link.closed });
			assert.is_false(game:may_touch "tavern");
		end);
		for _, change in ipairs { { host = "10.0.0.9" }, { port = 5 }, { allow_plaintext = true } } do
			it("goes to the new address: " .. next(change), function ()
				start();
				local before = link.steps;
				game:change(new_game(change));
				assert.equal((change.host or "10.0.0.7") .. " " .. (change.port or 11091), link.went[2]);
				assert.same({ 1, before + 1 }, { #links, link.steps });
			end);
		end
		for _, change in ipairs { { reply_size = 0, reply_interval = 0 }, { reply_size = 8192, reply_interval = 1 }, {
			reply_size = 8192, reply_interval = 0, tls = {} } } do
			it("is made anew where what travels has another shape", function ()
				start();
				link.lost, link.untold = 3, 589;
				local old, old_watcher = link, loop.watchers[#loop.watchers];
				game:change(new_game { link = change });
				assert.same({ 2, 1, true }, { #links, old.closed, old_watcher.closed });
				game:reconnect();
				assert.equal(2, links[2].steps);
				table.remove(links[2].went);
				assert.same({ change, { "10.0.0.7 11091" } }, { links[2].options, links[2].went });
				assert.same({ "warn: [dev] 3 requests go unanswered, 589 events untold" }, said);
			end);
		end
		local elsewhere = {
			{ "other settings", function () game:change(new_game { host = "10.0.0.9" }); end, { "10.0.0.9 11091" } };
			{ "another shape", function () game:change(new_game { host = "10.0.0.9", link = { reply_size = 0 } }); end, {} };
			{ "a drain", function () game:drain(); end, {} };
		};
		for _, case in ipairs(elsewhere) do it("forgets an address that it has asked for before " .. case[1], function ()
			local pending;
			local adns = require "net.adns";
			local lookup = adns.lookup;
			adns.lookup = function (handler, _, qtype) if qtype == "A" then pending = handler; else handler {}; end end;
			finally(function () adns.lookup = lookup; end); -- luacheck: ignore 113
			start { host = "game.example" };
			case[2]();
			assert.same({}, said);
			local newest = links[#links];
			local went = #newest.went;
			pending { { a = "10.0.0.8" } };
			assert.same(case[3], link.went);
			assert.equal(went, #newest.went);
		end); end
	end);

	it("is drained when nothing waits on it any more, and then does nothing until it is undrained, "
				.. "with the newest settings", function ()
		start();
		link.told.queued = 1;
		local before = link.steps;
		assert.is_false(game:drain());
		assert.same({ before + 1, 0 }, { link.steps, link.closed });
		assert.equal("up", game:stats().state);
		link.told.queued = 0;
		assert.is_true(game:drain());
		assert.is_true(game:drain());
		assert.same({ 1, true, "drained" }, { link.closed, loop.watchers[#loop.watchers].closed, game:stats().state });
		before = link.steps;
		game:take_turn();
		game:take_short_turn();
		game:reconnect();
		game:change(new_game { host = "10.0.0.9" });
		assert.same({ before, 1, 1 }, { link.steps, #link.went, #links });
		assert.is_false(game:wants "joined");
		game:undrain();
		assert.same({ 2, { "10.0.0.9 11091" }, "up" }, { #links, links[2].went, game:stats().state });
		game:undrain();
		assert.equal(2, #links);
	end);

	it("that was stopped is closed once, steps no more, and is drained as it is", function ()
		start();
		game:stop();
		assert.same({ 1, true }, { link.closed, loop.watchers[#loop.watchers].closed });
		local before = link.steps;
		game:step();
		assert.equal(before, link.steps);
		assert.is_true(game:drain());
		game:undrain();
		assert.same({ 1, 1 }, { #links, link.closed });
	end);

	it("that was drained and then stopped is not closed again", function ()
		start();
		assert.is_true(game:drain());
		game:stop();
		game:undrain();
		assert.same({ 1, 1 }, { link.closed, #links });
	end);
end);
