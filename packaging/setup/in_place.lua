-- Run before prosodyctl (LUA_INIT): has files read from others in their place, as SKOTOS_IN_PLACE says ("FILE=OTHER" parted by newlines), so that
-- prosodyctl judges a configuration before it is one.

local in_place = {};
for target, other in (os.getenv "SKOTOS_IN_PLACE" or ""):gmatch("([^\n=]+)=([^\n]+)") do in_place[target] = other; end

local function other_of(path)
	if type(path) ~= "string" then return path; end
	return in_place[path] or in_place[path:gsub("[^/]+/%.%./", "")] or path;
end

local open = io.open;
function io.open(path, ...) return open(other_of(path), ...); end -- luacheck: ignore 122

local found, lfs = pcall(require, "lfs");
if found then
	local attributes = lfs.attributes;
	function lfs.attributes(path, ...) return attributes(other_of(path), ...); end
end

-- The C module looks at files by itself.
local require_before, is_told = require, false;
function require(name, ...) -- luacheck: ignore 121
	local loaded, where = require_before(name, ...);
	if name == "skotos_bridge" and not is_told then
		local is_private = loaded.private_file;
		function loaded.private_file(path, ...) return is_private(other_of(path), ...); end
		is_told = true;
	end
	return loaded, where;
end
