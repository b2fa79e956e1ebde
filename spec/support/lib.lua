-- The module's Lua parts without a Prosody around them.
local lfs = require "lfs";

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

local function open_files()
	local count = 0;
	for _ in lfs.dir "/proc/self/fd" do count = count + 1; end
	return count;
end

-- How many descriptors `action`() leaves open, while the collector closes none.
function M.left_open(action)
	collectgarbage();
	collectgarbage "stop";
	local before = open_files();
	local ok, err = pcall(action);
	local after = open_files();
	collectgarbage "restart";
	assert(ok, err);
	return after - before;
end

return M;
