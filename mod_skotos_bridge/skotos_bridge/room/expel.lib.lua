-- Puts somebody out of a room as a kick, which is what Jitsi's pages understand (status 307, with the reason); where it is for longer the
-- presence says that it is a ban, too (status 301, XEP-0045 section 9.1). That it lasts is decisions.lib.lua's business, since the person
-- comes back with another JID. What the token gave goes, too: who comes back has to pass the lobby like everybody.

local M = {};

local how; -- what attach was given
local banning; -- JID in the room of whom is being banned

-- Puts out the occupant `person` (occupants.lib.lua).
function M.expel(person, reason, is_ban)
	banning = is_ban and person.nick or nil;
	person.room:set_role(true, person.nick, nil, reason);
	banning = nil;
	local main = how.places.main_of(person.room);
	if main and main:get_affiliation(person.bare) ~= "outcast" then how.affiliations.change(main, person.bare, "none"); end
end

-- `muc`: the MUC component's module API.
function M.hook(muc)
	muc:hook("muc-build-occupant-presence", function (event)
		if banning and event.x and event.occupant.nick == banning and not event.occupant.role then
			event.x:tag("status", { code = "301" }):up();
		end
	end);
end

-- `the_how`: the libraries places and affiliations.
function M.attach(the_how) how = the_how; end

return M;
