-- Takes what another shard tells: what was decided, which rooms are open there, which tokens are in use. What is not sound is passed over
-- and counted (hearsay.lib.lua says what is).
--
-- `self` is the shard here, as peers.lib.lua joins it, `peer` the other one, a list whatever came in its place.

local monotonic = require "util.time".monotonic;

local hearsay = module:require "skotos_bridge/shards/hearsay";

local M = {};

M.ROOMS = 16384; -- of one shard that are kept
local TOO_MANY = ("more than %d rooms"):format(M.ROOMS);

-- Calls `take`(item) for each of the list; what it does not take, which it says by false, is passed over as `what`. Gives how many it took.
local function each(self, peer, list, what, take)
	local taken = 0;
	if list ~= nil and type(list) ~= "table" then self:pass_over(peer, what); end
	for _, item in ipairs(type(list) == "table" and list or {}) do
		if take(item) then
			taken = taken + 1;
		else
			self:pass_over(peer, what);
		end
	end
	return taken;
end

-- Decisions, as far as they are new. Gives how many were sound.
function M.decisions(self, peer, list)
	return each(self, peer, list, "a decision", function (decision)
		if not hearsay.is_decision(decision, self.milliseconds()) then return false; end
		if self.decisions:merge(decision) then
			self.rooms:heard_of(decision.room, monotonic());
			self.on.decided(decision);
		end
		return true;
	end);
end

-- Rooms that were opened there and closed: { { room, whether it is open }, … }.
function M.rooms(self, peer, list)
	each(self, peer, list, "a room", function (change)
		if type(change) ~= "table" or not hearsay.is_room(change[1]) or type(change[2]) ~= "boolean" then return false; end
		if not change[2] then
			self.rooms:closed(peer.name, change[1], monotonic());
		elseif self.rooms:count(peer.name) < M.ROOMS then
			self.decisions:revive(change[1]);
			self.rooms:opened(peer.name, change[1]);
		else
			self:pass_over(peer, TOO_MANY);
		end
		return true;
	end);
end

-- Adds the names of rooms to `all`. Gives false when there are too many.
function M.room_names(self, peer, list, all)
	each(self, peer, list, "a room", function (room)
		if not hearsay.is_room(room) then return false; end
		all[#all + 1] = #all <= M.ROOMS and room or nil;
		return true;
	end);
	if #all <= M.ROOMS then return true; end
	all[#all] = nil;
	self:pass_over(peer, TOO_MANY);
	return false;
end

-- The use of tokens.
function M.tokens(self, peer, list)
	local now = os.time();
	each(self, peer, list, "a token", function (token)
		local fingerprint, last, live = hearsay.token(token, now);
		if not fingerprint then return false; end
		peer.tokens:set(fingerprint, last, live);
		return true;
	end);
end

return M;
