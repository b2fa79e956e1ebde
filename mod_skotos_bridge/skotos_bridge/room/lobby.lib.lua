-- Who waits in a room's lobby (Jitsi's mod_muc_lobby_rooms, which has a room of the same name on a MUC of its own): the game is told, lets
-- in and turns away, as a moderator's page does (lib-jitsi-meet's Lobby.js).

local st = require "util.stanza";

local M = {};

local MUC_USER = "http://jabber.org/protocol/muc#user";

local how; -- what attach was given
local denied = {}; -- JID of an occupant of a lobby -> true, while the game turns him away

local function rank(room, bare) return room:get_affiliation(bare) or "none"; end

-- Somebody in the lobby, as occupants.lib.lua has it; nil for one of Jitsi's own, and for a moderator, who is there to see who waits.
local function waiting(main, lobby, occupant)
	local affiliation = rank(main, occupant.bare_jid);
	if affiliation == "owner" or affiliation == "admin" then return nil; end
	return how.occupants.describe(lobby, occupant);
end

-- The open lobby of a main room, or nil.
local function lobby_of(main)
	local host = main._data.lobbyroom and prosody.hosts[how.lobby_host];
	local muc = host and host.modules.muc;
	return muc and muc.get_room_from_jid(main._data.lobbyroom);
end

local function tell(event, occupant, members)
	local main = how.places.main_of(event.room);
	if not main or not how.events.wants("knocking", main) then return; end
	local person = waiting(main, event.room, occupant);
	if person then how.events.tell("knocking", main, person, members); end
end

local function came(event) tell(event, event.occupant, { waiting = true }); end

local function went(event)
	local main, bare = how.places.main_of(event.room), event.occupant.bare_jid;
	local why = "left";
	if denied[event.nick] or not event.stanza then why = "denied"; end
	if main and rank(main, bare) == "member" then why = "admitted"; end
	tell(event, event.occupant, { waiting = false, why = why });
end

-- Whoever a command names among those who wait for its channel: the main room, its lobby, the person's occupants; or nil and why not.
local function find(command)
	local main, err = how.occupants.room(command.channel);
	if not main then return nil, err; end
	local lobby, list = lobby_of(main), {};
	if not lobby then return nil, ("channel: %q came, that room has no lobby"):format(command.channel); end
	for _, occupant in lobby:each_occupant() do list[#list + 1] = waiting(main, lobby, occupant); end
	local found, why = how.occupants.find_in(list, command, "the lobby of " .. ("%q"):format(command.channel));
	if not found then return nil, why; end
	return main, lobby, found;
end

-- Lets in whoever `command` names: the first of the person's occupants. Nil and why not.
function M.admit(command)
	local main, lobby, found = find(command);
	if not main then return nil, lobby; end
	for _, person in ipairs(found) do
		local ok, _, condition = main:set_affiliation(true, person.bare, "member");
		if not ok then return nil, ("%q does not come in: %s"):format(person.name, condition); end
		for real in person.raw:each_session() do
			main:route_stanza(st.message({ from = main.jid, to = real })
				:tag("x", { xmlns = MUC_USER }):tag("invite", { from = main.jid }):up():up());
		end
	end
	return found[1];
end

-- Turns away whoever `command` names, with the reason. Nil and why not.
function M.deny(command)
	local main, lobby, found = find(command);
	if not main then return nil, lobby; end
	for _, person in ipairs(found) do
		denied[person.nick] = true;
		lobby:set_role(true, person.nick, nil, command.reason);
		denied[person.nick] = nil;
	end
	return found[1];
end

-- What a page says of itself to its room is said in no lobby: moderators' pages would hear no presence any more, of any room (lib-jitsi-meet's
-- ChatRoom.ts, participantPropertyListener).
local function presence_comes(event)
	event.stanza:maptags(function (tag) return not tag.name:find("^jitsi_participant_") and tag or nil; end);
end

-- `muc`: the module API of the lobbies' MUC component.
function M.hook(muc)
	for _, name in ipairs { "muc-occupant-pre-join", "muc-occupant-pre-change" } do muc:hook(name, presence_comes, 52); end
	muc:hook("muc-occupant-joined", came, -20);
	muc:hook("muc-occupant-left", went, 20);
end

-- `the_how`: lobby_host, and the libraries events, occupants and places.
function M.attach(the_how) how = the_how; end

return M;
