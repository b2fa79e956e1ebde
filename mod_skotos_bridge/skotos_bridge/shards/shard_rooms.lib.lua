-- Which room is open on which shard, and which have ended everywhere. Knows no XMPP; times are seconds of any one clock.
--
-- A shard that is down may only be cut off, and its players may be on their way to another shard: its rooms count as open for `hold`
-- seconds more. A room that nobody has open is over after `linger` seconds: its people may be moving.

local sha1 = require "util.hashes".sha1;

local M = {};
local rooms_mt = {};
rooms_mt.__index = rooms_mt;

function M.new(hold, linger)
	return setmetatable({
		hold = hold, linger = linger;
		on = {}; -- room -> { shard -> true }
		of = {}; -- shard -> { rooms = { room -> true }, count =, digest =, down_since = nil or a time }
		ending = {}; -- room -> when it is over
	}, rooms_mt);
end

local function of(self, shard)
	local own = self.of[shard];
	if not own then
		own = { rooms = {}, count = 0, digest = 0 };
		self.of[shard] = own;
	end
	return own;
end

local function change_digest(own, room)
	own.digest = own.digest ~ (("<I6"):unpack(sha1(room)));
end

function rooms_mt:opened(shard, room)
	local own = of(self, shard);
	if own.rooms[room] then return; end
	own.rooms[room] = true;
	own.count = own.count + 1;
	change_digest(own, room);
	self.on[room] = self.on[room] or {};
	self.on[room][shard] = true;
	self.ending[room] = nil;
end

function rooms_mt:closed(shard, room, now)
	local own = of(self, shard);
	if not own.rooms[room] then return; end
	own.rooms[room] = nil;
	own.count = own.count - 1;
	change_digest(own, room);
	self.on[room][shard] = nil;
	if next(self.on[room]) == nil then
		self.on[room] = nil;
		self.ending[room] = now + self.linger;
	end
end

-- All rooms of the shard at once. Gives those that were not known to be open there.
function rooms_mt:replace(shard, list, now)
	local wanted, gone, new = {}, {}, {};
	for _, room in ipairs(list) do wanted[room] = true; end
	for room in pairs(of(self, shard).rooms) do
		if not wanted[room] then gone[#gone + 1] = room; end
	end
	for room in pairs(wanted) do
		if not self.of[shard].rooms[room] then new[#new + 1] = room; end
		self:opened(shard, room);
	end
	for _, room in ipairs(gone) do self:closed(shard, room, now); end
	return new;
end

function rooms_mt:down(shard, now)
	local own = of(self, shard);
	own.down_since = own.down_since or now;
end

function rooms_mt:up(shard) of(self, shard).down_since = nil; end

-- Something is known of the room: when nobody has it open, it ends like one that was closed now.
function rooms_mt:heard_of(room, now)
	if not self.on[room] and not self.ending[room] then self.ending[room] = now + self.linger; end
end

-- The shards that have the room open, in two lists: those that are up, those that are down.
function rooms_mt:where(room)
	local up, down = {}, {};
	for shard in pairs(self.on[room] or {}) do
		local list = self.of[shard].down_since and down or up;
		list[#list + 1] = shard;
	end
	table.sort(up);
	table.sort(down);
	return up, down;
end

function rooms_mt:is_open_on(shard, room) return self.of[shard] ~= nil and self.of[shard].rooms[room] == true; end

-- A number that two shards have in common when they know the same rooms of `shard`.
function rooms_mt:digest(shard) return of(self, shard).digest; end

function rooms_mt:count(shard) return of(self, shard).count; end

function rooms_mt:list(shard)
	local list = {};
	for room in pairs(of(self, shard).rooms) do list[#list + 1] = room; end
	table.sort(list);
	return list;
end

-- The rooms that are over since the last time.
function rooms_mt:over(now)
	for shard, own in pairs(self.of) do
		if own.down_since and now - own.down_since >= self.hold then self:replace(shard, {}, now); end
	end
	local over = {};
	for room, at in pairs(self.ending) do
		if now >= at then over[#over + 1] = room; end
	end
	for _, room in ipairs(over) do self.ending[room] = nil; end
	return over;
end

return M;
