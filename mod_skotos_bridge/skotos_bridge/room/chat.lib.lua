-- What a game says in a room's chat. It comes from the room itself, as no occupant is speaking, with the display name that Jitsi's pages
-- show for senders whom they do not know as participants (jitsi-meet's chat middleware; lib-jitsi-meet's ChatRoom.ts, onMessage). To one
-- person it goes in the same form, to that one alone: a page shows no name for a private message from nobody.

local new_id = require "util.id".medium;
local st = require "util.stanza";

local M = {};

-- Says `text` as `name` to everybody in the room, or to the people in `found` (occupants.lib.lua) only.
function M.say(room, text, name, found)
	local message = st.message({ type = "groupchat", from = room.jid, id = new_id() })
		:text_tag("body", text)
		:text_tag("display-name", name, { xmlns = "http://jitsi.org/protocol/display-name", source = "token" });
	if not found then
		room:broadcast_message(message);
		return;
	end
	for _, person in ipairs(found) do room:route_to_occupant(person.raw, message); end
end

return M;
