-- A port of 127.0.0.1 for whoever will listen there soon, or for nobody: below those that the kernel gives to others
-- of itself (ip_local_port_range, from 32768), and with the same number of UDP bound by this process until it ends, so
-- that no other spec takes it. spec/support/rig/free_port.js does the same.
local socket = require "socket";

local LOWEST, HIGHEST, TRIES = 20000, 32767, 1000;
local held = {};

return function ()
	for _ = 1, TRIES do
		local port = math.random(LOWEST, HIGHEST);
		local udp, tcp = socket.udp4(), socket.tcp4();
		local free = udp:setsockname("127.0.0.1", port) and tcp:bind("127.0.0.1", port);
		tcp:close();
		if free then
			held[#held + 1] = udp;
			return port;
		end
		udp:close();
	end
	error(("no port of %d that were tried is free"):format(TRIES));
end
