-- The listener without a Prosody: requests over real sockets, terminators, limits, slow and idle callers.
local rig = require "spec.support.rig";
local shorten = require "spec.support.shorten";
local socket = require "socket";
local json = require "util.json";
local issuer_of = require "spec.support.issuer";
local bridge = require "skotos_bridge";

local function issuer(extra)
	local t = { any_member = true };
	for k, v in pairs(extra or {}) do t[k] = v; end
	return issuer_of(t);
end

local listener;
local function listen(options, extra)
	options = options or {};
	options.interface = options.interface or "127.0.0.1";
	listener = assert(bridge.listener(issuer(extra), options));
end
after_each(function ()
	if listener then listener:close(); end
	listener = nil;
end);

local said; -- what the listener has told its administrator
-- Steps the listener until `done()` holds.
local function run(done, what, seconds)
	local till = socket.gettime() + (seconds or 60);
	local handle = { getfd = function () return listener:fd(); end };
	said = said or {};
	repeat
		for _, note in ipairs(listener:step() or {}) do said[#said + 1] = note.text; end
		if done() then return; end
		socket.select({ handle }, nil, 0.01);
	until socket.gettime() > till;
	error("waited in vain for " .. (what or "it"), 2);
end
local function told(text) return table.concat(said, "\n"):find(text, 1, true); end

local function call()
	local caller = assert(socket.connect("127.0.0.1", listener:port()));
	caller:settimeout(0);
	return caller;
end

-- All that comes to the caller until `done(bytes)`; a closed connection ends it too. Returns the bytes and whether it
-- is closed.
local function hear(caller, done)
	local bytes, closed = "", false;
	run(function ()
		local some, err, part = caller:receive(65536);
		bytes = bytes .. (some or part or "");
		closed = err == "closed";
		return closed or done(bytes);
	end, "the caller's replies");
	return bytes, closed;
end

local function replies_in(bytes, ending)
	local list = {};
	for line in bytes:gmatch("(.-)" .. ending) do list[#list + 1] = json.decode(line); end
	return list;
end
local function hear_replies(caller, count, ending)
	ending = ending or "\n";
	local bytes, closed = hear(caller, function (b) return select(2, b:gsub(ending, "")) >= count; end);
	return replies_in(bytes, ending), bytes, closed;
end

local function request(more) return ('{"displayName":"Bob","channel":"tavern"%s}'):format(more or ""); end

before_each(function () said = {}; end);

describe("the listener", function ()
	it("names the option that is no number, and takes none that it cannot keep to", function ()
		for _, case in ipairs { { "port", {}, "port: a number is wanted" }, { "idle", "soon", "idle: a number is wanted" },
			{ "out_max", true, "out_max: a number is wanted" }, { "port", 65536, "port: 0 to 65535 is wanted" } } do
			local ok, err = pcall(bridge.listener, issuer(), { interface = "127.0.0.1", [case[1]] = case[2] });
			assert.is_false(ok);
			assert.truthy(tostring(err):find(case[3], 1, true), err);
		end
		for _, case in ipairs { { {}, "reply_size: 0 or 1024" }, { { reply_size = 0 }, "reply_interval: 0 to 60" },
			{ { reply_size = {} }, "reply_size: a number is wanted" } } do
			local ok, err = pcall(bridge.link, issuer(), case[1]);
			assert.is_false(ok);
			assert.truthy(tostring(err):find(case[2], 1, true), err);
		end
	end);

	it("says that it has no descriptor for a caller, and lets the caller in when it has one again", function ()
		local pid = require "util.pposix".getpid();
		listen();
		local pipe = io.popen(("prlimit --pid %d --nofile --output SOFT,HARD --noheadings"):format(pid));
		local usual, most = pipe:read("n", "n");
		pipe:close();
		local prlimit = ("prlimit --pid %d --nofile=%%d:%d"):format(pid, most);
		-- Started beforehand: without a descriptor nothing can be started.
		local restore = io.popen("read _; exec " .. prlimit:format(usual), "w");
		local function as_usual()
			if io.type(restore) == "file" then restore:close(); end
		end
		finally(as_usual); -- luacheck: ignore 113
		local caller = call();
		assert(os.execute(prlimit:format(caller:getfd() + 1)));
		run(function () return told "no caller can be let in for a second: Too many open files"; end);
		as_usual();
		caller:send(request() .. "\n");
		assert.is_true(hear_replies(caller, 1)[1].success);
	end);
end);

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
			run(function () return listener:stats().callers == 0; end);
			assert.equal(0, listener:stats().cut);
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
		assert.same({ 0, 0 }, { listener:stats().callers, listener:stats().cut });
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
			assert.equal(1, listener:stats().refused);
			assert.truthy(told "refused");
		end);
	end

	it("that goes in the middle of a request is counted, and said", function ()
		listen();
		local caller = call();
		caller:send(request(',"seq":9'));
		run(function () return listener:stats().bytes_in > 0; end);
		caller:close();
		run(function () return listener:stats().callers == 0; end);
		assert.equal(1, listener:stats().cut);
		assert.truthy(told "in the middle of a request");
	end);

	it("that goes with all its requests answered, but not all answers read, is counted, and said", function ()
		listen();
		shorten(listener:fd());
		local caller = socket.tcp();
		caller:setoption("recv-buffer-size", 2048);
		assert(caller:connect("127.0.0.1", listener:port()));
		assert(caller:send((request() .. "\n"):rep(200)));
		run(function () return listener:stats().tokens == 200; end);
		caller:close();
		run(function () return listener:stats().callers == 0; end);
		assert.equal(1, listener:stats().cut);
		assert.truthy(told "before its replies were read");
	end);

	it("that has heard all, but whose next requests wait for their turn, is one that is left when the listener closes",
			function ()
		listen();
		local caller = call();
		assert(caller:send((request() .. "\n"):rep(150)));
		while listener:stats().tokens == 0 do listener:step(); end
		assert.is_true(listener:stats().tokens < 150);
		assert.equal(150 * (#request() + 1), listener:stats().bytes_in);
		assert.equal(1, listener:close());
	end);
end);

describe("the listener", function ()
	it("lets 64 in, tells the 65th why not, and lets others in when some have gone", function ()
		listen();
		local callers = {};
		for i = 1, 64 do
			callers[i] = call();
			callers[i]:send(request() .. "\n");
			run(function () return listener:stats().tokens == i; end);
		end
		local late = call();
		late:send(request() .. "\n");
		local bytes, closed = hear(late, function (b) return b:find("\n", 1, true); end);
		assert.is_false(json.decode(bytes:match("^[^\n]+")).success);
		assert.truthy(bytes:find("64 callers are connected", 1, true));
		if not closed then closed = select(2, hear(late, function () return false; end)); end
		assert.is_true(closed);
		assert.equal(1, listener:stats().turned_away);
		assert.truthy(told "turned away");
		callers[64]:send(request() .. "\n");
		assert.is_true(hear_replies(callers[64], 2)[2].success);
		callers[1]:close();
		run(function () return listener:stats().callers == 63; end);
		local next_one = call();
		next_one:send(request() .. "\n");
		assert.is_true(hear_replies(next_one, 1)[1].success);
	end);

	it("gives the places of callers who say nothing to those who do", function ()
		listen();
		local silent = {};
		for i = 1, 64 do
			silent[i] = call();
			run(function () return listener:stats().callers == i; end);
		end
		local tried = 0;
		run(function ()
			tried = tried + 1;
			local caller = call();
			caller:send(request() .. "\n");
			local bytes = hear(caller, function (b) return b:find("\n", 1, true); end);
			return json.decode(bytes:match("^[^\n]+") or "{}").success;
		end, "a place");
		assert.equal(64, listener:stats().callers);
		assert.is_true(listener:stats().idle >= 1);
		assert.is_true(select(2, hear(silent[1], function () return false; end)),
			"the one who is silent for longest goes first");
	end);

	it("outlives 500 callers at once that all want in", function ()
		listen();
		local callers = {};
		for i = 1, 500 do
			callers[i] = socket.tcp();
			callers[i]:settimeout(0);
			callers[i]:connect("127.0.0.1", listener:port());
			callers[i]:send("{");
			listener:step();
		end
		run(function () return listener:stats().accepted == 500; end);
		assert.equal(64, listener:stats().callers);
		-- On a slow machine some lose their places to others, having said nothing for a second.
		assert.equal(436, listener:stats().turned_away + listener:stats().idle);
		for _, caller in ipairs(callers) do caller:close(); end
		run(function () return listener:stats().callers == 0; end);
		local caller = call();
		caller:send(request() .. "\n");
		assert.is_true(hear_replies(caller, 1)[1].success);
	end);

	it("sends an idle caller away, and no other", function ()
		listen { idle = 2 };
		local idle, busy = call(), call();
		local begun, alive = socket.gettime(), 0;
		local closed;
		run(function ()
			if socket.gettime() - begun > alive * 0.1 then
				alive = alive + 1;
				busy:send(request() .. "\n");
			end
			local _, err = idle:receive(1);
			closed = err == "closed";
			return closed;
		end);
		assert.is_true(socket.gettime() - begun >= 1.9);
		assert.same({ 1, 1, 0 }, { listener:stats().idle, listener:stats().callers, listener:stats().slow });
	end);

	it("reads no more from a caller that reads nothing, serves the others, and sends it away in the end", function ()
		listen { idle = 1, out_max = 65536 };
		local deaf = call();
		deaf:setoption("recv-buffer-size", 4096);
		local blob, sent = (request() .. "\n"):rep(200), 0;
		local in_vain = 0;
		run(function ()
			local done, _, last = deaf:send(blob);
			local n = done or last or 0;
			sent = sent + n;
			in_vain = n > 0 and 0 or in_vain + 1;
			return in_vain > 30;
		end, "the deaf caller to be stopped");
		assert.is_true(listener:stats().bytes_in < sent, "all was read");
		local other = call();
		other:send(request(',"seq":5') .. "\n");
		assert.equal(5, hear_replies(other, 1)[1].seq);
		run(function () return listener:stats().slow == 1; end);
		assert.truthy(told "has read nothing for 1 s");
		assert.is_true(listener:stats().longest_step < 5);
	end);

	it("shares its turns: who asks for one token does not wait for who asks for thousands", function ()
		listen();
		local greedy, modest = call(), call();
		local blob, heard = (request() .. "\n"):rep(3000), "";
		local at = 1;
		local function feed()
			local done, _, last = greedy:send(blob, at);
			at = ((done or last or at - 1) + 1);
			if at > #blob then at = 1; end
			while greedy:receive(65536) do end -- luacheck: ignore
		end
		run(function () feed() return listener:stats().requests > 1000; end);
		local before = listener:stats().steps;
		modest:send(request(',"seq":5') .. "\n");
		run(function ()
			feed();
			local some, _, part = modest:receive(65536);
			heard = heard .. (some or part or "");
			return heard:find("\n", 1, true);
		end);
		assert.is_true(listener:stats().steps - before <= 6, listener:stats().steps - before .. " steps");
	end);

	it("says why it cannot listen", function ()
		listen();
		local second, why = bridge.listener(issuer(), { interface = "127.0.0.1", port = listener:port() });
		assert.is_nil(second);
		assert.equal("Address already in use", why);
		assert.same({ nil, "no numeric address" }, { bridge.listener(issuer(), { interface = "localhost" }) });
	end);

	it("closes everything when it is closed, and says how many it left", function ()
		listen();
		local caller, half = call(), call();
		half:send("{");
		run(function () return listener:stats().callers == 2 and listener:stats().bytes_in == 1; end);
		local port = listener:port();
		assert.equal(1, listener:close());
		assert.equal(0, listener:close());
		caller:settimeout(2);
		assert.same({ nil, "closed" }, { (select(1, caller:receive(1))), (select(2, caller:receive(1))) });
		assert.is_nil((socket.connect("127.0.0.1", port)));
	end);
end);
