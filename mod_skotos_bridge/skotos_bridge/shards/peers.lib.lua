-- What this shard knows of the others and they of it: who answers, which rooms are where, what was decided, which tokens are in use.
--
-- Everything new is told to all at once ("news"); what got lost on the way is found by digests, of which a "beat" each second carries
-- one of the decisions and one of this shard's rooms, and is asked for (reconcile.lib.lua). So no news is kept for a shard that does
-- not answer: when it does again, the digests differ. packaging/shards/README.md has the questions and their members.

local monotonic = require "util.time".monotonic;
local wall = require "util.time".now;
local new_id = require "util.id".medium;
local hex = require "util.hex";
local set = require "util.set";

local channel_lib = module:require "skotos_bridge/shards/shard_channel";
local hearsay = module:require "skotos_bridge/shards/hearsay";
local peer_clock = module:require "skotos_bridge/shards/peer_clock";
local peer_news = module:require "skotos_bridge/shards/peer_news";
local replica_lib = module:require "skotos_bridge/shards/replica";
local portions = module:require "skotos_bridge/shards/portions";
local reconcile = module:require "skotos_bridge/shards/reconcile";
local rooms_lib = module:require "skotos_bridge/shards/shard_rooms";
local grace_lib = module:require "skotos_bridge/login/tokens_in_use";

local M = {};
local shards_mt = {};
shards_mt.__index = shards_mt;

local BEAT = 1; -- seconds from one beat to the next
M.WITHIN = 2; -- seconds in which a shard answers, or counts as down
local GATHER = 0.05; -- seconds in which news is gathered into one message
local LINGER = 30; -- seconds after a room's end in which its decisions are kept, since its people may be moving
local NEWS_MOST = 500; -- items that are gathered
local CLOCKS_APART = 60000; -- milliseconds by which two clocks may differ untold
local TOLD = 5; -- times a minute that a shard is said to be up, or down

local function milliseconds() return math.floor(wall() * 1000); end

-- What this shard tells with each beat and each answer to one.
local function own_state(self)
	return {
		epoch = self.epoch, clock = milliseconds(), decisions = self.decisions:digest(), rooms = self.rooms:digest(self.own);
		events = self.on.wanted();
	};
end

-- What the peer has sent is no `what` that is understood here.
function shards_mt:pass_over(peer, what)
	self.unsound = self.unsound + 1;
	self.journal:fault("passed over of " .. peer.name, "warn",
		("the shard %s tells of %s that is none here, which is passed over: perhaps it has another version of this module"):format(peer.name, what));
end

local function count_left_out(self, left_out)
	if left_out == 0 then return; end
	self.left_out = self.left_out + left_out;
	self.journal:fault("left out", "warn", ("%d things stay on this shard: a message to another holds none of them"):format(left_out));
end

-- The list in portions that go each into one message. What goes into none is counted, and told.
function shards_mt:portions(list)
	local all, left_out = portions.all(list);
	count_left_out(self, left_out);
	return all;
end

-- One portion of the list behind the key `after`, and the key to go on behind; portions.lib.lua, behind.
local function portion_of(self, list, key_of, after)
	local portion, further, left_out = portions.behind(list, key_of, type(after) == "string" and after or nil);
	count_left_out(self, left_out);
	return portion, further;
end

-- Tells the peer news; `further`() when it has heard them.
local function tell(self, peer, news, further)
	self.channel:ask(peer.name, "news", news, M.WITHIN, function (answer)
		if not answer then
			peer.behind = true;
		elseif further then
			further();
		end
	end);
end

-- Tells it of all tokens in use here, one portion after the other: they may be many.
local function tell_tokens(self, peer)
	local all = self:portions(self.on.tokens());
	local function go_on(n)
		if all[n] and all[n][1] then tell(self, peer, { tokens = all[n] }, function () go_on(n + 1); end); end
	end
	go_on(1);
end

