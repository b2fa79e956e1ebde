-- A list of files to change together: shown, written, put back.

local files = require "files";

local M = {};
local changes_mt = {};
changes_mt.__index = changes_mt;

function M.new() return setmetatable({}, changes_mt); end

-- The file at `path` is to become `after` (nil: it goes); `before` is what is there. What stays the same is left out. `rights` as for
-- files.write; `hide`: its contents are never shown.
function changes_mt:add(path, before, after, rights, hide)
	if before ~= after then self[#self + 1] = { path = path, before = before, after = after, rights = rights, hide = hide }; end
end

function changes_mt:shown()
	local parts = {};
	for i, change in ipairs(self) do
		if change.hide then
			parts[i] = ("%s %s (its contents are not shown)\n"):format(change.after and (change.before and "changed:" or "new:") or "removed:", change.path);
		else
			parts[i] = files.difference(change.path, change.before, change.after);
		end
	end
	return table.concat(parts);
end

local function put(path, text, rights)
	if text then return files.write(path, text, rights); end
	local ok, err = os.remove(path);
	return ok or not files.exists(path), err;
end

-- Writes all of them; when one cannot be written those before it are put back. True, or nil and why.
function changes_mt:write()
	for i, change in ipairs(self) do
		local ok, err = put(change.path, change.after, change.rights);
		if not ok then
			for k = i - 1, 1, -1 do put(self[k].path, self[k].before, self[k].rights); end
			return nil, ("%s: %s"):format(change.path, err);
		end
	end
	return true;
end

-- Puts all of them back. True, or nil and the paths that could not be.
function changes_mt:put_back()
	local failed = {};
	for i = #self, 1, -1 do
		if not put(self[i].path, self[i].before, self[i].rights) then failed[#failed + 1] = self[i].path; end
	end
	return #failed == 0 or nil, table.concat(failed, ", ");
end

return M;
