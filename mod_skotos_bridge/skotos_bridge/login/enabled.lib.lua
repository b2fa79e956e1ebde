-- Whether a host has the bridge: because "skotos_bridge" stands in its modules_enabled, or because it logs people in with
-- authentication = "skotos_bridge" and is told where a game is, or that there is none, so that the login brings the bridge with it.

local M = {};

local function in_list(module)
	return module:get_option_inherited_set("modules_enabled", {}):contains("skotos_bridge");
end

-- Whether the login of `module`'s host has to load the bridge, since nobody else does.
function M.by_login(module)
	if in_list(module) or module:get_option("authentication") ~= "skotos_bridge" then return false; end
	return module:get_option("skotos_host") ~= nil or module:get_option("skotos_games") ~= nil;
end

-- Whether `module`'s host has the bridge, in the one way or the other.
function M.has(module) return in_list(module) or M.by_login(module); end

return M;
