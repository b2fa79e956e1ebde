-- What was decided about people in rooms, as several shards remember it together: bans, moderators, mutes. Knows no XMPP.
--
-- Every decision has a time and the shard that made it; of two about the same thing the later one holds, whoever hears them first, last
-- or twice (a last-writer-wins map). The time is a hybrid logical clock's (Kulkarni and others, "Logical Physical Clocks", 2014):
-- milliseconds since the epoch, and below them ten bits that count, so that a shard never uses one time twice and always decides later
-- than what it has heard of.
--
-- A decision on the wire is { room, kind, person, value, time, shard }: room the local part of the room's JID, value a boolean or a
-- whole number; and `ends`, where it is a ban that is shorter than one before it, or the end of a ban: when that one would have ended.

local cache = require "util.cache";
local heap = require "util.indexedbheap";
local sha1 = require "util.hashes".sha1;

local M = {};
local memory_mt = {};
memory_mt.__index = memory_mt;

M.BUCKETS = 256; -- the rooms are spread over so many; a digest each tells two shards where they differ
local PER_ROOM = 1024; -- decisions of one room
local FORGOTTEN = 65536; -- rooms of which is known that they have ended

-- A memory of the shard `shard`, of at most `most` decisions (default 100,000). `clock` gives milliseconds since the epoch.
function M.new(shard, clock, most)
	local digests = {};
	for bucket = 1, M.BUCKETS do digests[bucket] = 0; end
	return setmetatable({
		shard = shard, clock = clock, most = most or 100000, last = 0, count = 0, dropped = 0;
		rooms = {}; -- room -> { count =, bucket =, newest =, items = { kind LF person -> { kind, person, value, time, shard, digest } } }
		quiet = heap.create(); -- the rooms by the time of their newest decision
		forgotten = cache.new(FORGOTTEN); -- room -> the newest time that was forgotten with it
		let_go = cache.new(FORGOTTEN); -- the same of rooms for which there was no place
		digests = digests;
	}, memory_mt);
end

-- The time of a decision that is made now.
function memory_mt:now()
	self.last = math.max(self.clock() * 1024, self.last + 1);
	return self.last;
end

local function key_of(kind, person) return kind .. "\n" .. person; end

local function digest_of(room, item)
	local text = table.concat({ room, item.kind, item.person, tostring(item.value), item.time, item.shard }, "\0");
	return (("<I6"):unpack(sha1(text)));
end

-- Whether `a` goes before `b`: the later one, then the one of the shard whose name is greater; the value last, so that there is always
-- a winner.
local function is_later(a, b)
	if a.time ~= b.time then return a.time > b.time; end
	if a.shard ~= b.shard then return a.shard > b.shard; end
	return tostring(a.value) > tostring(b.value);
end

local function change_digest(self, bucket, digest) self.digests[bucket] = self.digests[bucket] ~ digest; end

local function room_of(self, room)
	local list = self.rooms[room];
	if not list then
		list = { count = 0, bucket = (sha1(room):byte() % M.BUCKETS) + 1, newest = 0, items = {} };
		self.rooms[room] = list;
		self.quiet:insert(room, 0, room);
	end
	return list;
end

local function remove(self, list, key)
	change_digest(self, list.bucket, list.items[key].digest);
	list.items[key] = nil;
	list.count, self.count = list.count - 1, self.count - 1;
end

local function let_go(self, room)
	local list = self.rooms[room];
	self.dropped = self.dropped + list.count;
	for key in pairs(list.items) do remove(self, list, key); end
	self.rooms[room] = nil;
	self.let_go:set(room, list.newest);
end

-- Makes room by letting go what is oldest: of a room with too many decisions its oldest, else the room in which nothing was decided for
-- the longest. Every shard that has the same decisions lets go the same.
local function keep_bounds(self, list)
	if list.count > PER_ROOM then
		local oldest;
		for key, item in pairs(list.items) do
			if not oldest or is_later(list.items[oldest], item) then oldest = key; end
		end
		remove(self, list, oldest);
		self.dropped = self.dropped + 1;
	end
	while self.count > self.most do
		local _, quietest = self.quiet:pop();
		let_go(self, quietest);
	end
end

-- Whether a decision holds longer than its room: a ban with an end, and the end of a ban, which may be that one's. When its time is over it
-- is let go by the bounds, on all shards the same.
local function outlives(item) return item.kind == "ban" and item.value ~= true; end

-- How long (seconds since the epoch) what was decided about a ban has to be remembered, where that is longer than the room: as long as the
-- longest of the bans over which it holds, since a shard that was away may know of that one.
local function ends_of(decision, before)
	if decision.kind ~= "ban" then return nil; end
	local own = math.type(decision.value) == "integer" and decision.value or 0;
	return math.max(own, decision.ends or 0, before and before.ends or 0);
