-- The configuration of the old chat_admin_server (chat_admin_config.json), checked. It is installed for skotos-bridge-setup too, so it needs
-- nothing of Prosody's.

local M = {};

local known = {
	jitsi = { domain = "string" }, jwt = { app_id = "string", secret = "string" };
	inbound = { host = "string", port = "number" }, outbound = { host = "string", port = "number" };
};

-- The settings in `old`, what such a file's JSON says: { jitsi =, jwt =, inbound =, outbound = }, each a table whose members may be missing, but
-- for jwt's; or nil and a line. Second result: members that mean nothing to us, sorted.
function M.read(old)
	if type(old) ~= "table" then return nil, "it is no JSON object"; end
	local settings, ignored = {}, {};
	for section, members in pairs(old) do
		if not known[section] then
			ignored[#ignored + 1] = tostring(section);
		elseif type(members) ~= "table" then
			return nil, ("%s: an object is wanted"):format(section);
		else
			settings[section] = {};
			for name, value in pairs(members) do
				local wanted = known[section][name];
				if not wanted then
					ignored[#ignored + 1] = section .. "." .. tostring(name);
				elseif wanted == "number" then
					local port = math.tointeger(tonumber(value));
					if not port or port < 1 or port > 65535 then return nil, ("%s.%s: a port from 1 to 65535 is wanted"):format(section, name); end
					settings[section][name] = port;
				elseif type(value) ~= "string" or value == "" then
					return nil, ("%s.%s: a string is wanted"):format(section, name);
				else
					settings[section][name] = value;
				end
			end
		end
	end
	for section in pairs(known) do settings[section] = settings[section] or {}; end
	if not settings.jwt.app_id or not settings.jwt.secret then return nil, "jwt.app_id and jwt.secret are wanted"; end
	table.sort(ignored);
	return settings, ignored;
end

return M;
