-- Commands and events on the link to a game, without a Prosody.
local linked = require "spec.support.linked";
local shorten = require "spec.support.shorten";
local socket = require "socket";
local bridge = require "skotos_bridge";

local new, connected, frames = linked.new, linked.connected, linked.frames;
local ask, command, subscribed = linked.ask, linked.command, linked.subscribed;

before_each(linked.begin);
after_each(linked.finish);

describe("a command on a link", function ()
	it("that its owner did not take has him come back", function ()
		new();
		local game, handle, waits = connected(), { getfd = function () return linked.link:fd(); end }, nil;
		assert(game:send '{"cmd":"rooms","seq":1}\0');
		while not waits do
			assert(socket.select({ handle }, nil, 30)[1], "no step that brings the command");
			waits = select(3, linked.link:step());
		end
		assert.truthy(socket.select({ handle }, nil, 30)[1]);
		assert(bridge.next_command(linked.link));
		assert.is_false(select(3, linked.link:step()));
		assert.is_nil(socket.select({ handle }, nil, 0.2)[1]);
	end);

	it("is carried out once and replied to once, in the order in which they came", function ()
		new();
		local game = connected();
		local first, ping = command(game, '{"cmd":"ping","seq":1}');
		local second, rooms = command(game, '{"cmd":"rooms","seq":2}');
		ask(game, 3);
		assert.same({ "ping", "rooms" }, { ping.cmd, rooms.cmd });
		assert.is_nil((bridge.next_command(linked.link)));
		assert.is_true(bridge.reply(linked.link, second, { success = true, message = "two" }));
		assert.is_false(bridge.reply(linked.link, second, { success = true, message = "again" }));
		assert.is_true(bridge.reply(linked.link, first, { success = true, message = "one" }));
		assert.is_false(bridge.reply(linked.link, first, { success = true }));
		-- It is forgotten: what else is replied is not even looked at.
		local looked = false;
		assert.is_false(bridge.reply(linked.link, first, setmetatable({}, { __index = function () looked = true; end })));
		assert.is_false(looked);
		local list, behind = frames(game, 3);
		assert.same({ 1, "one", 2, "two", 3 }, { list[1].seq, list[1].message, list[2].seq, list[2].message, list[3].seq });
		assert.equal("", behind);
		assert.same({ 2, 3 }, { linked.link:stats().commands, linked.link:stats().replies });
	end);

	it("may be replied to out of order when many wait", function ()
		new();
		local game = connected();
		local tickets = {};
		for seq = 1, 200 do tickets[seq] = command(game, ('{"cmd":"ping","seq":%d}'):format(seq)); end
		assert.equal(200, linked.link:stats().queued);
		for seq = 200, 1, -1 do
			assert.is_true(bridge.reply(linked.link, tickets[seq], { success = true, message = "m" .. seq }));
		end
		for seq, reply in ipairs(frames(game, 200)) do assert.same({ seq, "m" .. seq }, { reply.seq, reply.message }); end
		assert.equal(0, linked.link:stats().queued);
	end);
end);

