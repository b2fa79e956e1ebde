-- Two shards come to know the same: the rooms of the other, and what was decided, bucket by bucket, where the digests differ.

local monotonic = require "util.time".monotonic;

local M = {};

local LANES = 4; -- buckets that are compared at a time

local function pull_rooms(self, peer)
	if peer.pulling_rooms then return; end
	peer.pulling_rooms = true;
	self.channel:ask(peer.name, "rooms", {}, self.within, function (answer)
		peer.pulling_rooms = false;
		if not answer or type(answer.rooms) ~= "table" then return; end
		local list = {};
		for _, room in ipairs(answer.rooms) do
			if type(room) == "string" then list[#list + 1] = room; end
		end
		for _, room in ipairs(self.rooms:replace(peer.name, list, monotonic())) do self.decisions:revive(room); end
	end);
end

local function sync_buckets(self, peer, buckets, done)
	local next_one, running = 1, 0;
	local function lane()
		local bucket = buckets[next_one];
		if not bucket then
			if running == 0 then done(); end
			return;
		end
		next_one, running = next_one + 1, running + 1;
		self.channel:ask(peer.name, "bucket", { bucket = bucket, decisions = self.decisions:of_bucket(bucket) }, self.within, function (answer)
			running = running - 1;
			if answer then self:merge(answer.decisions); else next_one = #buckets + 1; end
			lane();
		end);
	end
	for _ = 1, math.min(LANES, math.max(1, #buckets)) do lane(); end
end

local function sync_decisions(self, peer)
	if peer.syncing then return; end
	peer.syncing = true;
	self.channel:ask(peer.name, "digests", {}, self.within, function (answer)
		if not answer or type(answer.digests) ~= "table" then
			peer.syncing = false;
			return;
		end
		sync_buckets(self, peer, self.decisions:differences(answer.digests), function () peer.syncing = false; end);
	end);
end

-- Compares what `state` says, which the shard `peer` has told with a beat, with what is known here, and asks for what differs. `self`:
-- own, channel, decisions (replica.lib.lua), rooms (shard_rooms.lib.lua), merge(decisions), within (seconds for an answer); `peer`: name,
-- and what is under way. A difference counts when it is still there at the next beat, or `at_once`: what was told in the meantime may be
-- on its way.
function M.compare(self, peer, state, at_once)
	local own = self.rooms:digest(peer.name) ~= state.rooms;
	if own and (peer.rooms_differ or at_once) then pull_rooms(self, peer); end
	peer.rooms_differ = own;
	-- One of the two asks: the one whose name is less.
	local differ = self.decisions:digest() ~= state.decisions;
	if differ and self.own < peer.name and (peer.decisions_differ or at_once) then sync_decisions(self, peer); end
	peer.decisions_differ = differ;
end

return M;
