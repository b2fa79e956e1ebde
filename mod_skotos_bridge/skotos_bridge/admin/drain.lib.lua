-- Takes this server out of the game's round: asked to, or because it is stuck and another shard is there to be asked instead. Its links
-- close when nothing waits on them, so that the game asks another shard's; its health (health.lib.lua) says so, so that the balancer sends it
-- no new rooms. Without another shard a link that is slow is better than none.

local monotonic = require "util.time".monotonic;

local M = {};

-- Seconds from one look to the next: often where another shard would answer instead of a stuck one, and where none is, seldom, so that an
-- idle server sleeps.
local LOOK_SHARED, LOOK_ALONE = 0.2, 2;
local LATE = 2; -- seconds by which a look is late when Prosody's loop was held up
local OLD = 30; -- seconds in which nothing left a link on which something waits; the game gives up after 60
local WELL = 10; -- seconds without a fault after which one that was stuck takes part again

local how; -- what attach was given
local pause; -- seconds until the next look
local asked = false;
local stuck; -- why, nil when it is not
local last_look, last_fault = nil, -math.huge;
local moved = {}; -- name of a link -> { replies =, at = when it had that many first }

-- Whether something has waited on the link for too long.
local function is_old(name, link, now)
	local stats = link:stats();
	local seen = moved[name];
	if not seen or seen.replies ~= stats.replies or stats.queued == 0 then
		moved[name] = { replies = stats.replies, at = now };
		return false;
	end
	return now - seen.at >= OLD;
end

local function fault_now(now)
	if last_look and now - last_look - pause >= LATE then return ("Prosody's loop was held up for %.1f s"):format(now - last_look - pause); end
	for name, link in pairs(how.links()) do
		if is_old(name, link, now) then return ("what waits on the link to %s has not moved for %d s"):format(name, OLD); end
	end
end

local function apply()
	for _, link in pairs(how.links()) do
		if asked or stuck then link:drain(); else link:undrain(); end
	end
end

local function look()
	local now = monotonic();
	local fault, replaceable = fault_now(now), how.has_others();
	last_look = now;
	if fault then last_fault = now; end
	if fault and replaceable then
		if not stuck then how.journal:event("warn", ("takes no new rooms: %s"):format(fault)); end
		stuck = fault;
	elseif fault then
		how.journal:fault("stuck", "warn", fault);
	end
	if stuck and (not replaceable or now - last_fault >= WELL) then
		stuck = nil;
		how.journal:event("info", "takes new rooms again");
	end
	apply();
	return pause;
end

-- The administrator takes the server out, or back in. Gives false when that was so already.
function M.set(wanted)
	if asked == wanted then return false; end
	asked = wanted;
	how.journal:event("info", wanted and "drains: takes no new rooms, and its links close when nothing waits on them" or "takes part again");
	apply();
	return true;
end

-- "ok", "draining" or "stuck", and why it is stuck.
function M.state()
	if stuck then return "stuck", stuck; end
	return asked and "draining" or "ok";
end

function M.save() return asked; end

function M.restore(saved) asked = saved or false; end

-- `the_how`: journal, links() name -> link, shared: whether there are other shards, has_others(): whether one answers now.
function M.attach(the_how)
	how = the_how;
	pause = how.shared and LOOK_SHARED or LOOK_ALONE;
	module:add_timer(pause, look);
end

return M;
