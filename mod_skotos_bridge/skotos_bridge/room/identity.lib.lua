-- Who somebody is, for the others' pages: <identity><user><id/></user></identity> in each presence, from the token that was
-- checked, and whatever the page sends (Jitsi's presence_identity writes the same element; lib-jitsi-meet's getIdentity
-- reads it). Not the name, which is in the presence anyway: each byte of it goes to everybody in the room.

local person = module:require "skotos_bridge/login/person";

local M = {};

local how; -- what attach was given
local keeping = false;

-- Takes `presence`'s own <identity/> away, and puts that of verified claims (nil: nobody's) in its place.
local function stamp(presence, claims)
	presence:maptags(function (tag) return tag.name ~= "identity" and tag or nil; end);
	local id = person.id_of(claims);
	if not id then return; end
	presence:tag("identity"):tag("user"):text_tag("id", id):reset();
end

-- A presence on its way out of a session of this host: to any room, also in breakout rooms and the lobby.
local function leaving(event)
	if keeping and event.stanza.attr.type == nil then stamp(event.stanza, (how.claims_of(event.origin))); end
end

-- A presence that comes to a room from elsewhere, as a guest's VirtualHost: nobody there vouches for it.
local function arriving(event)
	local origin, presence = event.origin, event.stanza;
	if not keeping or presence.attr.type ~= nil or not origin or origin.host == how.module.host then return; end
	stamp(presence, (how.claims_of(origin)));
end

-- Whether presences say from now on who somebody is. Without a game they are left as they come: each one goes to everybody in the room, and
-- costs by its length.
function M.keep(for_a_game) keeping = for_a_game; end

-- `muc`: the MUC component's module API.
function M.hook(muc)
	muc:hook("presence/full", arriving, 100);
	muc:hook("presence/bare", arriving, 100);
end

-- `the_how`: { module =, claims_of = function (session) return its verified claims end }.
function M.attach(the_how)
	how = the_how;
	-- Before Jitsi's presence_identity, which puts its own in place of ours where it is loaded.
	how.module:hook("pre-presence/full", leaving, 1);
	how.module:hook("pre-presence/bare", leaving, 1);
end

return M;
