-- The talk between shards without a Prosody: questions, answers, and whose are taken.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so;./build/?.so";
local OWN, OTHER, THIRD = "one.test", "two.test", "three.test";

-- A clock of the specs' own: what is due is done when it is told that time has passed.
local tasks;
package.loaded["util.timer"] = {
	add_task = function (seconds, act)
		local task = { left = seconds, act = act };
		tasks[#tasks + 1] = task;
		return task;
	end;
	stop = function (task) task.stopped = true; end;
};
local destroyed;
package.loaded["core.s2smanager"] = { destroy_session = function (session, why) destroyed[#destroyed + 1] = { session,
	why }; end };
local function pass(seconds)
	for _, task in ipairs(tasks) do
		task.left = task.left - seconds;
		if task.left <= 0 and not task.stopped and not task.done then
			task.done = true;
			task.act();
		end
	end
end

local st = require "util.stanza";
local lib = require "spec.support.lib";
local channels = lib.load "shards/shard_channel";

local channel, sent, hooks, said, faults, answers, asked, before;

local function context(_, host)
	return {
		hook = function (_, name, act) hooks[host .. " " .. name] = act; end;
		send = function (_, stanza) sent[#sent + 1] = stanza; end;
	};
end

before_each(function ()
	before = { rawget(_G, "module"), rawget(_G, "prosody") };
	tasks, sent, hooks, said, faults, asked, destroyed = {}, {}, {}, {}, {}, {}, {};
	rawset(_G, "prosody", { hosts = { [OWN] = { s2sout = {} } } });
	rawset(_G, "module", { context = context, hook_global = function (_, name, act) hooks[name] = act; end });
	local journal = {};
	function journal.event(_, level, text) said[#said + 1] = level .. ": " .. text; end
	function journal.fault(_, what, level, text) faults[#faults + 1] = what .. ": " .. level .. ": " .. text; end
	answers = {
		beat = function (shard, content, answer)
			asked[#asked + 1] = { shard = shard, content = content };
			answer { n = content.n + 1 };
		end;
		later = function (_, _, answer) asked[#asked + 1] = answer; end;
		broken = function () error "it broke"; end;
		fails_and_goes_on = function (_, _, answer)
			asked[#asked + 1] = answer;
			error "it broke";
		end;
		half = function (_, _, answer)
			answer { n = 1 };
			error "it broke later";
		end;
	};
	channel = channels.open("One.Test", { OTHER, THIRD }, journal, answers);
end);
after_each(function ()
	rawset(_G, "module", before[1]);
	rawset(_G, "prosody", before[2]);
end);

-- A connection of the other's that proves who it is, but for what `change` says.
local function session(change)
	local errors = {};
	local s = { type = "s2sin", direction = "incoming", from_host = OTHER, to_host = OWN, secure = true;
		cert_chain_status = "valid", cert_identity_status = "valid", errors = errors,
			send = function (stanza) errors[#errors + 1] = stanza; end };
	for name, value in pairs(change or {}) do s[name] = value; end
	return s;
end

local function element(what, text)
	return st.stanza("shard", { xmlns = channels.XMLNS, what = what, json = text });
end
local function question(what, text, from, id)
	return st.iq { type = "set", from = from or OTHER, to = OWN, id = id or "q1" }:add_child(element(what, text));
end
local function put(stanza, origin)
	origin = origin or session();
	assert.is_true(hooks[OWN .. " iq-set/host/" .. channels.XMLNS .. ":shard"] { stanza = stanza, origin = origin });
	return origin.errors;
end
local function condition_of(stanza) return table.concat({ select(1, stanza:get_error()), (select(2,
	stanza:get_error())) }, " "); end

describe("a question of another shard's", function ()
	it("is answered with what is found, once", function ()
		assert.same({}, put(question("beat", '{"n":4}')));
		assert.same({ { shard = OTHER, content = { n = 4 } } }, asked);
		assert.equal(1, #sent);
		local attr, shard = sent[1].attr, sent[1]:get_child("shard", channels.XMLNS);
		assert.same({ "result", OTHER, OWN, "q1", "beat" }, { attr.type, attr.to, attr.from, attr.id, shard.attr.what });
		assert.equal('{"n":5}', shard.attr.json);
		put(question("later", "{}"));
		asked[2]();
		asked[2] { n = 1 };
		assert.equal(2, #sent);
		assert.equal("{}", (sent[2]:get_child("shard", channels.XMLNS).attr.json:gsub("%[%]", "{}")));
	end);

	it("is not answered any more when the module has gone", function ()
		put(question("later", "{}"));
		channel:close();
		asked[1] {};
		assert.same({}, sent);
	end);

	it("that nobody knows, or that is no question, is told so", function ()
		for _, stanza in ipairs { question("dance", "{}"), question("beat", "no JSON"), question("beat", "7"),
			st.iq { type = "set", from = OTHER, to = OWN, id = "q" }:add_child(st.stanza("shard", { xmlns = channels.XMLNS,
				what = "beat" })) } do
			local errors = put(stanza);
			assert.equal(1, #errors);
			assert.equal("cancel feature-not-implemented", condition_of(errors[1]));
		end
		assert.same({ {}, {}, 0 }, { asked, sent, channel.refused });
		assert.equal("no such question, perhaps of another version of this module",
			(select(3, put(question("dance", "{}"))[1]:get_error())));
		assert.equal("not understood of two.test: warn: what the shard two.test asks (dance) is not understood here: " ..
			"perhaps it has another version of this module", faults[1]);
	end);

	it("whose answer no stanza may hold is told so, which is counted and told", function ()
		put(question("later", "{}"));
		asked[1] { text = ('"'):rep(40000) };
		assert.equal("cancel resource-constraint", condition_of(sent[1]));
		assert.equal("80011 bytes are more than a message may have", (select(3, sent[1]:get_error())));
		assert.equal(1, channel.too_large);
		assert.truthy(faults[1]:find("two.test (later) is not sent: 80011 bytes are more than a message may have", 1, true),
			faults[1]);
	end);

	it("that fails here is told so, and the log says where; but only once is anything answered", function ()
		local errors = put(question("broken", "{}"));
		assert.equal("cancel internal-server-error", condition_of(errors[1]));
		assert.truthy(faults[1]:find(
			"question of two.test: error: the question broken of the shard two.test failed: .*it broke"), faults[1]);
		assert.same({}, put(question("half", "{}")));
		put(question("fails_and_goes_on", "{}"));
		asked[1] {};
		assert.same({ 1, 3 }, { #sent, #faults });
	end);

	local strangers = {
		{ "who is not listed", "four.test", { from_host = "four.test" },
			"four.test may not speak as a shard: it is not listed in skotos_shards" };
		{ "whose connection proves another", OTHER, { from_host = THIRD },
			"the certificate that was verified is three.test's" };
		{ "whose certificate is not for it", OTHER, { cert_identity_status = "invalid" },
			"its certificate is not for that domain" };
		{ "without TLS", OTHER, { secure = false }, "the connection is not encrypted" };
	};
	for _, case in ipairs(strangers) do
		it("by one " .. case[1] .. " is refused, and told to the administrator once a minute with how many there were",
			function ()
			local time, now = os.time, 1000000;
			os.time = function () return now; end; -- luacheck: ignore 122
			finally(function () os.time = time; end); -- luacheck: ignore 122
			for _ = 1, 3 do
				local errors = put(question("beat", '{"n":1}', case[2]), session(case[3]));
				assert.equal("auth forbidden", condition_of(errors[1]));
				now = now + 20;
			end
			assert.same({ {}, {}, 3, 2 }, { asked, sent, channel.refused, #said + 1 });
			assert.truthy(said[1]:find("warn: ", 1, true) and said[1]:find(case[4], 1, true) and said[1]:find("(1 refused", 1,
				true), said[1]);
			put(question("beat", '{"n":1}', case[2]), session(case[3]));
			assert.truthy(said[2]:find("(3 refused", 1, true), said[2]);
		end);
	end
end);

describe("a question to another shard", function ()
	local heard;
	local function ask(shard, seconds)
		local place = #heard + 1;
		heard[place] = "nothing yet";
		channel:ask(shard or OTHER, "beat", { n = 1 }, seconds or 5, function (...) heard[place] = { ... }; end);
		pass(0);
		return sent[#sent];
	end
	local function answer(stanza, origin) return hooks[OWN .. " iq/host"] { stanza = stanza, origin = origin
		or session() }; end
	local function result(iq, text, from) return st.iq { type = "result", id = iq.attr.id, from = from or iq.attr.to,
		to = OWN }:add_child(element("beat", text)); end
	before_each(function () heard = {}; end);

	it("goes out behind the caller's back, with a number of its own", function ()
		channel:ask(OTHER, "beat", { n = 1 }, 5, function () end);
		assert.same({}, sent);
		pass(0);
		local first, second = sent[1], ask(THIRD);
		assert.same({ "set", OWN, OTHER }, { first.attr.type, first.attr.from, first.attr.to });
		assert.equal(THIRD, second.attr.to);
		assert.not_equal(first.attr.id, second.attr.id);
		local shard = first:get_child("shard", channels.XMLNS);
		assert.same({ "beat", '{"n":1}' }, { shard.attr.what, shard.attr.json });
		assert.same({ 2, 2 }, { channel.waiting, channel.questions });
	end);

	it("that no stanza may hold is not sent, and its asker hears why, behind his back", function ()
		channel:ask(OTHER, "beat", { text = ('"'):rep(40000) }, 5, function (...) heard[1] = { ... }; end);
		assert.same({}, heard);
		pass(0);
		assert.same({ { { nil, "80011 bytes are more than a message may have" } }, {} }, { heard, sent });
		assert.same({ 0, 1 }, { channel.waiting, channel.too_large });
		pass(6);
		assert.equal(1, #heard);
	end);

	it("gets the answer of the one who was asked, once", function ()
		local iq = ask();
		assert.is_true(answer(result(iq, '{"n":2}')));
		assert.same({ { { n = 2 } } }, heard);
		assert.equal(0, channel.waiting);
		assert.is_nil(answer(result(iq, '{"n":3}')));
		pass(100);
		assert.same({ { { n = 2 } } }, heard);
	end);

	it("takes no answer of another's, nor one that is not proven, and goes on waiting", function ()
		local iq = ask();
		assert.is_nil(answer(result(iq, '{"n":2}', THIRD), session { from_host = THIRD }));
		assert.is_nil(answer(st.iq { type = "get", id = iq.attr.id, from = OTHER, to = OWN }));
		assert.is_nil(answer(st.iq { type = "result", id = "another", from = OTHER, to = OWN }));
		assert.equal(0, channel.refused);
		assert.is_true(answer(result(iq, '{"n":2}'), session { secure = false }));
		assert.same({ "nothing yet" }, heard);
		assert.same({ 1, 1 }, { channel.waiting, channel.refused });
		assert.is_true(answer(result(iq, '{"n":4}')));
		assert.same({ { { n = 4 } } }, heard);
	end);

	it("hears of Prosody itself, and of the other, why there is no answer", function ()
		local iq = ask();
		assert.is_true(answer(st.error_reply(iq, "cancel", "remote-server-not-found", "no route"), { dummy = true }));
		assert.is_true(answer(st.error_reply(ask(), "auth", "forbidden")));
		assert.is_true(answer(st.error_reply(ask(), "auth", "forbidden", "")));
		assert.is_true(answer(st.iq { type = "result", id = ask().attr.id, from = OTHER, to = OWN }));
		assert.is_true(answer(result(ask(), "no JSON")));
		assert.same({ { nil, "remote-server-not-found: no route" }, { nil, "forbidden" }, { nil, "forbidden" }, { nil,
			"its answer is no answer, perhaps of another version of this module" },
			{ nil, "its answer is no answer, perhaps of another version of this module" } }, heard);
		assert.equal(0, channel.waiting);
	end);

	it("hears of silence when its time is over, and not before", function ()
		ask(OTHER, 5);
		pass(4.9);
		assert.same({ "nothing yet" }, heard);
		pass(0.2);
		assert.same({ { nil, "no answer within 5 s", true } }, heard);
		assert.equal(0, channel.waiting);
	end);

	it("whose asker fails is a line in the log", function ()
		channel:ask(OTHER, "beat", {}, 5, function () error "it broke"; end);
		pass(6);
		assert.truthy(faults[1]:find("answer of two.test: error: the answer of the shard two.test failed: .*it broke"),
			faults[1]);
	end);

	it("is settled when the module goes, and not sent any more", function ()
		ask();
		channel:ask(OTHER, "beat", {}, 5, function (...) heard[2] = { ... }; end);
		channel:close();
		pass(100);
		assert.same({ { nil, "the module is unloaded" }, { nil, "the module is unloaded" } }, heard);
		assert.equal(1, #sent);
	end);
end);

describe("a connection between shards", function ()
	it("is there when its host is", function ()
		local hosts = rawget(_G, "prosody").hosts;
		assert.is_true(channel:is_ready());
		hosts[OWN] = nil;
		assert.is_false(channel:is_ready());
		hooks = {};
		channel = channels.open(OWN, { OTHER }, {}, answers);
		assert.is_false(channel:is_ready());
		hosts[OWN], hosts[THIRD] = {}, {};
		hooks["host-activated"](THIRD);
		assert.is_false(channel:is_ready());
		hooks["host-activated"](OWN);
		assert.is_true(channel:is_ready());
		assert.is_function(hooks[OWN .. " iq/host"]);
	end);

	it("is closed where its certificate does not hold, whatever Prosody thinks of such", function ()
		local closed;
		local function judged(host, chain, identity)
			closed = nil;
			return hooks["s2s-check-certificate"] { host = host;
				session = { cert_chain_status = chain, cert_identity_status = identity, close = function (_,
					reason) closed = reason.condition; end } };
		end
		assert.is_nil(judged(OTHER, "valid", "valid"));
		assert.is_nil(closed);
		assert.is_nil(judged("elsewhere.test", "invalid", "invalid"));
		assert.is_nil(closed);
		for _, case in ipairs { { "valid", "invalid" }, { "invalid", "valid" }, { "invalid", nil }, { "valid", nil }, {} } do
			assert.is_false(judged(OTHER, case[1], case[2]));
			assert.equal("not-authorized", closed);
		end
		assert.equal(5, channel.refused);
	end);

	it("that is silent is given up, also while it is still connecting", function ()
		local closed;
		local hosts = rawget(_G, "prosody").hosts;
		channel:reconnect(OTHER);
		hosts[OWN].s2sout[OTHER] = { conn = {}, close = function (_, reason) closed = reason; end };
		channel:reconnect(OTHER);
		assert.equal("connection-timeout", closed);
		assert.same({}, destroyed);
		local early = { close = function () closed = "early"; end };
		hosts[OWN].s2sout[THIRD] = early;
		channel:reconnect(THIRD);
		assert.equal(early, destroyed[1][1]);
		assert.equal("connection-timeout", closed);
		hosts[OWN] = nil;
		channel:reconnect(OTHER);
		assert.equal(1, #destroyed);
	end);

	it("that was given up before it was there is closed when it is", function ()
		local closed = 0;
		local conn = { close = function () closed = closed + 1; end };
		hooks["s2sout-connected"] { session = { destroyed = false, conn = conn } };
		assert.equal(0, closed);
		hooks["s2sout-connected"] { session = { destroyed = true } };
		hooks["s2sout-connected"] { session = { destroyed = true, conn = conn } };
		assert.equal(1, closed);
	end);
end);
