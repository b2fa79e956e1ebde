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
