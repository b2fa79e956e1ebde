-- How far the clock of another shard is behind the one here, by what it says with its beats. Knows no XMPP; all are milliseconds.

local M = {};

-- By how much it is behind now: what was `known` until now (nil: nothing) and that it said `there` when it was `here` here. `round_trip`:
-- how long ago that was asked for, nil when it was said unasked. What it said is at most that old, so two bounds are certain, and beyond
-- either one of the clocks has been put right: that counts at once. Between them the least difference is the one without delays; the
-- clocks may drift.
function M.behind(known, here, there, round_trip)
	local at_most = here - there;
	if not known or known > at_most or (round_trip and known < at_most - round_trip) then return at_most; end
	return known + (at_most - known) / 16;
end

return M;
