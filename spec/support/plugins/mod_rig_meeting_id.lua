-- Gives each room the meeting's id, where Jitsi's module has it.
module:hook("muc-room-created", function (event) event.room._data.meetingId = "meeting of " .. event.room.jid; end);
