-- The link to a game without a Prosody: the game is a socket of this process.
local new_issuer = require "spec.support.issuer";
local socket = require "socket";
local json = require "util.json";
local bridge = require "skotos_bridge";

local function issuer(extra)
	local options = { commands = true, request_members = { "id", "validUntil" } };
	for name, value in pairs(extra or {}) do options[name] = value; end
	return new_issuer(options);
end

local link, server, said, wants_address;
local SIZE = 2048;

before_each(function ()
	server = assert(socket.bind("127.0.0.1", 0));
	server:settimeout(0);
	said, wants_address = {}, 0;
end);
after_each(function ()
	if link then link:close(); end
	server:close();
	link = nil;
end);

local function port() return math.tointeger(select(2, server:getsockname()) + 0); end
local function new(options, extra)
	options = options or {};
	options.reply_size, options.reply_interval = options.reply_size or SIZE, options.reply_interval or 0;
	link = assert(bridge.link(issuer(extra), options));
	return link;
end

local function step()
	local notes, wants = link:step();
	for _, note in ipairs(notes or {}) do said[#said + 1] = note.text; end
	if wants then wants_address = wants_address + 1; end
end
local function told(text) return table.concat(said, "\n"):find(text, 1, true) ~= nil; end

-- Steps the link until `done()` holds: once, as its owner does who has added to it, and then when its descriptor says so.
local function run(done, what)
	local till, handle = socket.gettime() + 30, { getfd = function () return link:fd(); end };
	step();
	while not done() do
		if socket.gettime() > till then
			error("waited in vain for " .. (what or "it") .. "\n" .. table.concat(said, "\n"), 2);
		end
		if socket.select({ handle }, nil, 0.005)[1] then step(); end
	end
end

-- The game's end of a connection that stands.
local function connected()
	local before = link:stats().connects;
	assert(link:connect("127.0.0.1", port()));
	local game;
	run(function ()
		game = game or server:accept();
		return game and link:stats().connects > before;
	end, "a connection");
	game:settimeout(0);
	return game;
end

-- The next `count` frames that come to the game, and what came behind them.
local function frames(game, count)
	local bytes, list = "", {};
	run(function ()
		local some, _, part = game:receive(65536);
		bytes = bytes .. (some or part or "");
		return #bytes >= count * SIZE;
	end, count .. " frames");
	for i = 1, count do
		local frame = bytes:sub((i - 1) * SIZE + 1, i * SIZE);
		list[i] = json.decode((frame:gsub("%z+$", "")));
	end
	return list, bytes:sub(count * SIZE + 1);
end

local function ask(game, seq, more)
	assert(game:send(('{"displayName":"Bob","channel":"tavern"%s,"seq":%d}\0'):format(more or "", seq)));
end
-- Has the game send a command, and takes it: its ticket and what came.
local function command(game, text)
	assert(game:send(text .. "\0"));
	local ticket, came;
	run(function ()
		ticket, came = bridge.next_command(link);
		return ticket ~= nil;
	end, "a command");
	return ticket, came;
end
local function subscribed(game, seq, more)
	local ticket = command(game, ('{"cmd":"subscribe","events":["joined","left"]%s,"seq":%d}'):format(more or "", seq));
	assert.is_true(bridge.reply(link, ticket, { success = true }));
	return frames(game, 1)[1];
end

describe("a link", function ()
	it("gives up on a game that does not answer within 10 s, though nothing happens until then", function ()
		local deaf, callers = assert(socket.bind("127.0.0.1", 0, 0)), {};
		local number = math.tointeger(select(2, deaf:getsockname()) + 0);
		for i = 1, 4 do -- its queue is full then, and more are not even refused
			callers[i] = socket.tcp();
			callers[i]:settimeout(0);
			callers[i]:connect("127.0.0.1", number);
		end
		new();
		assert(link:connect("127.0.0.1", number));
		assert.equal("connecting", link:stats().state);
		assert(socket.select({ { getfd = function () return link:fd(); end } }, nil, 60)[1], "nothing wakes it");
		step();
		assert.equal("waiting", link:stats().state);
		assert.is_true(told "no answer within 10 s");
		for _, caller in ipairs(callers) do caller:close(); end
		deaf:close();
	end);

	it("sends all replies that are made before it closes", function ()
		new();
		local game, asked, bytes = connected(), {}, "";
		for seq = 1, 40 do asked[seq] = ('{"displayName":"Bob","channel":"tavern","seq":%d}\0'):format(seq); end
		assert(game:send(table.concat(asked)));
		while link:stats().tokens < 40 do step(); end
		assert.is_true(link:stats().replies < 40);
		link:close();
		game:settimeout(30);
		repeat
			local some, err, part = game:receive(65536);
			bytes = bytes .. (some or part);
		until err == "closed";
		assert.equal(40 * SIZE, #bytes);
	end);

	it("has its owner come back for a command that he did not take", function ()
		new();
		local game, handle, waits = connected(), { getfd = function () return link:fd(); end }, nil;
		assert(game:send '{"cmd":"rooms","seq":1}\0');
		while not waits do
			assert(socket.select({ handle }, nil, 30)[1], "no step that brings the command");
			waits = select(3, link:step());
		end
		assert.truthy(socket.select({ handle }, nil, 30)[1]);
		assert(bridge.next_command(link));
		assert.is_false(select(3, link:step()));
		assert.is_nil(socket.select({ handle }, nil, 0.2)[1]);
	end);

	it("answers a request with a token in one frame, and tells of both in its counts", function ()
		new();
		assert.equal("idle", link:stats().state);
		local game = connected();
		assert.is_true(told(("connected to the game at 127.0.0.1:%d (tcp)"):format(port())));
		for seq = 1, 3 do
			ask(game, seq);
			local reply = frames(game, 1)[1];
			assert.same({ seq, true }, { reply.seq, reply.success });
		end
		ask(game, 4, ',"validUntil":1');
		assert.is_false(frames(game, 1)[1].success);
		local stats = link:stats();
		assert.same({ "up", "tcp", 1, 4, 3, 1, 0, 0, 4, 0, 0, 0, 0 }, { stats.state, stats.transport, stats.connects,
			stats.requests, stats.tokens, stats.refused, stats.dropped,
			stats.late, stats.replies, stats.queued, stats.commands, stats.events, stats.events_lost });
		assert.equal(4 * SIZE, stats.bytes_out);
		assert.equal(stats.came, stats.bytes_in);
		assert.equal(4, stats.latency.count);
		assert.is_true(stats.latency.sum > 0 and stats.latency.sum < 60);
		local refused = 0;
		for _, count in pairs(stats.refused_by) do refused = refused + count; end
		assert.equal(1, refused);
		assert.is_true(stats.steps > 4 and stats.longest_step > 0 and stats.longest_step < 10);
	end);

	it("that has nothing to do does not wake the loop", function ()
		new();
		local game = connected();
		ask(game, 1);
		frames(game, 1);
		local handle, quiet = { getfd = function () return link:fd(); end }, false;
		for _ = 1, 100 do
			step();
			quiet = #socket.select({ handle }, nil, 0.3) == 0;
			if quiet then break; end
		end
		assert.is_true(quiet);
		ask(game, 2);
		assert.equal(2, frames(game, 1)[1].seq);
	end);

	it("holds each reply back until the one before has been sent so long ago as it is told", function ()
		new { reply_interval = 0.15 };
		local game = connected();
		local begun = socket.gettime();
		for seq = 1, 3 do ask(game, seq); end
		assert.equal(3, #frames(game, 3));
		assert.is_true(socket.gettime() - begun >= 0.29);
	end);

	it("counts what came on this connection, and what came on all", function ()
		new();
		local game = connected();
		ask(game, 1);
		frames(game, 1);
		local first = link:stats().came;
		assert.is_true(first > 0);
		game:close();
		run(function () return link:stats().state == "waiting"; end, "the end");
		game = connected();
		assert.equal(0, link:stats().came);
		ask(game, 1);
		frames(game, 1);
		assert.same({ first, 2 * first, 2 }, { link:stats().came, link:stats().bytes_in, link:stats().connects });
	end);

	it("whose game went asks for the address when its wait is over, once, and tells what is lost with it", function ()
		new();
		local game = connected();
		local ticket = command(game, '{"cmd":"ping","seq":1}');
		game:close();
		run(function () return wants_address > 0; end, "the wish for an address");
		assert.is_true(told "closed by the game; 1 request goes unanswered; connecting again");
		assert.equal("idle", link:stats().state);
		assert.equal(1, link:stats().dropped);
		for _ = 1, 5 do step(); end
		assert.equal(1, wants_address);
		-- What belonged to it is of no use on the next one.
		connected();
		assert.is_false(bridge.reply(link, ticket, { success = true }));
		assert.is_nil((bridge.next_command(link)));
	end);

	it("that cannot reach the game waits longer from time to time, by chance, and never longer than half a minute",
		function ()
		new();
		local closed = port();
		server:close();
		local function delay()
			said = {};
			assert(link:connect("127.0.0.1", closed));
			run(function () return #said > 0; end, "a refusal");
			assert.equal("waiting", link:stats().state);
			return tonumber(said[1]:match "^cannot reach the game at 127.0.0.1:%d+: Connection refused; next try in ([%d.]+) s$");
		end
		local most, differ = 1, false;
		for n = 1, 40 do
			local seconds = delay();
			assert.is_true(seconds >= math.floor(most * 5) / 10 and seconds <= math.ceil(most * 10) / 10,
				("%d: %g of %g"):format(n, seconds, most));
			differ = differ or math.abs(seconds - most) > most / 20;
			most = math.min(most * 1.25, 30);
		end
		assert.is_true(differ);
		assert.equal(30, most);
	end);

	-- One that lived a second and brought something was good, and so the next one follows at once. Nothing tells of that but the time.
	for _, case in ipairs { { "spoke and lived", true, 1.1, "at once" }, { "lived in silence", false, 1.1, "shortly" }, {
		"spoke and died young", true, 0, "shortly" } } do
		it(("whose game %s connects again %s"):format(case[1], case[4]), function ()
			new();
			local game = connected();
			game:close();
			run(function () return told "connecting again"; end, "the end");
			said = {};
			local begun = socket.gettime();
			game = connected();
			if case[2] then
				ask(game, 1);
				frames(game, 1);
			end
			socket.sleep(case[3]);
			game:close();
			run(function () return told "connecting again"; end, "the end");
			local is_slow = case[3] == 0 and socket.gettime() - begun > 0.9; -- the machine: it was not that young
			assert.is_true(is_slow or told("connecting again " .. case[4]), said[#said]);
		end);
	end

	it("that is told another address leaves the old one, and says what goes unanswered there", function ()
		new();
		local game = connected();
		command(game, '{"cmd":"ping","seq":1}');
		assert(game:send '{"cmd":"rooms","seq":2}\0');
		run(function () return link:stats().commands == 2; end, "a second command");
		connected();
		assert.is_nil((bridge.next_command(link)));
		step();
		assert.is_true(told "with 2 requests unanswered");
		run(function () return select(2, game:receive(1)) == "closed"; end, "the end of the old one");
	end);

	it("that is closed sends what is ready, says how much is not, and does nothing any more", function ()
		new();
		local game = connected();
		local first = command(game, '{"cmd":"ping","seq":1}');
		command(game, '{"cmd":"rooms","seq":2}');
		assert.is_true(bridge.reply(link, first, { success = true }));
		assert.equal(1, link:close());
		assert.equal("closed", link:stats().state);
		game:settimeout(60);
		local frame, why = game:receive(SIZE);
		assert.truthy(frame, why);
		assert.equal(1, json.decode((frame:gsub("%z+$", ""))).seq);
		assert.equal("closed", select(2, game:receive(1)));
		assert.equal(0, link:close());
		assert(link:connect("127.0.0.1", port()));
		assert.same({ nil, false, false }, { link:step() });
		assert.equal("closed", link:stats().state);
	end);

	local texts = {
		{ "Bad argument 1 to kfun\n/usr/foo line 3\n", "Bad argument 1 to kfun" }, { "\n \nOut of memory\nin bar\n",
			"Out of memory" };
		{ "\nStack overflow\n", "Stack overflow" };
	};
	for _, case in ipairs(texts) do
		it("tells what the game's driver says of an error of its own: " .. case[2], function ()
			new();
			local game = connected();
			ask(game, 1);
			frames(game, 1);
			assert(game:send(case[1]));
			ask(game, 2);
			assert.same({ 2, true }, { frames(game, 1)[1].seq, link:stats().driver_errors == 1 });
			assert.is_true(told("an error of its own on this port: \"" .. case[2] .. '"'), table.concat(said, "\n"));
		end);
	end

	it("refuses what is no numeric address", function ()
		new();
		for _, text in ipairs { "localhost", "", "127.0.0.1.1", "127.1", "::g", "127.0.0.256" } do
			assert.same({ nil, "no numeric address" }, { link:connect(text, 1) });
		end
		assert.equal("idle", link:stats().state);
	end);

	it("answers as its newest issuer says, from the next request on", function ()
		new();
		local game = connected();
		ask(game, 1);
		assert.is_true(frames(game, 1)[1].success);
		link:set_issuer(issuer { rooms = { "bell" }, max_frame = 1024 });
		ask(game, 2);
		assert.is_false(frames(game, 1)[1].success);
		assert(game:send('{"displayName":"' .. ("x"):rep(2000) .. '","channel":"bell","seq":3}\0'));
		local reply = frames(game, 1)[1];
		assert.same({ 3, false }, { reply.seq, reply.success });
		assert.truthy(reply.message:find("1024", 1, true), reply.message);
	end);
end);

describe("a command on a link", function ()
	it("is carried out once and replied to once, in the order in which they came", function ()
		new();
		local game = connected();
		local first, ping = command(game, '{"cmd":"ping","seq":1}');
		local second, rooms = command(game, '{"cmd":"rooms","seq":2}');
		ask(game, 3);
		assert.same({ "ping", "rooms" }, { ping.cmd, rooms.cmd });
		assert.is_nil((bridge.next_command(link)));
		assert.is_true(bridge.reply(link, second, { success = true, message = "two" }));
		assert.is_false(bridge.reply(link, second, { success = true, message = "again" }));
		assert.is_true(bridge.reply(link, first, { success = true, message = "one" }));
		assert.is_false(bridge.reply(link, first, { success = true }));
		local list, behind = frames(game, 3);
		assert.same({ 1, "one", 2, "two", 3 }, { list[1].seq, list[1].message, list[2].seq, list[2].message, list[3].seq });
		assert.equal("", behind);
		assert.same({ 2, 3 }, { link:stats().commands, link:stats().replies });
	end);

	it("may be replied to out of order when many wait", function ()
		new();
		local game = connected();
		local tickets = {};
		for seq = 1, 200 do tickets[seq] = command(game, ('{"cmd":"ping","seq":%d}'):format(seq)); end
		assert.equal(200, link:stats().queued);
		for seq = 200, 1, -1 do assert.is_true(bridge.reply(link, tickets[seq], { success = true, message = "m" .. seq }));
			end
		for seq, reply in ipairs(frames(game, 200)) do assert.same({ seq, "m" .. seq }, { reply.seq, reply.message }); end
		assert.equal(0, link:stats().queued);
	end);
end);

describe("an event on a link", function ()
	local function joined(channel, more) return bridge.push_event(link, { event = "joined", channel = channel or "tavern",
		id = more or "bob" }); end

	it("is told to a game that asked for it, in its own rooms", function ()
		new(nil, { rooms = { "tavern*", "bell" } });
		local game = connected();
		assert.is_false(bridge.wants_event(link, "joined"));
		assert.is_false(joined());
		assert.is_true(subscribed(game, 1).success);
		assert.is_true(bridge.wants_event(link, "joined"));
		assert.is_true(bridge.wants_event(link, "joined", "tavern2"));
		assert.is_false(bridge.wants_event(link, "said"));
		assert.is_false(bridge.wants_event(link, "joined", "other"));
		assert.is_false(joined "other");
		assert.is_false(bridge.push_event(link, { event = "said", channel = "tavern", text = "hey" }));
		assert.is_true(joined());
		assert.is_true(joined "bell");
		local list, behind = frames(game, 2);
		assert.same({ "joined", "tavern", "bob" }, { list[1].event, list[1].channel, list[1].id });
		assert.equal("bell", list[2].channel);
		assert.equal("", behind);
		assert.same({ 2, 0 }, { link:stats().events, link:stats().events_lost });
	end);

	it("of one room is told to a game that asked for this room", function ()
		new();
		local game = connected();
		assert.is_true(subscribed(game, 1, ',"channel":"bell"').success);
		assert.is_false(joined "tavern");
		assert.is_true(joined "bell");
		assert.equal("bell", frames(game, 1)[1].channel);
	end);

	it("belongs to the connection on which it was asked for", function ()
		new();
		local game = connected();
		subscribed(game, 1);
		while joined() do assert.equal(0, link:stats().events_lost); end
		assert.equal(1, link:stats().events_lost);
		game = connected();
		assert.is_false(bridge.wants_event(link, "joined"));
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
		assert.is_true(bridge.reply(link, ticket, { success = true }));
		local list = frames(game, 2);
		assert.equal(2, list[1].seq);
		assert.equal("joined", list[2].event);
		ask(game, 3);
		frames(game, 1);
		assert.same({ 3, 1 }, { link:stats().replies, link:stats().events });
	end);

	it("that finds no room is lost, and the game is told how many were before the next", function ()
		new();
		local game = connected();
		subscribed(game, 1);
		local waiting, lost = 0, 0;
		while joined(nil, tostring(waiting + 1)) do waiting = waiting + 1; end
		lost = lost + 1;
		while lost < 7 do
			assert.is_false(joined());
			lost = lost + 1;
		end
		assert.is_true(waiting >= 100, waiting);
		assert.equal(7, link:stats().events_lost);
		local list, behind = frames(game, waiting + 1);
		for i = 1, waiting do assert.same({ "joined", tostring(i) }, { list[i].event, list[i].id }); end
		assert.same({ "lost", 7 }, { list[waiting + 1].event, list[waiting + 1].count });
		assert.equal("", behind);
		-- It is told once.
		assert.is_true(joined(nil, "after"));
		list, behind = frames(game, 1);
		assert.equal("after", list[1].id);
		assert.equal("", behind);
	end);
end);
