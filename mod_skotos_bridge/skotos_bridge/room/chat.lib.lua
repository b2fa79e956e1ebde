-- What a game says in a room's chat. It comes from the room itself, as no occupant is speaking, with the display name that Jitsi's pages
-- show for senders whom they do not know as participants (jitsi-meet's chat middleware; lib-jitsi-meet's ChatRoom.ts, onMessage). To one
-- person it goes in the same form, to that one alone: a page shows no name for a private message from nobody.

local new_id = require "util.id".medium;
local st = require "util.stanza";

local M = {};

local function message_from(room, text, name)
	return st.message({ type = "groupchat", from = room.jid, id = new_id() })
		:text_tag("body", text)
		:text_tag("display-name", name, { xmlns = "http://jitsi.org/protocol/display-name", source = "token" });
end

-- Says `text` as `name` to everybody in `rooms`, or to the people in `found` (occupants.lib.lua) only.
function M.say(rooms, text, name, found)
	if found then
		for _, person in ipairs(found) do person.room:route_to_occupant(person.raw, message_from(person.room, text, name)); end
		return;
	end
	for _, room in ipairs(rooms) do room:broadcast_message(message_from(room, text, name)); end
end

return M;
