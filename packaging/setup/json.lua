-- JSON, read by Prosody's own reader.

local M = {};

-- The value that `text` tells, or nil.
function M.decode(text)
	-- It needs others of Prosody's libraries, which Prosody 13 calls prosody.util.….
	local folder = os.getenv("PROSODY_SRCDIR") or "/usr/lib/prosody";
	local path, cpath, above = package.path, package.cpath, folder:match("^(.*)/[^/]*$");
	package.path = ("%s;%s/?.lua;%s/?.lua"):format(path, folder, above);
	package.cpath = ("%s;%s/?.so;%s/?.so"):format(cpath, folder, above);
	local ok, value = pcall(function () return require "util.json".decode(text); end);
	package.path, package.cpath = path, cpath;
	return ok and value or nil;
end

return M;
