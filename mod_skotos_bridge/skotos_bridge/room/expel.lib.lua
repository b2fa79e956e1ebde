-- Puts somebody out of a room as a kick, which is what Jitsi's pages understand (status 307, with the reason); where it is for longer the
-- presence says that it is a ban, too (status 301, XEP-0045 section 9.1). That it lasts is decisions.lib.lua's business, since the person
-- comes back with another JID. What the token gave goes, too: who comes back has to pass the lobby like everybody.

local jid = require "util.jid";

local M = {};

local how; -- what attach was given

-- Puts out whoever is called `nick`, a JID in `room`, with presences that say that it is a ban. Nothing hears of presences but while they are
-- sent: there is one for each occupant, of each other.
local function ban(room, nick, reason)
	local muc = module:context(jid.host(room.jid));
	local function say_ban(event)
		if event.x and event.occupant.nick == nick and not event.occupant.role then event.x:tag("status", { code = "301" }):up(); end
	end
	muc:hook("muc-build-occupant-presence", say_ban);
	local ok, err = pcall(room.set_role, room, true, nick, nil, reason);
	muc:unhook("muc-build-occupant-presence", say_ban);
	if not ok then error(err, 0); end
end

-- Puts out the occupant `person` (occupants.lib.lua).
function M.expel(person, reason, is_ban)
	if is_ban then ban(person.room, person.nick, reason); else person.room:set_role(true, person.nick, nil, reason); end
	local main = how.places.main_of(person.room);
	if main and main:get_affiliation(person.bare) ~= "outcast" then how.affiliations.change(main, person.bare, "none"); end
end

-- `the_how`: the libraries places and affiliations.
function M.attach(the_how) how = the_how; end

return M;
