-- The link to a game without a Prosody: how it lives, and what it answers.
local socket = require "socket";
local linked = require "spec.support.linked";
local json = require "util.json";
local bridge = require "skotos_bridge";

local SIZE = linked.SIZE;
local issuer, port, new, connected = linked.issuer, linked.port, linked.new, linked.connected;
local step, run, told = linked.step, linked.run, linked.told;
local frames, ask, command = linked.frames, linked.ask, linked.command;

before_each(linked.begin);
after_each(linked.finish);

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
		assert(linked.link:connect("127.0.0.1", number));
		assert.equal("connecting", linked.link:stats().state);
		assert(socket.select({ { getfd = function () return linked.link:fd(); end } }, nil, 60)[1], "nothing wakes it");
		step();
		assert.equal("waiting", linked.link:stats().state);
		assert.is_true(told "no answer within 10 s");
		for _, caller in ipairs(callers) do caller:close(); end
		deaf:close();
	end);

	it("has the kernel ask after 15 s of silence, every 10 s, three times, whether the game is there, and sends at once",
			function ()
		new();
		connected();
		local own, port_there = socket.tcp(), linked.port();
		for fd = 3, 200 do -- the link's socket is the one that is connected to the game
			own:setfd(fd);
			local _, port_of_peer = own:getpeername();
			if math.tointeger(tonumber(port_of_peer)) == port_there then break; end
		end
		local options = {};
		for i, name in ipairs { "keepalive", "tcp-keepidle", "tcp-keepintvl", "tcp-keepcnt", "tcp-nodelay" } do
			options[i] = own:getoption(name);
		end
		own:setfd(-1);
		assert.same({ true, 15, 10, 3, true }, options);
	end);

	it("answers a request with a token in one frame, and tells of both in its counts", function ()
		new();
		assert.equal("idle", linked.link:stats().state);
		local game = connected();
		assert.is_true(told(("connected to the game at 127.0.0.1:%d (tcp)"):format(port())));
		for seq = 1, 3 do
			ask(game, seq);
			local reply = frames(game, 1)[1];
			assert.same({ seq, true }, { reply.seq, reply.success });
		end
		ask(game, 4, ',"validUntil":1');
		assert.is_false(frames(game, 1)[1].success);
		local stats = linked.link:stats();
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
		local handle, quiet = { getfd = function () return linked.link:fd(); end }, false;
		for _ = 1, 100 do
			step();
			quiet = #socket.select({ handle }, nil, 0.3) == 0;
			if quiet then break; end
		end
		assert.is_true(quiet);
		assert.equal(1, #linked.said, table.concat(linked.said, "\n")); -- that it is connected
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
		local first = linked.link:stats().came;
		assert.is_true(first > 0);
		game:close();
		run(function () return linked.link:stats().state == "waiting"; end, "the end");
		game = connected();
		assert.equal(0, linked.link:stats().came);
		ask(game, 1);
		frames(game, 1);
		local stats = linked.link:stats();
		assert.same({ first, 2 * first, 2 }, { stats.came, stats.bytes_in, stats.connects });
	end);

	it("counts and tells what finds no room", function ()
		new();
		local game = connected();
		assert(game:send(('"seq":1\0'):rep(20000))); -- the shortest that may be a request; 16384 may wait
		run(function () return linked.link:stats().dropped ~= 0; end, "what is lost");
		local lost = linked.link:stats().dropped;
		assert.is_true(lost > 0 and lost <= 20000 - 16384, lost);
		step();
		local sum = 0;
		for count in table.concat(linked.said, "\n"):gmatch "(%d+) requests were lost for want of room or memory" do
			sum = sum + count;
		end
		assert.equal(linked.link:stats().dropped, sum);
	end);

	it("whose game went asks for the address when its wait is over, once, and tells what is lost with it", function ()
		new();
		local game = connected();
		local ticket = command(game, '{"cmd":"ping","seq":1}');
		game:close();
		run(function () return linked.wants_address > 0; end, "the wish for an address");
		assert.is_true(told "closed by the game; 1 request goes unanswered; connecting again");
		assert.equal("idle", linked.link:stats().state);
		assert.equal(1, linked.link:stats().dropped);
		for _ = 1, 5 do step(); end
		assert.equal(1, linked.wants_address);
		assert.same({}, socket.select({ { getfd = function () return linked.link:fd(); end } }, nil, 0.2));
		-- What belonged to it is of no use on the next one.
		connected();
		assert.is_false(bridge.reply(linked.link, ticket, { success = true }));
		assert.is_nil((bridge.next_command(linked.link)));
	end);

	it("whose game went while it had more to do at once rests until it is told an address", function ()
		new();
		local game, asked = connected(), {};
		for seq = 1, 500 do asked[seq] = ('{"displayName":"","channel":"tavern","seq":%d}\0'):format(seq); end
		local bytes = table.concat(asked);
		assert(game:send(bytes));
		run(function () return linked.link:stats().bytes_in == #bytes; end, "the requests");
		game:close();
		run(function () return linked.wants_address > 0; end, "the wish for an address");
		step();
		assert.same({}, socket.select({ { getfd = function () return linked.link:fd(); end } }, nil, 0.2));
	end);

	for _, half in ipairs { '{"displayName":"Ann","chan', ("x"):rep(3000) } do
		it(("begins anew on the next connection: nothing is left of %d bytes that did not end"):format(#half), function ()
			new(nil, { max_frame = 2000 });
			local game = connected();
			assert(game:send(half));
			run(function () return linked.link:stats().bytes_in == #half; end, "its bytes");
			game:close();
			run(function () return told "closed by the game"; end, "the end");
			game = connected();
			ask(game, 1);
			local reply = frames(game, 1)[1];
			assert.same({ 1, true }, { reply.seq, reply.success });
		end);
	end

	it("that cannot reach the game waits longer from time to time, by chance, and never longer than half a minute",
		function ()
		new();
		local closed = port();
		linked.server:close();
		local function delay()
			linked.said = {};
			assert(linked.link:connect("127.0.0.1", closed));
			run(function () return #linked.said > 0; end, "a refusal");
			assert.equal("waiting", linked.link:stats().state);
			local refused = "^cannot reach the game at 127.0.0.1:%d+: Connection refused; next try in ([%d.]+) s$";
			return tonumber(linked.said[1]:match(refused));
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

	it("waits otherwise than another that cannot reach the game, so that not all come at once", function ()
		local closed = port();
		linked.server:close();
		local function delays()
			new();
			local list = {};
			for i = 1, 20 do
				linked.said = {};
				assert(linked.link:connect("127.0.0.1", closed));
				run(function () return #linked.said > 0; end, "a refusal");
				list[i] = linked.said[1]:match "next try in .*$";
			end
			linked.link:close();
			return table.concat(list, " ");
		end
		assert.not_equal(delays(), delays());
	end);

	-- One that lived a second and brought something was good, and so the next one follows at once. Nothing tells of
	-- that but the time.
	for _, case in ipairs { { "spoke and lived", true, 1.1, "at once" }, { "lived in silence", false, 1.1, "shortly" }, {
		"spoke and died young", true, 0, "shortly" } } do
		it(("whose game %s connects again %s"):format(case[1], case[4]), function ()
			new();
			local game = connected();
			game:close();
			run(function () return told "connecting again"; end, "the end");
			linked.said = {};
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
			assert.is_true(is_slow or told("connecting again " .. case[4]), linked.said[#linked.said]);
		end);
	end

	it("that is told another address leaves the old one, and says what goes unanswered there", function ()
		new();
		local game = connected();
		command(game, '{"cmd":"ping","seq":1}');
		assert(game:send '{"cmd":"rooms","seq":2}\0');
		run(function () return linked.link:stats().commands == 2; end, "a second command");
		connected();
		assert.is_nil((bridge.next_command(linked.link)));
		step();
		assert.is_true(told "with 2 requests unanswered");
		run(function () return select(2, game:receive(1)) == "closed"; end, "the end of the old one");
	end);

	it("answers all of many requests, whose replies are more than are made ahead", function ()
		new();
		local game, asked = connected(), {};
		for seq = 1, 200 do asked[seq] = ('{"displayName":"Bob","channel":"tavern","seq":%d}\0'):format(seq); end
		assert(game:send(table.concat(asked)));
		for seq, reply in ipairs(frames(game, 200)) do assert.same({ seq, true }, { reply.seq, reply.success }); end
		assert.equal(0, linked.link:stats().queued);
	end);

	it("sends all replies that are made before it closes", function ()
		new();
		local game, asked, bytes = connected(), {}, "";
		for seq = 1, 40 do asked[seq] = ('{"displayName":"Bob","channel":"tavern","seq":%d}\0'):format(seq); end
		assert(game:send(table.concat(asked)));
		while linked.link:stats().tokens < 40 do step(); end
		assert.is_true(linked.link:stats().replies < 40);
		linked.link:close();
		game:settimeout(30);
		repeat
			local some, err, part = game:receive(65536);
			bytes = bytes .. (some or part);
		until err == "closed";
		assert.equal(40 * SIZE, #bytes);
	end);

	it("that is closed sends what is ready, says how much is not, and does nothing any more", function ()
		new();
		local game = connected();
		local first = command(game, '{"cmd":"ping","seq":1}');
		command(game, '{"cmd":"rooms","seq":2}');
		assert.is_true(bridge.reply(linked.link, first, { success = true }));
		assert.equal(1, linked.link:close());
		assert.equal("closed", linked.link:stats().state);
		game:settimeout(60);
		local frame, why = game:receive(SIZE);
		assert.truthy(frame, why);
		assert.equal(1, json.decode((frame:gsub("%z+$", ""))).seq);
		assert.equal("closed", select(2, game:receive(1)));
		assert.equal(0, linked.link:close());
		assert(linked.link:connect("127.0.0.1", port()));
		assert.same({ nil, false, false }, { linked.link:step() });
		assert.equal("closed", linked.link:stats().state);
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
			assert.same({ 2, true }, { frames(game, 1)[1].seq, linked.link:stats().driver_errors == 1 });
			assert.is_true(told("an error of its own on this port: \"" .. case[2] .. '"'), table.concat(linked.said, "\n"));
		end);
	end

	it("refuses what is no numeric address", function ()
		new();
		for _, text in ipairs { "localhost", "", "127.0.0.1.1", "127.1", "::g", "127.0.0.256" } do
			assert.same({ nil, "no numeric address" }, { linked.link:connect(text, 1) });
		end
		assert.equal("idle", linked.link:stats().state);
	end);

	it("answers as its newest issuer says, from the next request on", function ()
		new();
		local game = connected();
		ask(game, 1);
		assert.is_true(frames(game, 1)[1].success);
		linked.link:set_issuer(issuer { rooms = { "bell" }, max_frame = 1024 });
		ask(game, 2);
		assert.is_false(frames(game, 1)[1].success);
		assert(game:send('{"displayName":"' .. ("x"):rep(2000) .. '","channel":"bell","seq":3}\0'));
		local reply = frames(game, 1)[1];
		assert.same({ 3, false }, { reply.seq, reply.success });
		assert.truthy(reply.message:find("1024", 1, true), reply.message);
	end);
end);
