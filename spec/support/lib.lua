-- The module's Lua parts without a Prosody around them.
local M = {};

-- The part `name` ("login/secrets"), new; what it requires of the module's own is new too.
function M.load(name)
	local before = rawget(_G, "module");
	local function part(_, path) return dofile(("mod_skotos_bridge/%s.lib.lua"):format(path)); end
	rawset(_G, "module", { require = part });
	local loaded = part(nil, "skotos_bridge/" .. name);
	rawset(_G, "module", before);
	return loaded;
end

-- A module API that has nothing but the options of a host.
function M.host(options)
	local function get(_, name, default)
		if options[name] == nil then return default; end
		return options[name];
	end
	return { get_option = get, get_option_string = get, get_option_boolean = get, get_option_array = get };
end

return M;
