-- A kernel that takes few bytes at a time.
local socket = require "socket";

-- Has the kernel take but some 4 KB to be sent for each socket that the epoll descriptor `epoll` watches, and for those
-- that come to one that listens.
return function (epoll)
	for line in io.lines(("/proc/self/fdinfo/%d"):format(epoll)) do
		local fd = tonumber(line:match "^tfd:%s+(%d+)");
		if fd then
			local handle = socket.tcp();
			handle:close();
			handle:setfd(fd);
			handle:setoption("send-buffer-size", 4096); -- fails with a timer
			handle:setfd(-1); -- it is not ours to close
		end
	end
end
