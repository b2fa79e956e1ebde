-- What tokens gave in the main rooms: an affiliation each, from the first presence on, for as long as its session is on this server. (Who
-- is in a breakout room has left the main one, and Jitsi's module asks the main room what he is.)
--
-- It is given with the events of room:set_affiliation, for which Jitsi's permissions and others wait, but without its message: of somebody
-- who is not in the room yet that one tells every occupant (muc.lib.lua, "Announce affiliation change"), 150 times for the 150th join.

local jid = require "util.jid";

local person = module:require "skotos_bridge/login/person";
local occupants_of = module:require "skotos_bridge/room/occupants_of";

local M = {};

local how; -- what attach was given
local given = {}; -- JID of a main room -> bare JID -> { affiliation =, person =, name = }
local unsure = {}; -- key of a join that is not decided yet -> what holds if it is refused

local function given_in(main_jid)
	given[main_jid] = given[main_jid] or {};
	return given[main_jid];
end

-- All that tokens gave in a main room: bare JID -> { affiliation =, person = (nil where the token names none), name = }.
function M.list(main_jid) return given[main_jid] or {}; end

-- The same of one bare JID, in any room; nil for whoever came without a token.
function M.visitor(room, bare) return M.list(how.places.main_jid(room.jid))[bare]; end

-- What room:set_affiliation does, in its order, for somebody who is not in the room. False when another module does not allow it.
local function set_unseen(room, bare, affiliation)
	local fire = prosody.hosts[jid.host(room.jid)].events.fire_event;
	local event = {
		room = room, jid = bare, affiliation = affiliation or "none", previous_affiliation = room._affiliations[bare] or "none";
		previous_data = room._affiliation_data[bare];
	};
	fire("muc-pre-set-affiliation", event);
	if event.allowed == false then return false; end
	room._affiliations[bare] = affiliation;
	if event.data or not affiliation then room._affiliation_data[bare] = affiliation and event.data; end
	event.in_room = false;
	-- Prosody looks through all affiliations for reserved nicknames again when one was set (muc/register.lib.lua): at each join, of all who
	-- are there. Nothing of them is new where what is kept of the person is as it was.
	local reserved = room._affiliation_data[bare] == event.previous_data and room._reserved_nicks or nil;
	fire("muc-set-affiliation", event);
	room._reserved_nicks = reserved;
	return true;
end

-- For all to see, where there is somebody to be seen. Nil and why not.
local function set(room, bare, affiliation)
	if room._affiliations[bare] == affiliation or not occupants_of.is_in(room, bare) then
		if not set_unseen(room, bare, affiliation) then return nil, "another module does not allow it"; end
		return true;
	end
	local ok, _, condition = room:set_affiliation(true, bare, affiliation or "none");
	return ok, condition;
end

local function take_back(main, bare, own)
	if main._affiliations[bare] == "outcast" then return; end -- a ban stays, and may be lifted
	local list = given[main.jid];
	list[bare] = nil;
	if next(list) == nil then given[main.jid] = nil; end
	if main._affiliations[bare] == own.affiliation then set(main, bare, nil); end
end

-- Whether it was changed after it was given, by the game or by a moderator: some modules have a join wait.
local function is_changed(join)
	local own = M.list(join.main.jid)[join.bare];
	return own ~= nil and own.affiliation ~= join.given;
end

local function undo(join)
	local own = M.list(join.main.jid)[join.bare];
	if not own or (join.own and is_changed(join)) then return; end
	if not join.own then return take_back(join.main, join.bare, own); end
	own.affiliation = join.own;
	if join.main._affiliations[join.bare] ~= join.affiliation then set(join.main, join.bare, join.affiliation); end
end

local function key_of(main, bare) return main.jid .. "\n" .. bare; end

local function remember(main, bare, own, affiliation)
	local key = key_of(main, bare);
	unsure[key] = unsure[key] or { main = main, bare = bare, own = own and own.affiliation, affiliation = main._affiliations[bare] };
	unsure[key].given = affiliation;
end

-- Runs around all that look at a join, of which each may refuse it after it has been given something; one that fails refuses it, too.
-- Whoever is refused has nothing any more when his next stanza is read.
local function decide(handlers, name, event)
	local ok, refused = xpcall(handlers, debug.traceback, name, event);
	local main = next(unsure) ~= nil and how.places.main_of(event.room);
	local bare = main and jid.bare(event.stanza.attr.from);
	local join = main and unsure[key_of(main, bare)];
	if join then
		unsure[key_of(main, bare)] = nil;
		if refused then
			undo(join);
		elseif is_changed(join) then
			event.occupant.role = event.room:get_default_role(event.room:get_affiliation(bare));
		end
	end
	if not ok then error(refused, 0); end
	return refused;
end

local function visitor_of(claims, affiliation)
	return { affiliation = affiliation, person = person.id_of(claims), name = person.name_of(claims) };
end

-- Gives `affiliation` to the bare JID that is about to join `room`, a main room or a breakout room of one, with verified claims, unless it is
-- an outcast there, whom Prosody turns away only later; gives back what it has then (nil: nothing). Taken back when the join is refused.
function M.give(room, bare, affiliation, claims)
	local main = how.places.main_of(room);
	if not main or main._affiliations[bare] == "outcast" then return room:get_affiliation(bare); end
	local list = given_in(main.jid);
	remember(main, bare, list[bare], affiliation);
	list[bare] = visitor_of(claims, affiliation);
	-- Told at each join of the main room, as Jitsi's own modules do: its pages are sent their permissions for it.
	if (room == main or main._affiliations[bare] ~= affiliation) and not set(main, bare, affiliation) then
		list[bare].affiliation = main._affiliations[bare] or "none";
	end
	return main._affiliations[bare];
end

-- Changes what somebody who came with a token is in a main room and in its breakout rooms, for all to see; "none" takes it from him.
-- Nil and why not.
function M.change(main, bare, affiliation)
	local own = M.list(main.jid)[bare];
	if not own then return nil, "came without a token"; end
	own.affiliation = affiliation;
	if (main._affiliations[bare] or "none") ~= affiliation then
		local ok, why = set(main, bare, affiliation ~= "none" and affiliation or nil);
		if not ok then return nil, why; end
	end
	for _, room in ipairs(how.places.rooms_of(main.jid)) do
		for nick in pairs(room ~= main and occupants_of.nicks(room, bare) or {}) do
			room:set_role(true, nick, (room:get_default_role(affiliation)));
		end
	end
	return true;
end

local function end_all_of(bare)
	local muc = how.places.main_muc();
	for main_jid, list in pairs(given) do
		local main = list[bare] and muc and muc.get_room_from_jid(main_jid);
		if main then take_back(main, bare, list[bare]); end
	end
end

local function session_ended(event)
	local bare = jid.join(event.session.username, event.session.host);
	if not prosody.bare_sessions[bare] then end_all_of(bare); end
end

-- Of a session on another host we do not hear when it ends.
local function left(event)
	local bare = event.occupant.bare_jid;
	local own = M.list(event.room.jid)[bare];
	if own and jid.host(bare) ~= how.module.host and not occupants_of.is_in(event.room, bare) then take_back(event.room, bare, own); end
end

-- Finds again what tokens had given in a main room when the module was loaded.
local function recognise(main)
	local list, seen = M.list(main.jid), {};
	for bare in pairs(main._affiliations) do seen[bare] = true; end
	for _, room in ipairs(how.places.rooms_of(main.jid)) do
		for _, occupant in pairs(room._occupants) do seen[occupant.bare_jid] = true; end
	end
	for bare in pairs(seen) do
		local claims = not list[bare] and how.claims.of_bare(bare);
		if claims then given_in(main.jid)[bare] = visitor_of(claims, main._affiliations[bare] or "none"); end
	end
end

-- `muc`: the module API of either MUC component.
function M.hook(muc)
	muc:wrap_event("muc-occupant-pre-join", decide);
	muc:hook("muc-occupant-left", left);
	muc:hook("muc-room-destroyed", function (event) given[event.room.jid] = nil; end, -10);
	local rooms = how.places.main_muc();
	for main in rooms and rooms.live_rooms() or function () end do recognise(main); end
end

-- `the_how`: module, places, people and claims (the libraries of these names).
function M.attach(the_how)
	how = the_how;
	how.module:hook("resource-unbind", session_ended, -1000); -- Prosody sees it out of the rooms at the same event
end

-- What was given stays with those who have it.
function M.detach()
	for key, join in pairs(unsure) do
		unsure[key] = nil;
		undo(join);
	end
	given = {};
end

-- For a reload of the module.
function M.save() return given; end
function M.restore(saved) given = saved or {}; end

return M;
