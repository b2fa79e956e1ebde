-- Stands for Jicofo's component focus.HOST: says to whoever asks that the conference is ready. The spec's own focus
-- client is in the room.
local st = require "util.stanza";

module:hook("iq-set/host/http://jitsi.org/protocol/focus:conference", function (event)
	local room = event.stanza:get_child("conference", "http://jitsi.org/protocol/focus").attr.room;
	event.origin.send(st.reply(event.stanza):tag("conference",
		{ xmlns = "http://jitsi.org/protocol/focus", room = room, ready = "true",
		focusjid = "focus@" .. module.host:gsub("^focus%.", "auth.") }));
	return true;
end);
