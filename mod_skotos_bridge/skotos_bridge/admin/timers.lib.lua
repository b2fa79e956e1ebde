-- Prosody lets an unloaded module's timer come to nothing, but keeps it until it is due, and with it all that its callback
-- holds: for minutes the whole module that was. From here on a module's timers are remembered, so that they end with it.

local M = {};

local running, add_timer = {}, module.add_timer; -- handles of timers that are not over

function module:add_timer(delay, callback, ...)
	local handle;
	handle = add_timer(self, delay, function (...)
		local again = callback(...);
		if type(again) ~= "number" then running[handle] = nil; end
		return again;
	end, ...);
	running[handle] = true;
	return handle;
end

-- Stops all that run; for module.unload.
function M.stop()
	for handle in pairs(running) do handle:stop(); end
	running = {};
end

return M;
