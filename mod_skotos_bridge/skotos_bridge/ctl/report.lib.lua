-- The lines of a check: each ok, warn or fail, with what mends it.

local escaped = module:require "skotos_bridge/admin/escaped".text;
local json = require "util.json";

local COLOURS = { ok = "32", warn = "33", fail = "31" }; -- of a terminal (ECMA-48): green, yellow, red

-- A level as a person is shown it: in colour where it stands on a terminal, unless NO_COLOR says otherwise (no-color.org).
local function shown(level, coloured)
	local word = ("%-4s"):format(level);
	return coloured and ("\27[%sm%s\27[0m"):format(COLOURS[level], word) or word;
end

local M = {};
local report_mt = {};
report_mt.__index = report_mt;

local STATUS = { ok = 0, warn = 1, fail = 2 };

function M.new() return setmetatable({ lines = {}, worst = "ok" }, report_mt); end

-- The running Prosody has no bridge that a reload would tell of the files: from now on each remedy restarts Prosody, which reads all.
function report_mt:needs_restart() self.restart = true; end

local function add(level)
	return function (self, topic, text, mend)
		if mend and self.restart then mend = mend:gsub("systemctl reload prosody", "systemctl restart prosody"); end
		self.lines[#self.lines + 1] = { level = level, check = topic, text = escaped(text), mend = mend and escaped(mend) };
		if STATUS[level] > STATUS[self.worst] then self.worst = level; end
	end;
end

-- Adds a line on `topic` (one word: what was looked at); `mend` is the command or change that mends it.
report_mt.ok, report_mt.warn, report_mt.fail = add "ok", add "warn", add "fail";

-- 0, 1 or 2: the worst line's.
function report_mt:status() return STATUS[self.worst]; end

function report_mt:print(as_json)
	if as_json then
		print(json.encode { status = self.worst, checks = self.lines });
		return;
	end
	local counts = { ok = 0, warn = 0, fail = 0 };
	local coloured = (os.getenv "NO_COLOR" or "") == "" and os.execute("test -t 1") == true;
	for _, line in ipairs(self.lines) do
		counts[line.level] = counts[line.level] + 1;
		print(("%s  %-10s %s"):format(shown(line.level, coloured), line.check, line.text));
		if line.mend then print(("%-4s  %-10s mend it: %s"):format("", "", line.mend)); end
	end
	print(("\n%d ok, %d to look at, %d wrong"):format(counts.ok, counts.warn, counts.fail));
end

return M;
