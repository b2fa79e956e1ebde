-- What happens in the rooms, for those games that have subscribed to it (and for other modules: skotos-room-event, mod_skotos_bridge.lua).

local M = {};

local how; -- what attach was given
local announced = {}; -- channel -> true, once it was told that the room has opened: with the first person, for Jicofo comes before
local leaving = {}; -- JID of an occupant -> { why =, reason = }, while a command puts it out

-- Says why an occupant is about to leave, since Prosody's own event does not.
function M.expect(nick, why, reason) leaving[nick] = { why = why, reason = reason }; end

-- Whether anybody wants to be told of the event `name` of the room. Those that this file tells of are told in any case, to other modules.
function M.wants(name, room) return how.wants(name, how.occupants.channel_of(room)); end

local function push(name, room, members)
	members.event, members.channel = name, how.occupants.channel_of(room);
	how.tell(members);
end

-- Tells of the event `name` about `person` (occupants.lib.lua), with the members `more`.
function M.tell(name, room, person, more)
	local members = { occupant = person.occupant, id = person.id, displayName = person.name };
	for key, value in pairs(more) do members[key] = value; end
	push(name, room, members);
end

local person_event = M.tell;

local function occupant_joined(event)
	local room, person = event.room, how.occupants.describe(event.room, event.occupant);
	if not person then return; end
	local channel = how.occupants.channel_of(room);
	if not announced[channel] then
		announced[channel] = true;
		push("room_opened", room, {});
	end
	person_event("joined", room, person, { moderator = person.moderator });
end

-- "kicked" and "banned" by the game or a moderator, "ended" with the room, "lost" with the connection, else "left".
local function why_left(event)
	local room, occupant = event.room, event.occupant;
	local expected = leaving[event.nick];
	leaving[event.nick] = nil;
	if expected then return expected.why, expected.reason; end
	if room.destroying then return "ended", type(room.destroying) == "string" and room.destroying or nil; end
	local presence = event.stanza;
	if presence then
		local status = presence:get_child_text("status") or "";
		return status:find("^Disconnected: ") and "lost" or "left";
	end
	if room:get_affiliation(occupant.bare_jid) == "outcast" then return "banned"; end
	-- Prosody puts out whoever does not answer with a presence of its own making, and whoever is kicked with none.
	for _, last in occupant:each_session() do
		if last.attr.type == "unavailable" then return "lost"; end
	end
	return "kicked";
end

local function occupant_left(event)
	local person = how.occupants.describe(event.room, event.occupant);
	local why, reason = why_left(event);
	if person then person_event("left", event.room, person, { why = why, reason = reason }); end
end

local function affiliation_set(event)
	local is_owner = event.affiliation == "owner";
	if is_owner == (event.previous_affiliation == "owner") then return; end
	for _, person in ipairs(how.occupants.list(event.room, event.jid)) do
		person_event("moderator", event.room, person, { moderator = is_owner });
	end
end

-- A kick by somebody in the room: Prosody tells the reason to all, but not to those who are told of the leaving.
local function presence_sent(event)
	if event.occupant.role == nil and event.reason and not leaving[event.occupant.nick] then
		local is_ban = event.room:get_affiliation(event.occupant.bare_jid) == "outcast";
		M.expect(event.occupant.nick, is_ban and "banned" or "kicked", event.reason);
	end
end

-- `muc`: the MUC component's module API. Leaving is told before moderation.lib.lua forgets the person.
function M.hook(muc)
	for _, room in ipairs(how.occupants.rooms()) do announced[room.channel] = true; end
	muc:hook("muc-occupant-joined", occupant_joined, -20);
	muc:hook("muc-broadcast-presence", presence_sent, -20);
	muc:hook("muc-occupant-left", occupant_left, 20);
	muc:hook("muc-set-affiliation", affiliation_set, -20);
	muc:hook("muc-room-destroyed", function (event)
		local channel = how.occupants.channel_of(event.room);
		if not announced[channel] or how.places.is_breakout(event.room.jid) then return; end
		announced[channel] = nil;
		push("room_closed", event.room, { reason = event.reason });
	end, 20);
end

-- `the_how`: occupants and places (the libraries of these names); wants(event, channel); tell(event).
function M.attach(the_how) how = the_how; end

-- For a reload: which rooms are known to be open.
function M.save() return announced; end
function M.restore(saved) announced = saved or announced; end

return M;
