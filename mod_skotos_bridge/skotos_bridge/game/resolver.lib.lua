-- From the name of a game's host to its addresses, without waiting for the network: first the hosts file (hosts(5)), then DNS. Prosody's
-- resolver knows DNS only: with lua-unbound it looks into the hosts file only when told to (unbound = { hoststxt = true }), without never.
-- In the hosts file are the names that an administrator gave his own machines, and those that Docker gives.

local M = { HOSTS = "/etc/hosts" };

local MOST = 8388608; -- bytes of the hosts file that are looked at; some keep long lists in it

-- The addresses of `name` in the text of a hosts file, IPv4 before IPv6, each once. `address_scope` is the C module's.
function M.in_hosts(text, name, address_scope)
	local four, six, seen = {}, {}, {};
	local lower, wanted = text:lower(), name:lower():gsub("%.$", "");
	local at = 1;
	while wanted ~= "" do
		local first, last = lower:find(wanted, at, true);
		if not first then break; end
		at = last + 1;
		local from, to = first, lower:find("\n", last, true) or #lower + 1;
		while from > 1 and lower:byte(from - 1) ~= 10 do from = from - 1; end
		local ip, names = lower:sub(from, to - 1):gsub("#.*$", ""):match("^%s*(%S+)(%s.*)$");
		if ip and not seen[ip] and (names .. " "):gsub("%s", "  "):find(" " .. wanted .. " ", 1, true) and address_scope(ip) then
			seen[ip] = true;
			table.insert(ip:find(":", 1, true) and six or four, ip);
		end
		at = math.max(at, to);
	end
	return table.move(six, 1, #six, #four + 1, four);
end

local function hosts_text()
	local file = io.open(M.HOSTS, "rb");
	local text = file and file:read(MOST);
	if file then file:close(); end
	return text or "";
end

-- Calls done(addresses) once, at once or later: a list of addresses as text, A before AAAA, empty when the name has none. `host` may be an
-- address itself.
function M.find(bridge, host, done)
	if bridge.address_scope(host) then return done { host }; end
	local known = M.in_hosts(hosts_text(), host, bridge.address_scope);
	if known[1] then return done(known); end
	if host:lower() == "localhost" then return done { "127.0.0.1" }; end
	local adns = require "net.adns"; -- only now: where nobody asks DNS, its library need not be loaded
	local function ask(qtype, field, otherwise)
		adns.lookup(function (records)
			local found = {};
			for _, record in ipairs(records or {}) do
				local ip = record[field] and tostring(record[field]);
				if ip and bridge.address_scope(ip) then found[#found + 1] = ip; end
			end
			if found[1] or not otherwise then return done(found); end
			otherwise();
		end, host, qtype, "IN");
	end
	ask("A", "a", function () ask("AAAA", "aaaa"); end);
end

return M;
