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

-- The option muc_options of rig.prosody for a second MUC, of breakout rooms (plugins/mod_breakouts.lua).
M.BREAKOUTS = [[
Component "breakout.meet.test" "muc"
  modules_enabled = { "breakouts" }
  main_muc = "conference.meet.test"
  admins = { "focus@auth.meet.test" }
  component_admins_as_room_owners = true
  muc_room_locking = false; muc_room_default_public_jids = true
]];

-- A breakout room of the main room `room`, in which Jicofo is unless `without_focus`.
function M.breakout(self, room, without_focus)
	rooms = rooms + 1;
	local made = self.prosody:lua { code = (
		[[return prosody.hosts["breakout.meet.test"].modules.breakouts.make("b%d", "%s")]]):format(rooms,
		room_jid(room)) }.result;
	if not without_focus then self.focus:join { room = made, nick = "focus" }; end
	return made;
end

-- Has `client` go from one room into another, as a page does. Gives its first presence there.
function M.moves(client, from, to, nick)
	client:leave { room = from, nick = nick };
	return client:join { room = to, nick = nick };
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

-- Ends the session of `client`, and waits until the server has seen it end; gives its bare JID.
function M.ends(prosody, client)
	local bare = M.bare(client);
	client:disconnect {};
	for _ = 1, 3000 do
		if prosody:lua({ code = ([[return tostring(prosody.bare_sessions["%s"])]]):format(bare) }).result == "nil" then
			return bare;
		end
		rig.call("pause", { ms = 20 });
	end
	error("waited 60 s for the end of the session of " .. bare, 2);
end

-- Loads, unloads or reloads the module.
function M.module(self, what)
	return self.prosody:lua { code = ([[return (require "core.modulemanager".%s("meet.test", "skotos_bridge"))]])
		:format(what) }.result;
end

return M;
