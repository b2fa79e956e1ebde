-- One setup at a time: a lock of the kernel's on a file, which goes with the process however that ends.

local M = {};

-- Takes the lock for `root` ("" or the folder that stands for /) until this process ends. True, or nil and why.
function M.take(root)
	local ok, lfs = pcall(require, "lfs");
	if not ok then return nil, "lua-filesystem is missing: apt-get install lua-filesystem"; end
	local path = root .. "/run/skotos-bridge-setup.lock";
	local file, err = io.open(path, "r+");
	if not file then
		lfs.mkdir(root .. "/run");
		file, err = io.open(path, "a");
	end
	if not file then return nil, err; end
	M.held = file; -- closing it would give the lock back
	if not lfs.lock(file, "w") then return nil, "another skotos-bridge-setup is at work on this machine; let it end first"; end
	return true;
end

return M;
