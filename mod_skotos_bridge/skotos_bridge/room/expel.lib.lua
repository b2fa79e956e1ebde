-- Puts somebody out of a room as a kick, which is what Jitsi's pages understand (status 307, with the reason); where it is for longer the
-- presence says that it is a ban, too (status 301, XEP-0045 section 9.1). That it lasts is people.lib.lua's business, since the person
-- comes back with another JID.

local M = {};

local banning; -- JID in the room of whom is being banned

-- Puts out the occupant `person` (occupants.lib.lua).
function M.expel(room, person, reason, is_ban)
	banning = is_ban and person.nick or nil;
	room:set_role(true, person.nick, nil, reason);
	banning = nil;
end

-- `muc`: the MUC component's module API.
function M.hook(muc)
	muc:hook("muc-build-occupant-presence", function (event)
		if banning and event.x and event.occupant.nick == banning and not event.occupant.role then
			event.x:tag("status", { code = "301" }):up();
		end
	end);
end

return M;
