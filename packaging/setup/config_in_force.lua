-- What Prosody's configuration says in the end, whichever file says it: read by Prosody's own reader (read_config.lua).

local command = require "command";

local M = {};
local config_mt = {};
config_mt.__index = config_mt;

local MARK = "\1skotos_bridge configuration\n";
local FOLDER = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or ".";

-- The command `words`, a Lua 5.4 program, so that it reads other files in the place of some: path -> path.
function M.with_files(words, in_place)
	local list = {};
	for target, other in pairs(in_place or {}) do list[#list + 1] = target .. "=" .. other; end
	return { "env", "LUA_INIT_5_4=@" .. FOLDER .. "/in_place.lua", "SKOTOS_IN_PLACE=" .. table.concat(list, "\n"), table.unpack(words) };
end

-- The configuration in the file `path`, read with other files in the place of some: path -> path. Nil and what is wrong with it, as
-- Prosody would say it.
function M.read(path, in_place)
	local words = M.with_files({ "lua5.4", FOLDER .. "/read_config.lua", os.getenv("PROSODY_SRCDIR") or "/usr/lib/prosody", path }, in_place);
	local _, output = command.run(words);
	local _, at = output:find(MARK, 1, true);
	local chunk = at and load(output:sub(at + 1), "=config", "t", {});
	if not chunk then return nil, "Prosody's own reader of configurations does not run: " .. output:match("^%s*(.-)%s*$"); end
	local told = chunk();
	if not told.ok then return nil, told.err; end
	return setmetatable(told, config_mt);
end

-- The value that counts for `host`: its own, else the global one.
function config_mt:get(host, name)
	local own = self.hosts[host] and self.hosts[host][name];
	if own ~= nil then return own; end
	return self.hosts["*"] and self.hosts["*"][name];
end

-- Whether Prosody would load `module` on `host` because of modules_enabled and modules_disabled.
function config_mt:enables(host, module)
	local function lists(section, name)
		local list = self.hosts[section] and self.hosts[section][name];
		for _, item in ipairs(type(list) == "table" and list or { list }) do
			if item == module then return true; end
		end
		return false;
	end
	if lists(host, "modules_disabled") then return false; end
	if lists(host, "modules_enabled") then return true; end
	local is_component = self.hosts[host] and self.hosts[host].component_module;
	return not is_component and lists("*", "modules_enabled") and not lists("*", "modules_disabled");
end

-- The names of hosts and components for which `test(options)` holds, sorted.
function config_mt:names(test)
	local names = {};
	for name, options in pairs(self.hosts) do
		if name ~= "*" and options.enabled ~= false and test(options) then names[#names + 1] = name; end
	end
	table.sort(names);
	return names;
end

return M;
