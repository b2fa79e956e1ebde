-- Who somebody is, for the others' pages: <identity><user><id/></user></identity> in a presence, from the token that was checked, and
-- whatever the page sends (Jitsi's presence_identity writes the same element; lib-jitsi-meet's getIdentity reads it). Each byte of it goes
-- to everybody in the room: so it has no name, which is in the presence anyway, and is left out where the name, being the token's, is the id
-- too, as with every unchanged game. Who came without a token is nobody, which is said: <identity/>.

local M = {};

local how; -- what attach was given
local keeping, named = false, false;

local function unless_identity(tag) return tag.name ~= "identity" and tag or nil; end

-- Takes `presence`'s own <identity/> away, and puts that of the session's token in its place; nothing where somebody leaves, who is shown no
-- more.
local function stamp(presence, session)
	local type = presence.attr.type;
	if type ~= nil and type ~= "unavailable" then return; end
	presence:maptags(unless_identity);
	if type then return; end
	local known = how.bearer.of(session);
	if not known or not known.person then
		presence:tag("identity"):reset();
	elseif not (named and known.name == known.person) then
		presence:tag("identity"):tag("user"):text_tag("id", known.person):reset();
	end
end

-- A presence on its way out of a session of this host: to any room, also in breakout rooms and the lobby.
local function leaving(event)
	if keeping then stamp(event.stanza, event.origin); end
end

-- A presence that comes to a room from elsewhere, as a guest's VirtualHost or one of Jitsi's programs: nobody there vouches for it.
local function arriving(event)
	local origin = event.origin;
	if not keeping or not origin or origin.host == how.module.host then return; end
	stamp(event.stanza, origin);
end

-- Whether presences say from now on who somebody is, and whether names are the tokens' (display_names.lib.lua). Without a game they are left
-- as they come: each one goes to everybody in the room, and costs by its length.
function M.keep(for_a_game, the_game_s_names) keeping, named = for_a_game, the_game_s_names; end

-- `muc`: the MUC component's module API.
function M.hook(muc)
	muc:hook("presence/full", arriving, 100);
	muc:hook("presence/bare", arriving, 100);
end

-- `the_how`: module; bearer (bearer.lib.lua).
function M.attach(the_how)
	how = the_how;
	-- Before Jitsi's presence_identity, which puts its own in place of ours where it is loaded.
	how.module:hook("pre-presence/full", leaving, 1);
	how.module:hook("pre-presence/bare", leaving, 1);
end

return M;
