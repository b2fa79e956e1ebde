-- Which room a token opens, as Jitsi's own verifier has it (token/util.lib.lua, verify_room).

local M = {};

-- The claim as a Lua pattern, which `context.room.regex` makes it, in lower case as in Jitsi: what it finds in the room's name, or its
-- first capture, has to be that name. A pattern that is none opens nothing.
local function matches(pattern, name)
	local ok, found = pcall(string.match, name, pattern:lower());
	return ok and found == name;
end

local function is_pattern(claims)
	local room = type(claims.context) == "table" and claims.context.room;
	return type(room) == "table" and (room.regex == true or room.regex == "true");
end

-- Whether the verified `claims` open the room with the node `node`. `domain`: with enable_domain_verification, else nil; as in Jitsi the
-- claim is a pattern only then. Claims without a room open every one, where the login lets such a token in.
function M.opens(bridge, claims, node, domain)
	local room, subject = claims.room, claims.sub;
	if room == nil then return true; end
	if not domain or not is_pattern(claims) or type(room) ~= "string" or room == "*" then
		return bridge.room_matches(room, node, subject, domain);
	end
	local _, tenant = bridge.channel_of(node);
	return bridge.room_matches("*", node, subject, domain) and matches(room, tenant and node:sub(#tenant + 3) or node);
end

-- Why the claims do not open a room, for the log: which they are for; and whose, where `domain` counts and is not theirs.
function M.describe(claims, domain)
	local room = ("the token is for the room %q"):format(claims.room);
	if not domain or claims.sub:lower() == domain:lower() then return room; end
	return ("%s of %q (its sub; enable_domain_verification)"):format(room, claims.sub);
end

-- Whether the claims are another tenant's than that in the address of the page; then other modules of Jitsi's find it on the session.
function M.is_of_another_tenant(claims, session)
	local tenant = type(claims.context) == "table" and claims.context.tenant;
	if type(tenant) ~= "string" or tenant:lower() == session.jitsi_web_query_prefix then return false; end
	session.jitsi_meet_tenant_mismatch = true;
	return true;
end

return M;
