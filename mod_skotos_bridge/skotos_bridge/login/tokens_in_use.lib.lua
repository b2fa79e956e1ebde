-- Remembers which tokens are in use here, so that a player whose connection broke comes back though the token has expired since.
-- Only a token that a verifier let in before its `exp` is ever marked; it stays known while a session lives on it and for some seconds
-- after. In memory only, by fingerprint (32 bytes), at most `most` of them, the longest unused out first.

local cache = require "util.cache";

local M = {};
local grace_mt = {};
grace_mt.__index = grace_mt;

-- A memory for `seconds` (0: no grace), of at most `most` fingerprints (default 100,000).
function M.new(seconds, most)
	return setmetatable({ seconds = seconds, known = cache.new(most or 100000) }, grace_mt);
end

-- Sets it to the front as used at `now`, with `more` sessions on it than before (-1, 0, 1). Gives what `get` would.
local function touch(self, fingerprint, now, more)
	local entry = self.known:get(fingerprint) or { live = 0 };
	entry.last, entry.live = now, math.max(0, entry.live + more);
	self.known:set(fingerprint, entry);
	return now, entry.live;
end

-- A token with this fingerprint has just logged in (`now`: seconds since the epoch).
function grace_mt:logged_in(fingerprint, now) return touch(self, fingerprint, now, 0); end
-- A session begins to live on it, and ends.
function grace_mt:session_begins(fingerprint, now) return touch(self, fingerprint, now, 1); end
function grace_mt:session_ends(fingerprint, now) return touch(self, fingerprint, now, -1); end

-- Whether a token that has expired may log in all the same. `heard`: until when the sessions are known to have lived (nil: they do).
function grace_mt:allows(fingerprint, now, heard)
	local entry = self.known:get(fingerprint);
	if not entry or self.seconds == 0 then return false; end
	if entry.live > 0 and not heard then return true; end
	return now - (entry.live > 0 and heard or entry.last) <= self.seconds;
end

-- What is known of a token: when it was used last, on how many sessions it lives; nil when nothing is.
function grace_mt:get(fingerprint)
	local entry = self.known:get(fingerprint);
	if entry then return entry.last, entry.live; end
end

-- As somebody else tells it.
function grace_mt:set(fingerprint, last, live) self.known:set(fingerprint, { last = last, live = live }); end

-- All sessions have ended at `now`.
function grace_mt:all_end(now)
	for _, entry in self.known:items() do
		if entry.live > 0 then entry.last, entry.live = now, 0; end
	end
end

function grace_mt:count() return self.known:count(); end

-- A plain table of what is known, the longest unused first, and back; for a reload of the module.
function grace_mt:save()
	local saved = {};
	for fingerprint, entry in self.known:items() do
		saved[#saved + 1] = { fingerprint, entry.last, entry.live };
	end
	for i = 1, #saved // 2 do saved[i], saved[#saved + 1 - i] = saved[#saved + 1 - i], saved[i]; end
	return saved;
end

function grace_mt:restore(saved)
	for _, item in ipairs(saved or {}) do
		self.known:set(item[1], { last = item[2], live = item[3] });
	end
end

return M;
