-- Stands for Jitsi's module of lobbies on the MUC of the main rooms: whoever is no member of a room that has a lobby is
-- sent there, and is in the lobby what he is in the room.
local jid = require "util.jid";
local st = require "util.stanza";

local LOBBY = "lobby.meet.test";

local function lobbies() return prosody.hosts[LOBBY].modules.muc; end

local function main_of(lobby)
	return prosody.hosts[module.host].modules.muc.get_room_from_jid(jid.node(lobby.jid) .. "@" .. module.host);
end

-- Gives `room` a lobby.
function module.environment.open_lobby(room)
	room:set_members_only(true);
	local lobby = lobbies().create_room(jid.node(room.jid) .. "@" .. LOBBY);
	lobby:set_persistent(true);
	room._data.lobbyroom = lobby.jid;
	lobbies().room_mt.get_affiliation = function (of, who)
		local main = main_of(of);
		return main and main:get_affiliation(who) or "none";
	end
end

module:hook("muc-occupant-pre-join", function (event)
	local room, stanza = event.room, event.stanza;
	if not room._data.lobbyroom or stanza.attr.to:find("/focus$") then return; end
	if (room:get_affiliation(stanza.attr.from) or "none") ~= "none" then return; end
	event.origin.send(st.error_reply(stanza, "auth", "registration-required"):tag("lobbyroom",
		{ xmlns = "http://jitsi.org/jitmeet" }):text(room._data.lobbyroom));
	return true;
end, -4);