describe("an event on a link", function ()
	local function joined(channel, more)
		return bridge.push_event(linked.link, { event = "joined", channel = channel or "tavern", id = more or "bob" });
	end

	it("is told to a game that asked for it, in its own rooms", function ()
		new(nil, { rooms = { "tavern*", "bell" } });
		local game = connected();
		assert.is_false(bridge.wants_event(linked.link, "joined"));
		assert.is_false(joined());
		assert.is_true(subscribed(game, 1).success);
		assert.is_true(bridge.wants_event(linked.link, "joined"));
		assert.is_true(bridge.wants_event(linked.link, "joined", "tavern2"));
		assert.is_false(bridge.wants_event(linked.link, "said"));
		assert.is_false(bridge.wants_event(linked.link, "joined", "other"));
		assert.is_false(joined "other");
		assert.is_false(bridge.push_event(linked.link, { event = "said", channel = "tavern", text = "hey" }));
		assert.is_true(joined());
		assert.is_true(joined "bell");
		local list, behind = frames(game, 2);
		assert.same({ "joined", "tavern", "bob" }, { list[1].event, list[1].channel, list[1].id });
		assert.equal("bell", list[2].channel);
		assert.equal("", behind);
		assert.same({ 2, 0 }, { linked.link:stats().events, linked.link:stats().events_lost });
	end);

	it("of one room is told to a game that asked for this room", function ()
		new();
		local game = connected();
		assert.is_true(subscribed(game, 1, ',"channel":"bell"').success);
		assert.is_false(joined "tavern");
		assert.is_true(joined "bell");
		assert.equal("bell", frames(game, 1)[1].channel);
	end);

	local LONG = ("x"):rep(1800); -- what fills the room for what waits sooner
	local function said(id)
		return bridge.push_event(linked.link, { event = "said", channel = "tavern", id = id, text = LONG });
	end
	local function told_all(game)
		local ticket = command(game, '{"cmd":"subscribe","events":["joined","said"],"seq":1}');
		assert(bridge.reply(linked.link, ticket, { success = true }));
		return frames(game, 1);
	end

	it("belongs to the connection on which it was asked for", function ()
		new();
		local game = connected();
		told_all(game);
		while said "bob" do assert.equal(0, linked.link:stats().events_lost); end
		assert.equal(1, linked.link:stats().events_lost);
		game = connected();
		assert.is_false(bridge.wants_event(linked.link, "joined"));
		subscribed(game, 1);
		assert.is_true(joined(nil, "ann"));
		local list, behind = frames(game, 1);
		assert.equal("ann", list[1].id);
		assert.equal("", behind);
	end);

	it("waits behind the replies", function ()
		new();
		local game = connected();
		subscribed(game, 1);
		local ticket = command(game, '{"cmd":"ping","seq":2}');
		assert.is_true(joined());
		assert.is_true(bridge.reply(linked.link, ticket, { success = true }));
		local list = frames(game, 2);
		assert.equal(2, list[1].seq);
		assert.equal("joined", list[2].event);
		ask(game, 3);
		frames(game, 1);
		assert.same({ 3, 1 }, { linked.link:stats().replies, linked.link:stats().events });
	end);

	it("is not lost when 300 people do everything at once while the game reads nothing", function ()
		new();
		local game = connected();
		subscribed(game, 1);
		for i = 1, 1200 do assert.is_true(joined(nil, tostring(i))); end
		local list, behind = frames(game, 1200);
		for i = 1, 1200 do assert.equal(tostring(i), list[i].id); end
		assert.equal("", behind);
		assert.same({ 1200, 0 }, { linked.link:stats().events, linked.link:stats().events_lost });
	end);

	it("that finds no room is lost, and the game is told how many were before the next", function ()
		new();
		local game = connected();
		told_all(game);
		local waiting, lost = 0, 0;
		while said(tostring(waiting + 1)) do waiting = waiting + 1; end
		lost = lost + 1;
		while lost < 7 do
			assert.is_false(said "lost");
			lost = lost + 1;
		end
		assert.is_true(waiting >= 1200, waiting);
		assert.equal(7, linked.link:stats().events_lost);
		local list, behind = frames(game, waiting + 1);
		for i = 1, waiting do assert.same({ "said", tostring(i) }, { list[i].event, list[i].id }); end
		assert.same({ "lost", 7 }, { list[waiting + 1].event, list[waiting + 1].count });
		assert.equal("", behind);
		assert.same({ waiting, 7 }, { linked.link:stats().events, linked.link:stats().events_lost });
		-- It is told once.
		assert.is_true(joined(nil, "after"));
		list, behind = frames(game, 1);
		assert.equal("after", list[1].id);
		assert.equal("", behind);
	end);

	-- Of how many events the administrator was told that no game heard of them.
	local function untold()
		return tonumber(table.concat(linked.said, "\n"):match "(%d+) events? untold");
	end

	local ends = {
		["is closed by the game"] = function (game)
			game:close();
			linked.run(function () return linked.told "connecting again"; end, "the end");
			return untold();
		end;
		["is left for another"] = function ()
			connected();
			return untold();
		end;
		["is closed here"] = function () return select(2, linked.link:close()); end;
	};
	for what, finish in pairs(ends) do
		it("that waits when its connection " .. what .. " is lost, and is counted and told of as such", function ()
			assert(linked.server:setoption("recv-buffer-size", 2048));
			new();
			local game = connected();
			told_all(game);
			local pushed = 0;
			for _ = 1, 5 do
				repeat pushed = pushed + 1; until not said "bob";
				for _ = 1, 20 do linked.step(); end
			end
			local before = linked.link:stats();
			assert.is_true(before.events > 0 and before.events_lost >= 5);
			-- Those that found no room were told to nobody either, but for what a report said that went out.
			assert.equal(pushed - before.events, finish(game));
			local after = linked.link:stats();
			assert.same({ pushed, 0 }, { after.events + after.events_lost, after.dropped });
		end);
	end

	it("of which the game has taken half when its connection ends is lost, and no request is", function ()
		assert(linked.server:setoption("recv-buffer-size", 2048));
		new { reply_size = 65536 };
		local game = connected();
		linked.SIZE = 65536;
		finally(function () linked.SIZE = 2048; end); -- luacheck: ignore 113
		told_all(game);
		shorten(linked.link:fd());
		local bytes = linked.link:stats().bytes_out;
		assert.is_true(said "bob");
		linked.run(function () return linked.link:stats().bytes_out > bytes; end, "some of the event");
		game:close();
		linked.run(function () return linked.told "connecting again"; end, "the end");
		local stats = linked.link:stats();
		assert.same({ 0, 1, 0 }, { stats.events, stats.events_lost, stats.dropped });
		assert.is_true(linked.told "0 requests go unanswered, 1 event untold; connecting again");
	end);
end);
