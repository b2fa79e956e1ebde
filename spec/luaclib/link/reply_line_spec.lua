-- Replies that the game takes slowly, or that come too late for it.
local linked = require "spec.support.linked";
local shorten = require "spec.support.shorten";
local socket = require "socket";
local bridge = require "skotos_bridge";

before_each(linked.begin);
after_each(linked.finish);

describe("a reply that the game has taken half of", function ()
	-- The kernel takes so much of a reply, and the game none.
	local function stuck()
		assert(linked.server:setoption("recv-buffer-size", 2048));
		linked.new { reply_size = 65536 };
		local game = linked.connected();
		shorten(linked.link:fd());
		linked.ask(game, 1);
		linked.run(function () return linked.link:stats().bytes_out > 0; end, "some of the reply");
		assert.same({ 0, 1 }, { linked.link:stats().replies, linked.link:stats().queued });
		return game;
	end

	it("comes whole in the end", function ()
		local game = stuck();
		game:settimeout(0);
		linked.SIZE = 65536;
		finally(function () linked.SIZE = 2048; end); -- luacheck: ignore 113
		local list, behind = linked.frames(game, 1);
		assert.same({ 1, true, "" }, { list[1].seq, list[1].success, behind });
		assert.same({ 1, 0, 65536 }, { linked.link:stats().replies, linked.link:stats().queued,
			linked.link:stats().bytes_out });
	end);

	it("is lost with its connection, is told of, and nothing of it comes on the next", function ()
		local game = stuck();
		game:close();
		linked.run(function () return linked.told "connecting again"; end, "the end");
		assert.is_true(linked.told "1 request goes unanswered", table.concat(linked.said, "\n"));
		assert.same({ 0, 1 }, { linked.link:stats().queued, linked.link:stats().dropped });
		game = linked.connected();
		linked.ask(game, 2);
		linked.SIZE = 65536;
		finally(function () linked.SIZE = 2048; end); -- luacheck: ignore 113
		local list, behind = linked.frames(game, 1);
		assert.same({ 2, true, "" }, { list[1].seq, list[1].success, behind });
	end);
end);

-- The game has given such a request up after 60 s; nothing tells of that but the time.
describe("a reply that is not there 55 s after its request", function ()
	it("is not sent, is told of once, and keeps none behind it", function ()
		linked.new();
		local game = linked.connected();
		local begun, first = socket.gettime(), linked.command(game, '{"cmd":"ping","seq":1}');
		socket.sleep(5);
		linked.ask(game, 2);
		linked.run(function () return linked.link:stats().tokens == 1; end, "the token behind it");
		local handle = { getfd = function () return linked.link:fd(); end };
		while linked.link:stats().late == 0 do
			assert(socket.select({ handle }, nil, 60)[1], "nothing wakes it");
			linked.step();
			if socket.gettime() - begun < 50 then assert.equal(0, linked.link:stats().late); end
		end
		assert.is_true(socket.gettime() - begun >= 55);
		assert.is_true(linked.told "1 replies were too late (over 55 s) and were not sent", table.concat(linked.said, "\n"));
		assert.is_false(bridge.reply(linked.link, first, { success = true }));
		linked.said = {};
		linked.ask(game, 3);
		local list, behind = linked.frames(game, 2);
		assert.same({ 2, 3, "" }, { list[1].seq, list[2].seq, behind });
		assert.same({}, linked.said);
		local stats = linked.link:stats();
		assert.same({ 1, 2, 0, 0 }, { stats.late, stats.replies, stats.queued, stats.dropped });
	end);
end);
