-- A list of files to change together, in its order: shown, then made ready beside the files that they replace, and put in place.

local command = require "command";
local difference = require "difference";
local files = require "files";

local M = {};
local changes_mt = {};
changes_mt.__index = changes_mt;

function M.new() return setmetatable({}, changes_mt); end

-- The file at `path` is to become `after` (nil: it goes); `before` is what is there. What stays the same is left out. `o`: rights = those
-- of a new file (files.stage), hide = its contents are never shown, silent = it is not shown at all.
function changes_mt:add(path, before, after, o)
	if before ~= after then
		o = o or {};
		self[#self + 1] = { path = path, before = before, after = after, rights = o.rights or { mode = "0640" }, hide = o.hide, silent = o.silent };
	end
end

-- How many of them a person is shown.
function changes_mt:count()
	local count = 0;
	for _, change in ipairs(self) do count = count + (change.silent and 0 or 1); end
	return count;
end

function changes_mt:touches(path)
	for _, change in ipairs(self) do
		if change.path == path then return true; end
	end
	return false;
end

function changes_mt:shown()
	local parts = {};
	for _, change in ipairs(self) do
		if change.hide then
			parts[#parts + 1] = ("%s %s (its contents are not shown)\n"):format(change.after and (change.before and "changed:" or "new:") or "removed:", change.path);
		elseif not change.silent then
			parts[#parts + 1] = difference.shown(change.path, change.before, change.after);
		end
	end
	return table.concat(parts);
end

-- Makes the folder of a new file, with rights as files.stage has them. Gives whether it was not there; nil and why.
local function make_folder(path, rights)
	local folder = path:match("^(.*)/[^/]*$");
	if command.run { "test", "-d", folder } then return false; end
	local mode = rights.owner and "0750" or "0700";
	local ok, err = command.output { "mkdir", "-p", "-m", mode, folder };
	if ok and rights.owner then ok, err = command.output { "chown", rights.owner, folder }; end
	if not ok then return nil, err; end
	return true;
end

-- Makes one file ready. True, or nil and why.
local function stage(change)
	local made, err = make_folder(change.path, change.rights);
	if made then change.made_folder = change.path:match("^(.*)/[^/]*$"); end
	if made == nil then return nil, err; end
	change.staged, err = files.stage(change.path, change.after, change.rights);
	if not change.staged then return nil, err; end
	change.real = err;
	return true;
end

-- Makes all new files ready, and second names of the old ones. True, or nil and why, nothing being left of them.
function changes_mt:stage()
	for _, change in ipairs(self) do
		local ok, err = true, nil;
		if change.before then
			change.kept, err = files.keep(files.real(change.path));
			ok = change.kept;
		end
		if ok and change.after then ok, err = stage(change); end
		if not ok then
			self:drop();
			return nil, ("%s: %s"):format(change.path, err);
		end
	end
	return true;
end

-- The staged files in the place of those that they replace: path -> path, and real path -> path.
function changes_mt:in_place()
	local paths = {};
	for _, change in ipairs(self) do
		paths[change.path] = change.staged or "/dev/null";
		if change.real then paths[change.real] = change.staged; end
	end
	return paths;
end

-- Away with what was made ready and not put in place.
function changes_mt:drop()
	for i = #self, 1, -1 do
		local change = self[i];
		for _, name in ipairs { "staged", "kept" } do
			if change[name] then os.remove(change[name]); end
			change[name] = nil;
		end
		if change.made_folder then os.remove(change.made_folder); end
	end
end

-- Puts them in place, one after the other; when one cannot be, those before it are put back. True, or nil, why, and a list of what could
-- not be put back.
function changes_mt:commit()
	local left, failure = {}, nil;
	for i, change in ipairs(self) do
		local ok, err;
		if change.after then ok, err = files.commit(change.staged, change.real); else ok, err = files.remove(change.path); end
		if ok then
			change.staged = nil;
		else
			failure = ("%s: %s"):format(change.path, err);
			for k = i - 1, 1, -1 do
				local done = self[k];
				if done.kept then ok = files.commit(done.kept, files.real(done.path)); else ok = files.remove(done.path); end
				if not ok then left[#left + 1] = done.path; end
				done.kept = ok and nil or done.kept;
			end
			break;
		end
	end
	self:drop();
	return failure == nil or nil, failure, left;
end

return M;
