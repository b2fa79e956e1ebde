-- A component of Jitsi's that hears what it is sent and says nothing.
module:hook("message/host", function () return true; end);
