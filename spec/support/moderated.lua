-- A live Prosody whose rooms are moderated, for the specs of spec/prosody that look at who is what in them.
local rig = require "spec.support.rig";

local M = { ADMIN = "http://jabber.org/protocol/muc#admin" };

local rooms = 0;

local function room_jid(room) return room:find("@", 1, true) and room or room .. "@conference.meet.test"; end

-- Starts it with the login `auth` and rig.prosody's options; `focus` is Jicofo.
function M.start(auth, options)
	local self = setmetatable({ auth = auth }, { __index = M });
	options = options or {};
	options.auth, options.game_port = auth, options.game_port or 1;
	options.host_options = (options.host_options or "") .. "; allow_empty_token = true";
	self.prosody = rig.prosody(options);
	self.focus = rig.focus(self.prosody);
	return self;
end

function M.stop(self) return self.prosody:stop(); end

-- A room of its own name in which Jicofo is.
function M.new_room(self)
	rooms = rooms + 1;
	local room = "room" .. rooms;
	self.focus:join { room = room, nick = "focus" };
	return room;
end

function M.bare(client) return client.jid:match("^[^/]+"); end

-- `by` (by default Jicofo) sends an admin request with `item` to the room.
function M.admin(self, room, item, by)
	return (by or self.focus):iq { to = room_jid(room), xmlns = M.ADMIN, item = item };
end

function M.grant(self, client, room, affiliation, by)
	return self:admin(room, { jid = M.bare(client), affiliation = affiliation or "owner" }, by);
end

-- Runs Lua in the server, where `room` is the room, which may be nil.
function M.lua(self, room, code)
	return self.prosody:lua { code = ([[local room = prosody.hosts["%s"].modules.muc.get_room_from_jid("%s") %s]])
		:format(room_jid(room):match("@(.+)$"), room_jid(room), code) }.result;
end

-- What the bare JID of `client` is in the room; "nil" for nothing.
function M.affiliation(self, room, client)
	return self:lua(room, ([[return tostring(room:get_affiliation("%s"))]]):format(M.bare(client)));
end

-- Loads, unloads or reloads the module.
function M.module(self, what)
	return self.prosody:lua { code = ([[return (require "core.modulemanager".%s("meet.test", "skotos_bridge"))]]):format(what) }.result;
end

return M;