-- Tells when the clocks differ, and when no longer.
local function tell_of_clock(self, peer)
	local apart = math.abs(peer.offset);
	if (apart > CLOCKS_APART) == (peer.clock_is_wrong or false) then return; end
	peer.clock_is_wrong = apart > CLOCKS_APART;
	if peer.clock_is_wrong then
		self.journal:fault("clock of " .. peer.name, "warn",
			("the clock of the shard %s and the one here differ by %.0f s: what is decided last may not be what holds"):format(peer.name, apart / 1000), TOLD);
	else
		self.journal:fault("clock of " .. peer.name, "info", ("the clock of the shard %s and the one here agree again"):format(peer.name), TOLD);
	end
end

-- Takes what the peer says of itself. `round_trip`: milliseconds since it was asked, nil when it was not; `at_once`: as reconcile's.
local function heard(self, peer, state, round_trip, at_once)
	peer.heard, peer.wants = monotonic(), set.new(type(state.events) == "table" and state.events or {});
	if not hearsay.is_clock(state.clock) then
		self:pass_over(peer, "a clock");
	else
		peer.offset = peer_clock.behind(peer.offset, milliseconds(), state.clock, round_trip);
		tell_of_clock(self, peer);
	end
	if type(state.epoch) == "string" and peer.epoch ~= state.epoch then
		if peer.epoch then peer.tokens:all_end(os.time()); end
		peer.epoch, peer.behind = state.epoch, true; -- it has begun anew, perhaps before anybody missed it, and knows of no tokens
	end
	reconcile.compare(self, peer, state, at_once);
end

local function went_down(self, peer, why, silent)
	if silent then self.channel:reconnect(peer.name); end
	peer.behind = true;
	if not peer.up and peer.told then return; end
	peer.up, peer.told = false, true;
	peer.down_since = os.time();
	self.rooms:down(peer.name, monotonic());
	self.journal:fault("shard down " .. peer.name, "warn", ("the shard %s is down: %s"):format(peer.name, why), TOLD);
end

local function came_up(self, peer)
	peer.up, peer.down_since = true, nil;
	self.rooms:up(peer.name);
	self.journal:fault("shard up " .. peer.name, "info", ("the shard %s is up"):format(peer.name), TOLD);
end

local function beat(self, peer)
	if peer.beating then return; end
	peer.beating = true;
	local asked_at = monotonic();
	self.channel:ask(peer.name, "beat", own_state(self), M.WITHIN, function (answer, why, silent)
		peer.beating = false;
		if self.stopped then return; end
		if not answer then return went_down(self, peer, why, silent); end
		local new = not peer.up;
		if new then came_up(self, peer); end
		heard(self, peer, answer, (monotonic() - asked_at) * 1000, new);
		if new or peer.behind then
			peer.behind = false;
			tell_tokens(self, peer);
		end
	end);
end

local function send_news(self)
	self.gathering = false;
	local items = self.news;
	self.news = {};
	if self.stopped or not items[1] then return; end
	for _, portion in ipairs(self:portions(items)) do
		local news = { decisions = {}, rooms = {}, tokens = {} };
		for _, item in ipairs(portion) do table.insert(news[item[1]], item[2]); end
		for _, peer in pairs(self.peers) do
			if peer.up then tell(self, peer, news); end
		end
	end
end

local function add_news(self, kind, item)
	table.insert(self.news, { kind, item });
	if #self.news >= NEWS_MOST then return send_news(self); end
	if self.gathering then return; end
	self.gathering = true;
	module:add_timer(GATHER, function () if self.gathering then send_news(self); end end);
end

-- Tells the others at once what each beat tells them.
function shards_mt:beat()
	for _, peer in pairs(self.peers) do
		if peer.up then beat(self, peer); end
	end
end

