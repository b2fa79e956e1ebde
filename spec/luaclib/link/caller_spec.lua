-- A caller of the listener, without a Prosody: requests over a real socket, terminators, what becomes of its end.
local rig = require "spec.support.rig";
local shorten = require "spec.support.shorten";
local listening = require "spec.support.listening";
local socket = require "socket";

local listen, run, told, call, hear, hear_replies, replies_in, request =
	listening.listen, listening.run, listening.told, listening.call,
	listening.hear, listening.hear_replies, listening.replies_in, listening.request;

before_each(listening.begin);
after_each(listening.finish);

describe("a caller of the listener", function ()
	it("gets a token for a request without a number, a command's name or anything else that is optional", function ()
		listen();
		local caller = call();
		caller:send(request() .. "\n");
		local replies = hear_replies(caller, 1);
		assert.is_true(replies[1].success);
		assert.is_nil(replies[1].seq);
		local claims = rig.call("verify", { token = replies[1].token }).jose;
		assert.equal("tavern", claims.room);
		assert.equal("Bob", claims.context.user.name);
		assert.is_false(claims.moderator);
	end);

	it("may send every member, and others that nobody knows", function ()
		listen();
		local caller = call();
		local till = os.time() + 1000;
		caller:send(request((
			',"moderator":true,"id":"7","email":"a@b.c","avatar":"https://x/","validUntil":%d,"seq":3,"shoe":1'):format(till))
			.. "\n");
		local reply = hear_replies(caller, 1)[1];
		assert.equal(3, reply.seq);
		local claims = rig.call("verify", { token = reply.token }).jose;
		assert.is_true(claims.moderator);
		assert.equal(till, claims.exp);
		assert.equal("7", claims.context.user.id);
		assert.equal("a@b.c", claims.context.user.email);
	end);

	local endings = { { "a newline", "\n", "[^%z]\n$" }, { "NUL", "\0", "\n%z$" },
		{ "the old clients' newline and NUL", "\n\0", "[^%z]\n$" } };
	for _, case in ipairs(endings) do
		it("that ends its requests in " .. case[1] .. " is answered each, bare, with its own terminator", function ()
			listen();
			local caller = call();
			for i = 1, 3 do
				caller:send(request(',"seq":' .. i) .. case[2]);
				local replies, bytes = hear_replies(caller, 1, case[2] == "\0" and "\0" or "\n");
				assert.equal(i, replies[1].seq);
				assert.is_true(replies[1].success);
				assert.truthy(bytes:find(case[3]), bytes:sub(-5));
				assert.is_true(#bytes < 700);
			end
			caller:close();
			run(function () return listening.listener:stats().callers == 0; end);
			assert.equal(0, listening.listener:stats().cut);
		end);
	end

	it("keeps the terminator that it used first", function ()
		listen();
		local caller = call();
		caller:send(request(',"seq":1') .. "\0" .. '{"displayName":"a\\u000ab",\n"channel":"tavern","seq":2}\0'
			.. request(',\n"seq":3') .. "\0");
		local replies = hear_replies(caller, 3, "%z");
		assert.same({ 1, 2, 3 }, { replies[1].seq, replies[2].seq, replies[3].seq });
		assert.same({ true, false, true }, { replies[1].success, replies[2].success, replies[3].success });
	end);

	it("may send many at once, in any pieces, and hears the answers in their order", function ()
		listen();
		local caller, all = call(), {};
		for i = 1, 1000 do all[i] = request(',"seq":' .. i); end
		local bytes, at = table.concat(all, "\n") .. "\n", 1;
		local heard = "";
		run(function ()
			if at <= #bytes then
				local sent, _, last = caller:send(bytes, at, math.min(at + 4999, #bytes));
				at = (sent or last) + 1;
			end
			local some, _, part = caller:receive(65536);
			heard = heard .. (some or part or "");
			return select(2, heard:gsub("\n", "")) == 1000;
		end);
		for i, reply in ipairs(replies_in(heard, "\n")) do
			assert.equal(i, reply.seq);
			assert.is_true(reply.success);
		end
	end);

	it("that has said all and closed its half is answered to the last, and then let go", function ()
		listen();
		local caller, all = call(), {};
		for i = 1, 200 do all[i] = request(',"seq":' .. i) .. "\n"; end
		caller:send(table.concat(all));
		caller:shutdown("send");
		local bytes, closed = hear(caller, function () return false; end);
		assert.is_true(closed);
		assert.equal(200, #replies_in(bytes, "\n"));
		assert.same({ 0, 0 }, { listening.listener:stats().callers, listening.listener:stats().cut });
	end);

	local refused = {
		{ "what is no JSON", "hello", "not JSON" }, { "an empty object", "{}", "displayName" },
		{ "a wrong type", '{"displayName":7,"channel":"a","seq":4}', "displayName" },
		{ "every room", '{"displayName":"B","channel":"*"}', "skotos_allow_wildcard_room" },
		{ "too long a life", request ',"validFor":86401', "skotos_token_max_validity" },
		{ "a command", '{"cmd":"kick","channel":"a","occupant":"b"}', "kick" },
		{ "a frame that is too long", request(',"x":"' .. ("x"):rep(3000) .. '"'), "longer than 2000 bytes" },
	};
	for _, case in ipairs(refused) do
		it("hears at once why " .. case[1] .. " is refused, and is served afterwards", function ()
			listen({}, { max_frame = 2000 });
			local caller = call();
			caller:send(case[2] .. "\n" .. request(',"seq":9') .. "\n");
			local replies = hear_replies(caller, 2);
			assert.is_false(replies[1].success);
			assert.truthy(replies[1].message:find(case[3], 1, true), replies[1].message);
			assert.equal(9, replies[2].seq);
			assert.is_true(replies[2].success);
			assert.equal(1, listening.listener:stats().refused);
			assert.truthy(told "refused");
		end);
	end

	it("that goes in the middle of a request is counted, and said", function ()
		listen();
		local caller = call();
		caller:send(request(',"seq":9'));
		run(function () return listening.listener:stats().bytes_in > 0; end);
		caller:close();
		run(function () return listening.listener:stats().callers == 0; end);
		assert.equal(1, listening.listener:stats().cut);
		assert.truthy(told "in the middle of a request");
	end);

	it("that goes with all its requests answered, but not all answers read, is counted, and said", function ()
		listen();
		shorten(listening.listener:fd());
		local caller = socket.tcp4(); -- tcp() makes the socket only when it connects
		assert(caller:setoption("recv-buffer-size", 2048));
		assert(caller:connect("127.0.0.1", listening.listener:port()));
		assert(caller:send((request() .. "\n"):rep(200)));
		run(function () return listening.listener:stats().tokens == 200; end);
		caller:close();
		run(function () return listening.listener:stats().callers == 0; end);
		assert.equal(1, listening.listener:stats().cut);
		assert.truthy(told "before its replies were read");
	end);

	it("that has heard all, but whose next requests wait for their turn, is one that is left when the listener closes",
			function ()
		listen();
		local caller = call();
		assert(caller:send((request() .. "\n"):rep(150)));
		while listening.listener:stats().tokens == 0 do listening.listener:step(); end
		assert.is_true(listening.listener:stats().tokens < 150);
		assert.equal(150 * (#request() + 1), listening.listener:stats().bytes_in);
		assert.equal(1, listening.listener:close());
	end);
end);
