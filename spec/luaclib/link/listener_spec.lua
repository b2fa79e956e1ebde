-- The listener without a Prosody: how many callers, idle and slow ones, its turns.
local listening = require "spec.support.listening";
local socket = require "socket";
local json = require "util.json";
local bridge = require "skotos_bridge";

local issuer, listen, run, told, call, hear, hear_replies, request =
	listening.issuer, listening.listen, listening.run, listening.told,
	listening.call, listening.hear, listening.hear_replies, listening.request;

before_each(listening.begin);
after_each(listening.finish);

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

describe("the listener", function ()
	it("lets 64 in, tells the 65th why not, and lets others in when some have gone", function ()
		listen();
		local callers = {};
		for i = 1, 64 do
			callers[i] = call();
			callers[i]:send(request() .. "\n");
			run(function () return listening.listener:stats().tokens == i; end);
		end
		local late = call();
		late:send(request() .. "\n");
		local bytes, closed = hear(late, function (b) return b:find("\n", 1, true); end);
		assert.is_false(json.decode(bytes:match("^[^\n]+")).success);
		assert.truthy(bytes:find("64 callers are connected", 1, true));
		if not closed then closed = select(2, hear(late, function () return false; end)); end
		assert.is_true(closed);
		assert.equal(1, listening.listener:stats().turned_away);
		assert.truthy(told "turned away");
		callers[64]:send(request() .. "\n");
		assert.is_true(hear_replies(callers[64], 2)[2].success);
		callers[1]:close();
		run(function () return listening.listener:stats().callers == 63; end);
		local next_one = call();
		next_one:send(request() .. "\n");
		assert.is_true(hear_replies(next_one, 1)[1].success);
	end);

	it("gives the places of callers who say nothing to those who do", function ()
		listen();
		local silent = {};
		for i = 1, 64 do
			silent[i] = call();
			run(function () return listening.listener:stats().callers == i; end);
		end
		local tried = 0;
		run(function ()
			tried = tried + 1;
			local caller = call();
			caller:send(request() .. "\n");
			local bytes = hear(caller, function (b) return b:find("\n", 1, true); end);
			return json.decode(bytes:match("^[^\n]+") or "{}").success;
		end, "a place");
		assert.equal(64, listening.listener:stats().callers);
		assert.is_true(listening.listener:stats().idle >= 1);
		assert.is_true(select(2, hear(silent[1], function () return false; end)),
			"the one who is silent for longest goes first");
	end);

	it("outlives 500 callers at once that all want in", function ()
		listen();
		local callers = {};
		for i = 1, 500 do
			callers[i] = socket.tcp();
			callers[i]:settimeout(0);
			callers[i]:connect("127.0.0.1", listening.listener:port());
			callers[i]:send("{");
			listening.listener:step();
		end
		run(function () return listening.listener:stats().accepted == 500; end);
		assert.equal(64, listening.listener:stats().callers);
		-- On a slow machine some lose their places to others, having said nothing for a second.
		assert.equal(436, listening.listener:stats().turned_away + listening.listener:stats().idle);
		for _, caller in ipairs(callers) do caller:close(); end
		run(function () return listening.listener:stats().callers == 0; end);
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
		assert.same({ 1, 1, 0 }, { listening.listener:stats().idle, listening.listener:stats().callers,
			listening.listener:stats().slow });
	end);

	it("reads no more from a caller that reads nothing, serves the others, and sends it away in the end", function ()
		listen { idle = 1, out_max = 65536 };
		local deaf = call();
		assert(deaf:setoption("recv-buffer-size", 4096));
		local blob, sent = (request() .. "\n"):rep(200), 0;
		local in_vain = 0;
		run(function ()
			local done, _, last = deaf:send(blob);
			local n = done or last or 0;
			sent = sent + n;
			in_vain = n > 0 and 0 or in_vain + 1;
			return in_vain > 30;
		end, "the deaf caller to be stopped");
		assert.is_true(listening.listener:stats().bytes_in < sent, "all was read");
		local other = call();
		other:send(request(',"seq":5') .. "\n");
		assert.equal(5, hear_replies(other, 1)[1].seq);
		run(function () return listening.listener:stats().slow == 1; end);
		assert.truthy(told "has read nothing for 1 s");
		assert.is_true(listening.listener:stats().longest_step < 5);
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
		run(function () feed() return listening.listener:stats().requests > 1000; end);
		local before = listening.listener:stats().steps;
		modest:send(request(',"seq":5') .. "\n");
		run(function ()
			feed();
			local some, _, part = modest:receive(65536);
			heard = heard .. (some or part or "");
			return heard:find("\n", 1, true);
		end);
		assert.is_true(listening.listener:stats().steps - before <= 6, listening.listener:stats().steps - before .. " steps");
	end);

	it("says why it cannot listen", function ()
		listen();
		local second, why = bridge.listener(issuer(), { interface = "127.0.0.1", port = listening.listener:port() });
		assert.is_nil(second);
		assert.equal("Address already in use", why);
		assert.same({ nil, "no numeric address" }, { bridge.listener(issuer(), { interface = "localhost" }) });
	end);

	it("closes everything when it is closed, and says how many it left", function ()
		listen();
		local caller, half = call(), call();
		half:send("{");
		run(function () return listening.listener:stats().callers == 2 and listening.listener:stats().bytes_in == 1; end);
		local port = listening.listener:port();
		assert.equal(1, listening.listener:close());
		assert.equal(0, listening.listener:close());
		caller:settimeout(2);
		assert.same({ nil, "closed" }, { (select(1, caller:receive(1))), (select(2, caller:receive(1))) });
		assert.is_nil((socket.connect("127.0.0.1", port)));
	end);
end);