-- The shards that are up and want to be told of the event `name`.
function shards_mt:wanting(name)
	local list = {};
	for shard, peer in pairs(self.peers) do
		if peer.up and peer.wants and peer.wants:contains(name) then list[#list + 1] = shard; end
	end
	return list;
end

-- Tells them of an event in a room of this shard.
function shards_mt:event_happened(event)
	local list = self:wanting(event.event);
	if not list[1] then return; end
	local told = portions.event(event);
	for _, shard in ipairs(list) do self.channel:ask(shard, "event", told, M.WITHIN, function () end); end
end

-- What the others ask.

local answers = {};

function answers.beat(self, peer, state, answer)
	answer(own_state(self));
	heard(self, peer, state, nil, false);
	if not peer.up then beat(self, peer); end
end

function answers.news(self, peer, news, answer)
	answer();
	for _, kind in ipairs { "rooms", "decisions", "tokens" } do peer_news[kind](self, peer, news[kind]); end
end

local function itself(room) return room; end

function answers.rooms(self, _, content, answer)
	local rooms, further = portion_of(self, self.rooms:list(self.own), itself, content.after);
	answer { rooms = rooms, after = further };
end

function answers.digests(self, _, _, answer) answer { digests = self.decisions.digests }; end

function answers.bucket(self, peer, content, answer)
	local bucket = content.bucket;
	if math.type(bucket) ~= "integer" or bucket < 1 or bucket > replica_lib.BUCKETS then
		self:pass_over(peer, "a bucket");
		return answer();
	end
	local decisions, further = portion_of(self, self.decisions:of_bucket(bucket), replica_lib.key_of, content.after);
	answer { decisions = decisions, after = further };
	peer_news.decisions(self, peer, content.decisions);
end

function answers.bye(self, peer, _, answer)
	answer();
	if peer.up then went_down(self, peer, "it is being stopped"); end
end

local function tick(self)
	if self.stopped then return; end
	if self.channel:is_ready() then
		for _, peer in pairs(self.peers) do beat(self, peer); end
	end
	for _, room in ipairs(self.rooms:over(monotonic())) do
		self.decisions:forget(room);
		self.on.over(room);
	end
	return BEAT;
end

-- What this shard does.

-- Decided here, about the room with this local part.
function shards_mt:decide(room, kind, person, value)
	if not hearsay.is_decidable(room, kind, person, value) then
		self.journal:fault("unsayable", "warn",
			("a decision about somebody in %q stays on this shard: a name in it is too long, or holds what no stanza can"):format(room));
		return;
	end
	self.rooms:heard_of(room, monotonic());
	add_news(self, "decisions", self.decisions:decide(room, kind, person, value));
end

function shards_mt:room_opened(room)
	self.decisions:revive(room);
	self.rooms:opened(self.own, room);
	add_news(self, "rooms", { room, true });
end

function shards_mt:room_closed(room)
	if self.stopped then return; end
	self.rooms:closed(self.own, room, monotonic());
	add_news(self, "rooms", { room, false });
end

-- A token (by fingerprint) was used here last at `last` (seconds since the epoch), with `live` sessions on it.
function shards_mt:token_used(fingerprint, last, live) add_news(self, "tokens", { hex.to(fingerprint), last, live }); end

-- Whether a token is, or within the grace was, in use on another shard.
function shards_mt:token_allowed(fingerprint, now)
	for _, peer in pairs(self.peers) do
		if peer.tokens:allows(fingerprint, now, peer.down_since) then return true; end
	end
	return false;
end

-- The other shards that have the room: those that are up, those that are down.
function shards_mt:where(room)
	local up, down = self.rooms:where(room);
	local function others(list)
		local found = {};
		for _, shard in ipairs(list) do
			if shard ~= self.own then found[#found + 1] = shard; end
		end
		return found;
	end
	return others(up), others(down);
end

-- The shards that are up, and those that are down.
function shards_mt:everybody()
	local up, down = {}, {};
	for name, peer in pairs(self.peers) do
		local list = peer.up and up or down;
		list[#list + 1] = name;
	end
	table.sort(up);
	table.sort(down);
	return up, down;
end

-- Milliseconds since `shard` said something that it dated `clock`, by what is known of the two clocks.
function shards_mt:age(shard, clock)
	return milliseconds() - clock - (self.peers[shard].offset or 0);
end

-- What was counted, and shards: name -> { up =, rooms = }. Two shards with the same `digest` agree on all decisions.
function shards_mt:status()
	local status = {
		own = self.own, shards = {}, refused = self.channel.refused, questions = self.channel.questions, decisions = self.decisions.count;
		dropped = self.decisions.dropped, unsound = self.unsound, unsent = self.left_out + self.channel.too_large;
		digest = self.decisions:digest();
	};
	for name, peer in pairs(self.peers) do
		status.shards[name] = { up = peer.up, rooms = #self.rooms:list(name) };
	end
	return status;
end

-- Bans, and ends of bans, that have to be remembered after `now`, also over a restart (replica.lib.lua, lasting).
function shards_mt:lasting(now) return self.decisions:lasting(now); end

-- Knows again what was kept over a restart. What has no time and shard, or none that can be, is older than all that has.
function shards_mt:recall(decision)
	if not hearsay.is_decision(decision, milliseconds()) then decision.time, decision.shard, decision.ends = 1, self.own, nil; end
	if not hearsay.is_decision(decision, milliseconds()) then return; end
	self.decisions:merge(decision);
	self.rooms:heard_of(decision.room, monotonic());
end

-- For a reload: everything but who answers.
function shards_mt:save()
	local tokens = {};
	for name, peer in pairs(self.peers) do tokens[name] = peer.tokens:save(); end
	return { epoch = self.epoch, decisions = self.decisions:save(), tokens = tokens };
end

function shards_mt:restore(saved)
	if not saved then return; end
	self.epoch = saved.epoch;
	self.decisions:restore(saved.decisions);
	for name, peer in pairs(self.peers) do peer.tokens:restore(saved.tokens[name]); end
	for room in pairs(self.decisions.rooms) do self.rooms:heard_of(room, monotonic()); end
end

-- `going`: the server stops, and the rooms' players will look for another shard.
function shards_mt:stop(going)
	if self.stopped then return; end
	self.stopped = true;
	if going then
		for _, peer in pairs(self.peers) do
			if peer.up then self.channel:ask(peer.name, "bye", {}, 1, function () end); end
		end
	else
		self.channel:close();
	end
end

-- Joins this shard, whose domain is `own`, to the domains `list`. `grace`: seconds (skotos_reconnect_grace); `journal`: journal.lib.lua's.
-- `on`: decided(decision) when another shard's decision holds now, over(room) when a room has ended everywhere, tokens() for all tokens in
-- use here, wanted() for the names of the events that the games here have asked for, and `on.answers`: what else may be asked ->
-- function (shard, content, answer).
function M.join(own, list, grace, journal, on)
	local self = setmetatable({
		own = own, within = M.WITHIN, on = on, journal = journal, peers = {}, epoch = new_id(), unsound = 0, left_out = 0;
		milliseconds = milliseconds;
		decisions = replica_lib.new(own, milliseconds), rooms = rooms_lib.new(math.max(grace, 60), LINGER);
		news = {};
	}, shards_mt);
	local questions = {};
	for what, answerer in pairs(answers) do
		questions[what] = function (shard, content, answer) return answerer(self, self.peers[shard], content, answer); end;
	end
	for what, answerer in pairs(on.answers or {}) do questions[what] = answerer; end
	self.channel = channel_lib.open(own, list, journal, questions);
	for _, name in ipairs(list) do self.peers[name] = { name = name, up = false, tokens = grace_lib.new(grace) }; end
	module:add_timer(0, function () return tick(self); end);
	return self;
end

return M;
