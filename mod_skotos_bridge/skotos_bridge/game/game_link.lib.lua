-- One game: hands the link's descriptor to Prosody's loop, resolves the game's name, writes the link's journal into Prosody's log.

local server = require "net.server";

local resolver = module:require "skotos_bridge/game/resolver";
local tenant = module:require "skotos_bridge/game/tenant";

local M = {};
local link_mt = {};
link_mt.__index = link_mt;

local AGAIN = 5; -- seconds after there was no address, or nothing to make a link of
local RESOLVE_WITHIN = 60; -- seconds; a resolver that answers later, or never, knows no address
local GREETED_WITHIN = 2; -- seconds in which another port of the game greets who connects

local function seen(stats) return stats.requests + stats.refused + stats.driver_errors; end

-- Avchat's port says nothing until somebody asks for a token; every other port of the game greets. Tells of bytes that came on the connection
-- before which the stats were `before`, and were no request.
local function tell_of_greeting(self, before, generation)
	if self.stopped or self.drained or generation ~= self.generation then return; end
	local now = self.link:stats();
	if now.state == "up" and now.connects == before.connects + 1 and now.bytes_in > before.bytes_in and seen(now) == seen(before) then
		self.tell("greeting", "warn", ("what answers at %s says something before it is asked, as avchat's port never does: it is another port of the game; "
			.. "skotos_port has to be the game's portbase + 91"):format(now.address));
	end
end

local function tell_all(self, entries)
	for _, entry in ipairs(entries) do
		self.tell(entry.kind, entry.level, entry.text);
		if entry.kind == "up" then
			local before, generation = self.before_connecting, self.generation;
			self.module:add_timer(GREETED_WITHIN, function () tell_of_greeting(self, before, generation); end);
		end
	end
end

-- One step of the link. Returns whether commands wait to be carried out.
local function turn(self)
	local entries, wants_address, commands_wait = self.link:step();
	if entries then tell_all(self, entries); end
	if wants_address then self:connect(); end
	return commands_wait;
end

-- Has the game's commands carried out, each with its answer put in its place, now or later.
local function carry_out(self)
	local link = self.link;
	local ticket, command = self.bridge.next_command(link);
	while ticket do
		local own = ticket;
		self.execute(self, tenant.inward(self.game.tenant, command), function (result)
			local ok, err = pcall(function () self.bridge.reply(link, own, tenant.outward(self.game.tenant, result)); end);
			if not ok then
				self.tell("no reply", "error", "no reply could be made: " .. tostring(err));
				self.bridge.reply(link, own, { success = false, message = "the answer cannot be told, Prosody's log says why" });
			end
			self:take_short_turn(); -- where it comes later, it is a page's stanza that brings it
		end);
		ticket, command = self.bridge.next_command(link);
	end
end

-- Does `act(self)` unless a step is on, which then sends what is answered or told meanwhile; never raises, since it is called by the loop.
local function without_fail(self, act)
	if self.stopped or self.stepping then return; end
	self.stepping = true;
	local ok, err = pcall(act, self);
	self.stepping = false;
	if not ok then self.tell("failed", "error", "the link failed: " .. tostring(err)); end
end

local function whole_step(self)
	if turn(self) then
		carry_out(self);
		turn(self);
	end
end

-- Runs one step of the link, and the commands that it brought.
function link_mt:step() without_fail(self, whole_step); end

-- The same at any time, between others' work.
function link_mt:take_turn()
	if not self.drained then self:step(); end
end

-- A turn in the midst of others' work: a room may be telling its people something just now, so what the game wants done in
-- rooms waits for the next step.
function link_mt:take_short_turn()
	if not self.drained then without_fail(self, turn); end
end

-- Tells the game of an event in a room, if it wants to know. The room is in the midst of it: whoever were put out now would be back when
-- it goes on with his presence.
function link_mt:push(event)
	local own = tenant.outward(self.game.tenant, event);
	if own and not self.stopped and self.bridge.push_event(self.link, own) then self:take_short_turn(); end
end

-- Whether the game has asked to be told of the event `name` of the room `channel`, or (nil) of any room.
function link_mt:wants(name, channel)
	local own = channel and tenant.own(self.game.tenant, channel);
	if channel and not own then return false; end
	return not self.stopped and not self.drained and self.bridge.wants_event(self.link, name, own);
end

-- Whether the game may touch the room that all others know by the name `channel`.
function link_mt:may_touch(channel)
	local own = tenant.own(self.game.tenant, channel);
	return own ~= nil and self.bridge.covers(self.game.made_issuer, own);
end

