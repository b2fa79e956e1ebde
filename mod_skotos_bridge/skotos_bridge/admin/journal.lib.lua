-- What an administrator gets to read: each event in one line of Prosody's log, a fault that repeats once a minute at most, and the last
-- events kept for skotos:log(). Nothing in a text may be a token or a secret; what the outside world put into it is shown escaped.

local escaped = module:require "skotos_bridge/admin/escaped".text;

local M = {};
local journal_mt = {};
journal_mt.__index = journal_mt;

local WINDOW = 60; -- seconds in which a fault of one kind is told once
local KEPT = 50; -- events
local LONGEST = 2000; -- bytes of a text: a page may send hundreds of thousands
local UPS_TOLD = 5; -- a minute: a game that is found again is good news, one that comes and goes all the time is none

-- A text of the outside world as it is shown, its middle left out where it is too long.
local function shown(text)
	if #text <= LONGEST then return escaped(text); end
	local half = LONGEST // 2;
	return ("%s [%d bytes left out] %s"):format(escaped(text:sub(1, half)), #text - 2 * half, escaped(text:sub(-half)));
end

local function write(self, level, text)
	text = shown(text);
	self.module:log(level, "%s", text);
	self.ring[#self.ring + 1] = { at = os.time(), level = level, text = text };
	if #self.ring > KEPT then table.remove(self.ring, 1); end
end

-- A journal that writes to the log of `of_module`; all journals of one host keep their last events together.
function M.new(of_module)
	return setmetatable({ module = of_module, ring = of_module:shared(("/%s/skotos_bridge/room/events"):format(of_module.host)), told = {} }, journal_mt);
end

-- Something that happened.
function journal_mt:event(level, text) write(self, level, text); end

-- What was left out of `kind` is told, and counted anew.
local function window_ends(self, kind, told)
	if self.told[kind] ~= told then return; end
	self.told[kind] = nil;
	if told.left_out > 0 then self:fault(kind, told.level, ("%s (and %d more like it in the last minute)"):format(told.text, told.left_out), told.free); end
end

-- All is well again: the kinds of faults that `is_over(kind)` picks are forgotten, with how often they were left out, so that the log does not
-- tell of them as if they lasted. Gives how many were left out.
function journal_mt:over(is_over)
	local left_out = 0;
	for kind, told in pairs(self.told) do
		if is_over(kind) then
			left_out = left_out + told.left_out;
			self.told[kind] = nil;
		end
	end
	return left_out;
end

-- Something that may happen over and over. The first `free` (1) of a kind are told at once, the others within the minute are counted, told
-- with the last of them when it is over, and can be read one by one at the level debug. `kind` is ours, never the outside world's text.
function journal_mt:fault(kind, level, text, free)
	local told = self.told[kind];
	if not told then
		told = { free = free or 1, lines = 0, left_out = 0 };
		self.told[kind] = told;
		self.module:add_timer(WINDOW, function () window_ends(self, kind, told); end);
	end
	told.level = level;
	if told.lines < told.free then
		told.lines = told.lines + 1;
		write(self, level, text);
		return;
	end
	if told.left_out > 0 then self.module:log("debug", "%s", shown(told.text)); end
	told.left_out, told.text = told.left_out + 1, text;
end

-- What repeats of a link's journal (luaclib/core/report/journal.h): a refusal is one of its kind of fault (luaclib/core/report/fault.h).
local function kind_of(kind, text)
	return kind == "refused" and "refused " .. (text:match("refused %(([%w-]+)%)") or "") or kind;
end

-- Kinds of a link's entries that are over once it is up (luaclib/core/report/journal.h).
local OVER_WHEN_UP = { retry = true, down = true, resolve = true, plaintext = true };

-- A function tell(kind, level, line) for what `name`, a game's link or the listener, has to say.
function journal_mt:voice(name)
	return function (kind, level, line)
		if kind == "up" then
			local left_out = self:over(function (told) return OVER_WHEN_UP[told:match("^" .. name:gsub("%p", "%%%0") .. "/(.*)$") or ""]; end);
			if left_out > 0 then line = ("%s, after %d more faults than the log tells of"):format(line, left_out); end
		end
		if level == "debug" then
			self.module:log(level, "[%s] %s", name, shown(line));
		else
			self:fault(name .. "/" .. kind_of(kind, line), level, ("[%s] %s"):format(name, line), kind == "up" and UPS_TOLD or 1);
		end
	end;
end

local function tell_rest(self, kind, told)
	self.told[kind] = nil;
	if told.left_out > 0 then write(self, told.level, ("%s (the last of %d that were left out)"):format(told.text, told.left_out)); end
end

-- Tells at once what was left out: the module is about to go.
function journal_mt:close()
	for kind, told in pairs(self.told) do tell_rest(self, kind, told); end
end

-- The configuration has changed: what comes of it is news, whatever was told in the last minute.
function journal_mt:begin_anew() self:close(); end

-- The last events, the oldest first: a list of { at = (seconds since 1970), level =, text = }.
function journal_mt:recent() return self.ring; end

return M;
