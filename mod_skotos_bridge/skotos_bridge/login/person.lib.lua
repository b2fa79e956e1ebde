-- Whom verified claims name.

local M = {};

local function named(text) return type(text) == "string" and text ~= "" and text or nil; end

-- The user that verified claims speak of: context.user; the old server had a bare name in its place; without a context it is user_id, as
-- in Jitsi.
local function user_of(claims)
	if not claims then return {}; end
	if type(claims.context) ~= "table" then return { id = claims.user_id }; end
	local user = claims.context.user;
	return type(user) == "table" and user or { name = user };
end

-- The display name that verified claims give, or nil.
function M.name_of(claims) return named(user_of(claims).name); end

-- The person that verified claims speak of: the user's id, else the name; nil when they name none.
function M.id_of(claims)
	local user = user_of(claims);
	return named(user.id) or named(user.name);
end

return M;