-- Has `act` done in a while, unless the link has gone another way by then.
local function later(self, seconds, act)
	local asked = self.generation;
	self.module:add_timer(seconds, function ()
		if not self.stopped and asked == self.generation then act(self); end
	end);
end

function link_mt:connect_to(ip)
	local scope = self.bridge.address_scope(ip);
	if scope == "public" and not self.game.link.tls and not self.game.allow_plaintext then
		self.tell("plaintext", "error", ("skotos_host %s is %s, a public address, and the link is not encrypted; "
			.. "set skotos_tls, or skotos_allow_plaintext = true if the way there is safe"):format(self.game.host, ip));
		return later(self, AGAIN, self.connect);
	end
	self.before_connecting = self.link:stats();
	self.link:connect(ip, self.game.port);
end

function link_mt:not_found()
	self.tell("resolve", "warn", ("the game's host %s has no address, neither in /etc/hosts nor in DNS (A, AAAA); trying again in %d s")
		:format(self.game.host, AGAIN));
	later(self, AGAIN, self.connect);
end

-- Finds the address, without blocking, and connects.
function link_mt:connect()
	local asked, answered = self.generation, false;
	local function answer(addresses)
		if answered or self.stopped or asked ~= self.generation then return; end
		answered = true;
		if addresses[1] then return self:connect_to(addresses[1]); end
		self:not_found();
	end
	resolver.find(self.bridge, self.game.host, answer);
	if not answered then later(self, RESOLVE_WITHIN, function () answer {}; end); end
end

-- New settings of the same game: the issuer at once; a new address, another certificate or shape of the replies by a new connection.
function link_mt:change(game)
	if self.drained then
		self.game = game;
		return;
	end
	local old = self.game;
	if old.link.reply_size ~= game.link.reply_size or old.link.reply_interval ~= game.link.reply_interval
		or old.link.tls ~= game.link.tls then
		self:close();
		self.game = game;
		return self:reopen();
	end
	self.game = game;
	self.link:set_issuer(game.made_issuer);
	if old.host ~= game.host or old.port ~= game.port or old.allow_plaintext ~= game.allow_plaintext then
		self.generation = self.generation + 1;
		self:connect();
		self:step();
	end
end

function link_mt:open()
	local link, err = self.bridge.link(self.game.made_issuer, self.game.link);
	if not link then error(("no link to the game %s: %s"):format(self.game.name, err), 0); end
	self.link = link;
	self.generation = self.generation + 1;
	self.watcher = server.watchfd(link:fd(), function () self:step(); end);
	self:connect();
	self:step();
end

-- Makes it anew after close. Where the machine has nothing to make it of, it is drained, and tries on.
function link_mt:reopen()
	local ok, err = pcall(self.open, self);
	self.drained = not ok or nil;
	if ok then return; end
	self.tell("link", "error", ("the link cannot be made anew (%s); trying again in %d s"):format(err, AGAIN));
	later(self, AGAIN, self.reopen);
end

function link_mt:close()
	if self.drained then return; end
	self.watcher:close();
	local requests, events = self.link:close();
	if requests > 0 or events > 0 then
		self.journal:event("warn", ("[%s] %d requests go unanswered, %d events untold"):format(self.game.name, requests, events));
	end
end

function link_mt:stop()
	self.stopped = true;
	self:close();
end

-- Drops the connection, if there is one, and makes a new one at once.
function link_mt:reconnect()
	if self.drained then return; end
	self.generation = self.generation + 1;
	self:connect();
	self:step();
end

function link_mt:stats()
	local stats = self.link:stats();
	if self.drained then stats.state = "drained"; end
	return stats;
end

-- Closes the connection once nothing waits on it any more, so that the game asks another bridge; to be called until it returns true.
function link_mt:drain()
	if self.stopped then return true; end
	if self.drained then
		self.generation = self.generation + 1; -- though it was to be made anew
		return true;
	end
	self:step(); -- what has arrived by now counts as waiting
	if self.link:stats().queued > 0 then return false; end
	self.generation = self.generation + 1;
	self:close();
	self.drained = true;
	return true;
end

-- Connects again after drain.
function link_mt:undrain()
	if not self.drained or self.stopped then return; end
	self:reopen();
end

-- Starts the link of `game` (options.lib.lua) for `module`, telling `journal`; `execute(link, command, done)` carries out a command of the
-- game's. Returns it: change(game), push(event), take_turn(), take_short_turn(), may_touch(channel), reconnect(), drain(), undrain(), stop(),
-- stats().
function M.start(module, bridge, journal, game, execute)
	local self = setmetatable({ module = module, bridge = bridge, journal = journal, game = game, execute = execute, generation = 0 }, link_mt);
	self.tell = journal:voice(game.name);
	self:open();
	return self;
end

return M;
