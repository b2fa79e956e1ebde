-- Prosody's configuration as Prosody reads it, by its own configmanager, in a process of its own: whatever the configuration does while it
-- is read (it is Lua) happens here. Run as: lua5.4 read_config.lua PROSODYS-LUA-FOLDER CONFIGURATION, after in_place.lua. Prints
-- MARK and, as Lua, { ok =, err =, hosts = name -> option -> value, files =, warnings = }.

local MARK = "\1skotos_bridge configuration\n";

local source, config_file = arg[1], arg[2];
package.path = source .. "/?.lua;" .. package.path;
package.cpath = source .. "/?.so;" .. package.cpath;

-- What configmanager and the libraries it needs ask of a Prosody.
_G.prosody = { platform = "posix", process_type = "prosodyctl", paths = {}, version = "" }; -- luacheck: ignore 121 122
if not pcall(require, "prosody.loader") then pcall(require, "loader"); end
local found, configmanager = pcall(require, "prosody.core.configmanager");
if not found then configmanager = require "core.configmanager"; end

local function written(value, seen)
	local kind = type(value);
	if kind == "string" then return ("%q"):format(value); end
	if kind == "number" or kind == "boolean" then return tostring(value); end
	if kind ~= "table" or seen[value] then return "nil"; end
	seen[value] = true;
	local parts = {};
	for key, item in next, value do
		if type(key) == "string" or type(key) == "number" then
			parts[#parts + 1] = ("[%s] = %s"):format(written(key, seen), written(item, seen));
		end
	end
	seen[value] = nil;
	return "{ " .. table.concat(parts, ", ") .. " }";
end

local ok, _, result = configmanager.load(config_file, "lua");
io.stdout:write(MARK, "return ", written({
	ok = ok and true or false, err = not ok and tostring(result) or nil, warnings = ok and result or {};
	hosts = ok and configmanager.getconfig() or {}, files = ok and configmanager.files() or {};
}, {}), "\n");
