-- What changes in a file, as a person is shown it: in the manner of diff -u, the fewest lines, without secrets.

local command = require "command";

local M = {};

-- `text` without what may be a secret in it: the values of settings whose name says so.
local function without_secrets(text)
	text = text:gsub("([Ss][Ee][Cc][Rr][Ee][Tt]%s*=%s*)%b{}", "%1(not shown)");
	return (text:gsub("[^\n]+", function (line)
		for _, name in ipairs { "[Ss][Ee][Cc][Rr][Ee][Tt]", "[Pp][Aa][Ss][Ss][%w_%-]*" } do
			line = line:gsub("(" .. name .. "\"?%s*[=:]%s*)([^%s(].*)", function (head, value)
				if not value:find("^true") and not value:find("^false") and not value:find("^nil") then return head .. "(not shown)"; end
			end);
		end
		return line;
	end));
end

local function lines_of(text)
	local lines = {};
	for line in text:gmatch("([^\n]*)\n?") do lines[#lines + 1] = line; end
	if lines[#lines] == "" then lines[#lines] = nil; end
	return lines;
end

-- How far one gets in `old` with each number of changes (E. W. Myers, An O(ND) Difference Algorithm, 1986): trace[d][k] = the furthest x on
-- the diagonal k = x - y after d changes.
local function trace_of(old, new)
	local furthest, trace = { [1] = 0 }, {};
	for d = 0, #old + #new do
		for k = -d, d, 2 do
			local down = k == -d or (k ~= d and furthest[k - 1] < furthest[k + 1]);
			local x = down and furthest[k + 1] or furthest[k - 1] + 1;
			while x < #old and x - k < #new and old[x + 1] == new[x - k + 1] do x = x + 1; end
			furthest[k] = x;
			if x >= #old and x - k >= #new then return trace, d; end
		end
		trace[d] = {};
		for k = -d, d, 2 do trace[d][k] = furthest[k]; end
	end
end

-- The lines of both, in order: list of { sign = " ", "-" or "+", text =, old =, new = (their numbers) }.
local function script_of(old, new)
	local trace, changes = trace_of(old, new);
	local backwards, x, y = {}, #old, #new;
	local function put(sign) backwards[#backwards + 1] = { sign = sign, text = sign == "+" and new[y] or old[x], old = x, new = y }; end
	local function back_to(from_x, from_y)
		while x > from_x and y > from_y do
			put " ";
			x, y = x - 1, y - 1;
		end
	end
	for d = changes, 1, -1 do
		local before, k = trace[d - 1], x - y;
		local down = k == -d or (k ~= d and before[k - 1] < before[k + 1]);
		local from = down and k + 1 or k - 1;
		back_to(down and before[from] or before[from] + 1, (down and before[from] or before[from] + 1) - k);
		put(down and "+" or "-");
		x, y = before[from], before[from] - from;
	end
	back_to(0, 0);
	local script = {};
	for i = #backwards, 1, -1 do script[#script + 1] = backwards[i]; end
	return script;
end

local AROUND = 3; -- lines shown before and after a change

-- What changes from `before` to `after` (nil: the file is not there), without what could steer a terminal.
function M.shown(path, before, after)
	local script = script_of(lines_of(without_secrets(before or "")), lines_of(without_secrets(after or "")));
	local near, last = {}, nil;
	for i, step in ipairs(script) do
		if step.sign ~= " " then
			for k = i - AROUND, i + AROUND do near[k] = true; end
		end
	end
	local shown = { "--- " .. (before and path or "/dev/null"), "+++ " .. (after and path or "/dev/null") };
	for i, step in ipairs(script) do
		if near[i] then
			if last ~= i - 1 and before and after then shown[#shown + 1] = ("@@ -%d +%d @@"):format(step.old, step.new); end
			shown[#shown + 1] = step.sign .. command.escaped(step.text);
			last = i;
		end
	end
	return table.concat(shown, "\n") .. "\n";
end

return M;
