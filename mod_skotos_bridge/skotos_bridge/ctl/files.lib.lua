-- Files that a check looks into.

local M = {};

-- The bytes of the file at `path`; nil and why when it cannot be read.
function M.read(path)
	local file, err = io.open(path, "rb");
	if not file then return nil, err; end
	local text, why = file:read("a");
	file:close();
	return text, why;
end

return M;
