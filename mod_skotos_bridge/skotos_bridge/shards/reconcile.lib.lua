-- Two shards come to know the same: the rooms of the other, and what was decided, bucket by bucket, where the digests differ.

local monotonic = require "util.time".monotonic;

local peer_news = module:require "skotos_bridge/shards/peer_news";
local portions = module:require "skotos_bridge/shards/portions";

local M = {};

local LANES = 4; -- buckets that are compared at a time

local TOO_MANY = 60; -- seconds for which a shard with more rooms than are kept is not asked for them again

-- A list goes on for as long as its portions bring something: one that says there is more, and brings nothing, has no end.
local function has_no_end(self, peer, further, brought)
	if not further or brought > 0 then return false; end
	self:pass_over(peer, "more of a list");
	return true;
end

local function pull_rooms(self, peer)
	if peer.pulling_rooms or monotonic() < (peer.next_pull or 0) then return; end
	peer.pulling_rooms = true;
	local list = {};
	local function pull(after)
		self.channel:ask(peer.name, "rooms", { after = after }, self.within, function (answer)
			if not answer or type(answer.rooms) ~= "table" then
				peer.pulling_rooms = false;
				return;
			end
			local before = #list;
			local all = peer_news.room_names(self, peer, answer.rooms, list);
			local further = portions.next_after(answer.after, after);
			if all and has_no_end(self, peer, further, #list - before) then
				peer.pulling_rooms = false;
				return;
			end
			if all and further then return pull(further); end
			if not all then peer.next_pull = monotonic() + TOO_MANY; end
			peer.pulling_rooms = false;
			for _, room in ipairs(self.rooms:replace(peer.name, list, monotonic())) do self.decisions:revive(room); end
		end);
	end
	pull();
end

-- Tells the peer what is known here of the bucket, asks what is known there, portion for portion, and calls done(whether it answered).
local function sync_bucket(self, peer, bucket, done)
	local own, after = self:portions(self.decisions:of_bucket(bucket)), nil;
	local function exchange(n)
		local asks = n == 1 or after;
		local content = { bucket = asks and bucket or nil, after = after, decisions = own[n] or {} };
		self.channel:ask(peer.name, asks and "bucket" or "news", content, self.within, function (answer)
			if not answer then return done(false); end
			local brought = peer_news.decisions(self, peer, answer.decisions);
			after = portions.next_after(answer.after, after);
			if has_no_end(self, peer, after, brought) then after = nil; end
			if after or own[n + 1] then return exchange(n + 1); end
			done(true);
		end);
	end
	exchange(1);
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
		sync_bucket(self, peer, bucket, function (answered)
			running = running - 1;
			if not answered then next_one = #buckets + 1; end
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
-- own, channel, decisions (replica.lib.lua), rooms (shard_rooms.lib.lua), portions(list), pass_over(peer, what), within (seconds for an answer);
-- `peer`: name, and what is under way. A difference counts when it is still there at the next beat, or `at_once`: what was told in the meantime may be
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
