-- Files that are read whole. It is installed for skotos-bridge-setup too, so it needs nothing of Prosody's.

local M = {};

-- The bytes of the file at `path`; nil, why and the system's number for that (errno) when it cannot be read.
function M.read(path)
	local file, err, code = io.open(path, "rb");
	if not file then return nil, err, code; end
	local text, why, read_code = file:read("a");
	file:close();
	return text, why, read_code;
end

return M;
