-- What setup changed, kept for --undo: of each file its path, its bytes before setup first touched it and those that setup wrote last.
-- In a folder that only root reads, since configurations hold secrets.

local command, files = require "command", require "files";

local M = {};
local record_mt = {};
record_mt.__index = record_mt;

-- The record in `folder`; an empty one where nothing was changed yet.
function M.open(folder)
	local self = setmetatable({ folder = folder, entries = {} }, record_mt);
	for _, path in ipairs(files.list(folder, "*.path")) do
		local stem = path:match("^(.*)%.path$");
		table.insert(self.entries, { stem = stem, path = files.read(path), before = files.read(stem .. ".before"), after = files.read(stem .. ".after") });
	end
	return self;
end

local function entry_of(self, path)
	for _, entry in ipairs(self.entries) do
		if entry.path == path then return entry; end
	end
end

-- What the file at `path` would be without setup, when it now holds `text` (nil: it is not there); nil for a file that would not be
-- there. Second result true where that cannot be told, since the lines that setup wrote were changed by hand.
function record_mt:original(path, text)
	local entry = entry_of(self, path);
	if not entry then return text; end
	if text == entry.after then return entry.before; end
	if not text or not entry.before or not entry.after then return entry.before; end
	local merged = files.merged(text, entry.after, entry.before);
	return merged, merged == nil;
end

-- Notes that setup is about to make `before` (nil: no file) into `after`. True, or nil and why.
function record_mt:note(path, before, after)
	local original = before;
	local entry = entry_of(self, path);
	if entry then
		original = self:original(path, before);
		if before ~= nil and original == nil and entry.before ~= nil then original = entry.before; end
	else
		local ok, err = command.output { "mkdir", "-p", "-m", "0700", self.folder };
		if not ok then return nil, err; end
		entry = { path = path, stem = ("%s/%02d"):format(self.folder, #self.entries + 1) };
		table.insert(self.entries, entry);
	end
	entry.before, entry.after = original, after;
	local rights = { mode = "0600" };
	for _, part in ipairs { { "before", original }, { "after", after }, { "path", path } } do
		if part[2] then
			local ok, err = files.write(entry.stem .. "." .. part[1], part[2], rights);
			if not ok then return nil, err; end
		end
	end
	return true;
end

-- Forgets everything; nothing of the record is left on the disk.
function record_mt:clear()
	for _, entry in ipairs(self.entries) do
		for _, kind in ipairs { "path", "before", "after" } do os.remove(entry.stem .. "." .. kind); end
	end
	self.entries = {};
	os.remove(self.folder);
end

return M;
