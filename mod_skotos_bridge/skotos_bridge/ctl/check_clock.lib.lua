-- Is the clock right? Tokens begin and end by it. There is nothing in a game's request to compare with, so: with --time-server the clock is
-- compared with that server's (SNTP, RFC 4330); without, the kernel is asked whether somebody (systemd-timesyncd, chrony, ntpd) keeps it
-- right. Tokens of others that begin in the future are told of by check_config.

local socket = require "socket";

local M = {};

local EPOCH = 2208988800; -- seconds from 1900, as NTP counts, to 1970
local WITHIN = 3; -- seconds for an answer
local OFF, A_LITTLE = 10, 2; -- seconds: skotos_leeway's default; worth a look

-- The time in the 48 bytes of an NTP packet, in seconds since 1970; nil when it is none that can be used.
function M.time_in(packet)
	if #packet < 48 then return nil, "its answer is too short"; end
	local first, stratum = packet:byte(1, 2);
	if first & 7 ~= 4 then return nil, "what it sends is no answer"; end
	if first >> 6 == 3 or stratum == 0 or stratum > 15 then return nil, "it does not know the time itself"; end
	local seconds, fraction = (">I4I4"):unpack(packet, 41);
	return seconds - EPOCH + fraction / 4294967296;
end

-- How many seconds the clock here is ahead of `server` ("host" or "host:port").
local function ahead_of(server)
	local host, port = server:match("^%[?([^%]]-)%]?:(%d+)$");
	local udp = socket.udp();
	udp:settimeout(WITHIN);
	local ok, err = udp:setpeername(host or server, tonumber(port) or 123);
	if not ok then return nil, err; end
	local sent_at = socket.gettime();
	udp:send(string.char(0x23) .. ("\0"):rep(47));
	local packet, why = udp:receive();
	local now = socket.gettime();
	udp:close();
	if not packet then return nil, why; end
	local theirs, bad = M.time_in(packet);
	if not theirs then return nil, bad; end
	return (sent_at + now) / 2 - theirs;
end

local function compare(report, server)
	local ahead, err = ahead_of(server);
	if not ahead then
		report:warn("clock", ("the time server %s does not answer: %s"):format(server, err), "name another with --time-server");
		return;
	end
	local text = ("the clock is %.1f s %s %s's"):format(math.abs(ahead), ahead < 0 and "behind" or "ahead of", server);
	local mend = "timedatectl set-ntp true (apt-get install systemd-timesyncd where there is nothing to keep the time)";
	if math.abs(ahead) > OFF then
		report:fail("clock", text .. ": tokens begin and end at the wrong time", mend);
	elseif math.abs(ahead) > A_LITTLE then
		report:warn("clock", text, mend);
	else
		report:ok("clock", text);
	end
end

-- `bridge` nil: the C module does not load.
function M.run(report, bridge, server)
	if server then return compare(report, server); end
	if not bridge then return; end
	local state, err = bridge.clock();
	if not state then
		report:warn("clock", "the kernel does not tell whether the clock is kept right: " .. err,
			"compare it: prosodyctl mod_skotos_bridge check --time-server HOST");
	elseif state.synchronized then
		report:ok("clock", ("the clock is kept right, within %.0f ms"):format(state.most_error * 1000));
	else
		report:warn("clock", "nobody keeps the clock right: tokens begin and end by it",
			"timedatectl set-ntp true (apt-get install systemd-timesyncd); in a container: on its host");
	end
end

return M;
