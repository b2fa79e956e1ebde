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

-- The hosts with the bridge, or `only` that one: a list of { host =, module =, options = (or nil), err =, notes = { { level =, text = } } }.
-- Nil and a line when there is none.
function M.find(only)
	if only and not configmanager.rawget(only, "defined") then
		return nil, ("%s is no VirtualHost of %s"):format(only, tostring(prosody.config_file));
	end
	local found = {};
	for _, host in ipairs(M.names(function (name) return not configmanager.rawget(name, "component_module"); end)) do
		if (only == nil or only == host) and has_bridge(host) then
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