end

-- Takes in a decision of whatever shard. Gives true when it is news, that is, what holds has changed.
function memory_mt:merge(decision)
	self.last = math.max(self.last, decision.time);
	if decision.time <= (self.let_go:get(decision.room) or -1) then return false; end
	if decision.time <= (self.forgotten:get(decision.room) or -1) and not outlives(decision) then return false; end
	local list = room_of(self, decision.room);
	local key = key_of(decision.kind, decision.person);
	local item = { kind = decision.kind, person = decision.person, value = decision.value, time = decision.time, shard = decision.shard };
	if list.items[key] then
		if not is_later(item, list.items[key]) then return false; end
		item.ends = ends_of(decision, list.items[key]);
		remove(self, list, key);
	end
	item.ends = item.ends or ends_of(decision);
	item.digest = digest_of(decision.room, item);
	list.items[key] = item;
	list.count, self.count = list.count + 1, self.count + 1;
	list.newest = math.max(list.newest, item.time);
	self.quiet:reprioritize(decision.room, list.newest);
	change_digest(self, list.bucket, item.digest);
	keep_bounds(self, list);
	return true;
end

local function told(room, item)
	local ends = item.ends ~= 0 and item.ends ~= item.value and item.ends or nil;
	return { room = room, kind = item.kind, person = item.person, value = item.value, time = item.time, shard = item.shard, ends = ends };
end

-- Decides here and now. Gives the decision, to be told to the others.
function memory_mt:decide(room, kind, person, value)
	local decision = { room = room, kind = kind, person = person, value = value, time = self:now(), shard = self.shard };
	self:merge(decision);
	local list = self.rooms[room];
	local item = list and list.items[key_of(kind, person)];
	return item and told(room, item) or decision;
end

-- A number that two memories have in common when they agree on everything.
function memory_mt:digest()
	local digest = 0;
	for _, one in ipairs(self.digests) do digest = digest ~ one; end
	return digest;
end

-- What holds: the value, or nil where nothing was decided.
function memory_mt:get(room, kind, person)
	local list = self.rooms[room];
	local item = list and list.items[key_of(kind, person)];
	return item and item.value;
end

-- The room has ended on every shard: what was decided in it counts no longer, and does not come back from a shard that forgets it a
-- little later.
function memory_mt:forget(room)
	local list = self.rooms[room];
	if not list then return; end
	for key, item in pairs(list.items) do
		if not outlives(item) then remove(self, list, key); end
	end
	if list.count == 0 then
		self.rooms[room] = nil;
		self.quiet:remove(room);
	end
	self.forgotten:set(room, math.max(self.forgotten:get(room) or 0, list.newest));
end

-- The room lives somewhere after all: what another shard still knows of it counts.
function memory_mt:revive(room)
	self.forgotten:set(room, nil);
	self.let_go:set(room, nil);
end

-- The decisions of one room, or of the rooms in `bucket` (1 to BUCKETS).
function memory_mt:of_room(room)
	local list = {};
	for _, item in pairs(self.rooms[room] and self.rooms[room].items or {}) do list[#list + 1] = told(room, item); end
	return list;
end

-- A string of its own for each thing that is decided about, by which lists are told in one order.
function M.key_of(decision) return decision.room .. "\n" .. key_of(decision.kind, decision.person); end

function memory_mt:of_bucket(bucket)
	local decisions = {};
	for room, list in pairs(self.rooms) do
		if list.bucket == bucket then
			for _, item in pairs(list.items) do decisions[#decisions + 1] = told(room, item); end
		end
	end
	return decisions;
end

-- What was decided about bans that have an end, and has to be remembered after `now` (seconds since the epoch); each says its `ends`.
function memory_mt:lasting(now)
	local decisions = {};
	for room, list in pairs(self.rooms) do
		for _, item in pairs(list.items) do
			if outlives(item) and item.ends > now then
				local decision = told(room, item);
				decision.ends = item.ends;
				decisions[#decisions + 1] = decision;
			end
		end
	end
	return decisions;
end

-- The buckets in which this memory and one with the digests `theirs` differ.
function memory_mt:differences(theirs)
	local buckets = {};
	for bucket = 1, M.BUCKETS do
		if self.digests[bucket] ~= theirs[bucket] then buckets[#buckets + 1] = bucket; end
	end
	return buckets;
end

-- A plain table for a reload of the module, and back.
function memory_mt:save()
	local decisions = {};
	for room in pairs(self.rooms) do
		for _, decision in ipairs(self:of_room(room)) do decisions[#decisions + 1] = decision; end
	end
	return decisions;
end

function memory_mt:restore(decisions)
	for _, decision in ipairs(decisions or {}) do self:merge(decision); end
end

return M;
