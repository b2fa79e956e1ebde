-- The processes of this machine, as far as /proc shows them.

local lfs = require "lfs";

local file = module:require "skotos_bridge/admin/file";

local M = {};

-- The command line of the process `pid`, its words with blanks between; "" when there is none. It is the outside world's text.
function M.command(pid)
	local line = file.read(("/proc/%s/cmdline"):format(pid));
	return line and line:gsub("%z+$", ""):gsub("%z", " ") or "";
end

-- For a loop: index and { pid = (text), command = } of each process.
function M.each()
	local list = {};
	local ok, names, state = pcall(lfs.dir, "/proc");
	for name in ok and names or function () end, state do
		if name:match("^%d+$") then list[#list + 1] = { pid = name, command = M.command(name) }; end
	end
	return ipairs(list);
end

return M;
