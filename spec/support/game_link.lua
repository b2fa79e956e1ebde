-- A game's link in Prosody's loop, without a network: loop, resolver, timers and the C link are stood in for.
local bridge = require "skotos_bridge";
local loop = require "spec.support.loop";
local game_link = loop.load "skotos_bridge/game/game_link";

-- What a spec sees and sets; `clear` begins anew.
-- game: what start gave; link: the C link that start made, as stood in for; links: all of them, the newest last;
-- commands: what the C link has to be carried out; executed: those that were; replies: { ticket, result } of each;
-- events: what was told to the C link; said: lines of the log; timers: { seconds, function }, as they were set;
-- no_descriptor: whether no C link can be made now; address_scope: the C module's, or what stands for it.
local M = {};

local function new_link(issuer, options)
	local one = { issuer = issuer, options = options, went = {}, steps = 0, turns = {}, lost = 0, untold = 0, closed = 0 };
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
	M.links[#M.links + 1] = one;
	return one;
end

local c_module = {
	link = function (issuer, options)
		if options.broken or M.no_descriptor then return nil, "no memory"; end
		return new_link(issuer, options);
	end;
	next_command = function ()
		local command = table.remove(M.commands, 1);
		if command then return command.ticket, command; end
	end;
	reply = function (_, ticket, result)
		if result.broken then error "it cannot be told"; end
		M.replies[#M.replies + 1] = { ticket, result };
	end;
	push_event = function (_, event)
		M.events[#M.events + 1] = event;
		return event.event ~= "unwanted";
	end;
	wants_event = function (_, name, channel) return name == "joined" and channel ~= "elsewhere"; end;
	covers = function (issuer, channel) return issuer == "issuer" and channel ~= "elsewhere"; end;
	address_scope = function (ip) return M.address_scope(ip); end;
};

local module = { host = "meet.test", shared = function () return {}; end, log = function () end };
function module.add_timer(_, seconds, act) M.timers[#M.timers + 1] = { seconds, act }; end

function M.clear()
	M.links, M.timers, M.commands, M.replies, M.events, M.said, M.executed = {}, {}, {}, {}, {}, {}, {};
	M.game, M.link = nil, nil;
	M.no_descriptor, M.address_scope = false, bridge.address_scope;
	loop.records = { A = { { a = "10.0.0.8" } } };
end

-- The game dev as its options say it, with `change`'s members instead.
function M.new_game(change)
	local new = { name = "dev", host = "10.0.0.7", port = 11091, allow_plaintext = false, made_issuer = "issuer",
		link = { reply_size = 8192, reply_interval = 0 } };
	for name, value in pairs(change or {}) do new[name] = value; end
	return new;
end

-- A command `later` ends when its `done` is called, "raise" breaks, all others succeed at once.
local function execute(_, command, done)
	M.executed[#M.executed + 1] = command;
	if command.cmd == "raise" then error("nobody expects it", 0); end
	if command.later then
		command.done = done;
		return;
	end
	done { success = true, command = command.cmd, broken = command.broken };
end

-- Starts the link of new_game(change).
function M.start(change)
	local journal = {};
	local function say(text) M.said[#M.said + 1] = text; end
	function journal.voice() return function (kind, level, text) say(("%s %s: %s"):format(kind, level, text)); end; end
	function journal.event(_, level, text) say(level .. ": " .. text); end
	M.game = game_link.start(module, c_module, journal, M.new_game(change), execute);
	M.link = M.links[#M.links];
end

-- The newest link's descriptor is ready.
function M.watch() loop.watchers[#loop.watchers].act(); end

-- The timers that are set now run out.
function M.pass()
	local due = M.timers;
	M.timers = {};
	for _, timer in ipairs(due) do timer[2](); end
end

return M;
