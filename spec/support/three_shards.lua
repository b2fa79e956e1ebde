-- Three shards that know of each other, for specs without a Prosody: a wire and a clock of their own.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so;./build/?.so";

-- Beside ALL, all anew in each test: skew (shard -> milliseconds that its clock is ahead); dropped (what is asked and
-- does not arrive); net (shard -> what it answers); cut ("a b" -> true); lost (how many messages were); reconnects (who
-- was given up); shards; and by shard what it said, decided, heard to be over, and what it has to tell of tokens and
-- wishes (wanted).
local M = { ALL = { "a.test", "b.test", "c.test" } };

local STEP = 0.025; -- seconds of the clock at a time
local clock, timers, wire;
local now_on; -- the shard whose code runs

local time = os.time;
package.loaded["util.time"] = {
	monotonic = function () return clock; end;
	now = function () return 1795511229 + clock + (M.skew[now_on] or 0) / 1000; end;
};

local function part(_, path)
	if path == "skotos_bridge/shards/shard_channel" then return wire; end
	return dofile(("mod_skotos_bridge/%s.lib.lua"):format(path));
end
function M.as(shard, act, ...)
	local before = now_on;
	now_on = shard;
	local result = table.pack(act(...));
	now_on = before;
	return table.unpack(result, 1, result.n);
end
-- The module's API as the shard `own` has it.
local function add_timer(_, seconds, act)
	local own = now_on;
	timers[#timers + 1] = { due = clock + seconds, act = function () return M.as(own, act); end };
end
rawset(_G, "module", { require = part, add_timer = add_timer });
local hearsay = part(nil, "skotos_bridge/shards/hearsay");
local portions = part(nil, "skotos_bridge/shards/portions");

wire = {};
function wire.open(own, _, _, questions)
	M.net[own] = questions;
	local channel = { refused = 3, questions = 0, too_large = 0, asked = {} };
	function channel.is_ready() return true; end
	function channel.close() channel.closed = true; end
	function channel.reconnect(_, shard) M.reconnects[#M.reconnects + 1] = own .. " " .. shard; end
	function channel.ask(_, shard, what, content, seconds, callback)
		channel.questions = channel.questions + 1;
		channel.asked[what] = (channel.asked[what] or 0) + 1;
		local text, answered = hearsay.written(content), false;
		assert(portions.fits(text), "no stanza is that large");
		local function answer(...)
			if answered then return; end
			answered = true;
			M.as(own, callback, ...);
		end
		local function gone()
			if M.cut[own .. " " .. shard] or not M.net[shard] or M.dropped == what then
				M.lost = M.lost + 1;
				return true;
			end
		end
		timers[#timers + 1] = { due = clock, act = function ()
			if gone() then return; end
			M.as(shard, M.net[shard][what], own, hearsay.read(text), function (result)
				local reply = hearsay.written(result or {});
				assert(portions.fits(reply), "no stanza is that large");
				timers[#timers + 1] = { due = clock, act = function () if not gone() then answer(hearsay.read(reply)); end end };
			end);
		end };
		timers[#timers + 1] = { due = clock + seconds, act = function () answer(nil,
			("no answer within %g s"):format(seconds), true); end };
	end
	return channel;
end

local peers_lib = part(nil, "skotos_bridge/shards/peers");

function M.pass(seconds)
	local till = clock + seconds;
	while clock < till - STEP / 2 do
		clock = clock + STEP;
		local i = 1;
		while i <= #timers do
			local timer = timers[i];
			if timer.due <= clock then
				table.remove(timers, i);
				local again = timer.act();
				if again then timers[#timers + 1] = { due = clock + again, act = timer.act }; end
				i = 1;
			else
				i = i + 1;
			end
		end
	end
end

function M.cut_off(a, b, is_cut) M.cut[a .. " " .. b], M.cut[b .. " " .. a] = is_cut, is_cut; end

function M.join(name)
	local others = {};
	for _, other in ipairs(M.ALL) do
		if other ~= name then others[#others + 1] = other; end
	end
	M.said[name], M.decided[name], M.over[name] = {}, {}, {};
	M.tokens[name], M.wanted[name] = M.tokens[name] or {}, M.wanted[name] or {};
	local journal = {};
	function journal.event(_, level, text) table.insert(M.said[name], level .. ": " .. text); end
	function journal.fault(_, _, level, text) table.insert(M.said[name], level .. ": " .. text); end
	M.shards[name] = M.as(name, peers_lib.join, name, others, 100, journal, {
		decided = function (decision) table.insert(M.decided[name], decision); end,
			over = function (room) table.insert(M.over[name], room); end;
		tokens = function () return M.tokens[name]; end, wanted = function () return M.wanted[name]; end;
		answers = { event = function (shard, event, answer)
			answer();
			table.insert(M.said[name], shard .. " tells " .. event.event);
		end };
	});
	return M.shards[name];
end
function M.call(name, method, ...) return M.as(name, M.shards[name][method], M.shards[name], ...); end
function M.told(name, text) return table.concat(M.said[name], "\n"):find(text, 1, true) ~= nil; end

-- Before each test: all three begin, and have met.
function M.begin()
	M.dropped = nil;
	clock, timers, M.skew, M.net, M.cut, M.lost, M.reconnects = 1000, {}, {}, {}, {}, 0, {};
	M.shards, M.said, M.decided, M.over, M.tokens, M.wanted = {}, {}, {}, {}, {}, {};
	os.time = function () return math.floor(1795511229 + clock); end; -- luacheck: ignore 122
	for _, name in ipairs(M.ALL) do M.join(name); end
	M.pass(1.5);
end

-- After each test, and after the last.
function M.finish() os.time = time; end -- luacheck: ignore 122
function M.leave() rawset(_G, "module", nil); end

return M;
