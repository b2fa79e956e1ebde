-- The VirtualHosts of the configuration that have the bridge, and what the options reader says of each.

local configmanager = require "core.configmanager";

local enabled = module:require "skotos_bridge/login/enabled";
local options_lib = module:require "skotos_bridge/admin/options";

local M = {};

-- A stand-in for `module` on `host`, which keeps what is logged: { level, text }.
local function context(host)
	local kept = {};
	local of_host = module:context(host);
	return setmetatable({
		log = function (_, level, format, ...) kept[#kept + 1] = { level = level, text = format:format(...) }; end;
	}, { __index = of_host }), kept;
end

local function has_bridge(host) return enabled.has(module:context(host)); end

-- Whether `host` is a component of the kind `kind` ("muc").
function M.is_component(host, kind)
	return configmanager.rawget(host, "component_module") == kind;
end

-- Names of the hosts and components in the configuration for which `test(name)` holds, sorted.
function M.names(test)
	local names = {};
	for name in pairs(configmanager.getconfig()) do
		if name ~= "*" and configmanager.get(name, "enabled") ~= false and test(name) then names[#names + 1] = name; end
	end
	table.sort(names);
	return names;
end

-- Whether `name` is the VirtualHost of the guests of the Jitsi `host` (Jitsi's guest.HOST), who log in without a token.
function M.is_guests(name, host)
	local login = module:context(name):get_option("authentication");
	return name:sub(-#host - 1) == "." .. host and (login == "anonymous" or login == "jitsi-anonymous");
end

local function is_virtual_host(name) return not configmanager.rawget(name, "component_module"); end

-- Whose guests' VirtualHost `name` is, of those that have the bridge too.
local function owner_of(name, bridged)
	for _, host in ipairs(bridged) do
		if M.is_guests(name, host) then return host; end
	end
end

-- The hosts with the bridge, or `only` that one: a list of { host =, module =, options = (or nil), err =, notes = { { level =, text = } } }.
-- Not guests' hosts, where the bridge has no place. Nil and a line when there is none, and a remedy where setup is not it.
function M.find(only)
	if only and not configmanager.rawget(only, "defined") then
		return nil, ("%s is no VirtualHost of %s"):format(only, tostring(prosody.config_file));
	end
	local found, bridged = {}, M.names(function (name) return is_virtual_host(name) and has_bridge(name); end);
	local owner = only and owner_of(only, bridged);
	if owner then
		return nil, ("%s is the guests' VirtualHost of %s, where \"skotos_bridge\" has no place"):format(only, owner),
			"--host " .. owner;
	end
	for _, host in ipairs(bridged) do
		if (only == nil or only == host) and not owner_of(host, bridged) then
			local of_host, notes = context(host);
			local options, err = options_lib.read(of_host);
			found[#found + 1] = { host = host, module = of_host, options = options, err = err, notes = notes };
		end
	end
	if #found == 0 then
		return nil, ("%s \"skotos_bridge\" in its modules_enabled, nor as its authentication with skotos_host")
			:format(only and only .. " has no" or "no VirtualHost has");
	end
	return found;
end

return M;
