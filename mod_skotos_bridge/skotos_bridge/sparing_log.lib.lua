-- A log that tells many faults of one kind once: ten of them a minute, the others counted and said with the next.

local M = {};

local REPEAT_WITHIN = 60; -- seconds
local AT_MOST = 10; -- lines of a kind within them

-- Gives tell(kind, level, line) for `module`; each line begins with [name].
function M.new(module, name)
	local told = {}; -- kind -> { at = when its minute began, free = lines that may still come, left_out = lines that did not }
	return function (kind, level, line)
		local now = os.time();
		local last = told[kind];
		if level ~= "info" and level ~= "debug" then
			if last and now - last.at < REPEAT_WITHIN and last.free <= 0 then
				last.left_out = last.left_out + 1;
				return;
			end
			if not last or now - last.at >= REPEAT_WITHIN then
				if last and last.left_out > 0 then line = ("%s (and %d more like it)"):format(line, last.left_out); end
				last = { at = now, left_out = 0, free = AT_MOST };
				told[kind] = last;
			end
			last.free = last.free - 1;
		end
		module:log(level, "[%s] %s", name, line);
	end;
end

return M;
