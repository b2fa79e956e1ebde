-- What this module itself does for one join and one leave, timed inside a live Prosody: the MUC's events are fired as it fires them, at
-- sessions and occupants that exist in its memory only. Posted to mod_rig with N_ROOMS, N_OCCUPANTS, COUNT and TOKEN set
-- in front. Gives "JOIN-NS LEAVE-NS".
local st = require "util.stanza";
local muc_host = "conference.meet.test";
local muc = prosody.hosts[muc_host].modules.muc;
local events, host_events = prosody.hosts[muc_host].events, prosody.hosts["meet.test"].events;

local function room_named(name)
	local jid = name .. "@" .. muc_host;
	return muc.get_room_from_jid(jid) or muc.create_room(jid);
end

for i = 1, N_ROOMS - 1 do room_named("other" .. i); end
local room = room_named("bench");
room.route_stanza = function () end; -- nobody is there to be told

local function occupant(i)
	local real = ("u%d@meet.test/r"):format(i);
	local nick = ("%s/u%d"):format(room.jid, i);
	return room:new_occupant("u" .. i .. "@meet.test", nick), real, nick;
end

for i = 1, N_OCCUPANTS do
	local one, real, nick = occupant(i);
	one.role = "participant";
	one:set_session(real, st.presence { from = real, to = nick });
	room:save_occupant(one);
end

local function session(real)
	return { type = "c2s", full_jid = real, username = real:match "^[^@]+", host = "meet.test", auth_token = TOKEN, send = function (reply) error("refused: " .. tostring(reply)); end, log = function () end };
end

-- Events made beforehand, so that only their handlers are timed.
local joins, leaves = {}, {};
for i = 1, COUNT do
	local one, real, nick = occupant(1000000 + i);
	joins[i] = { room = room, origin = session(real), stanza = st.presence { from = real, to = nick }, occupant = one };
	leaves[i] = { room = room, nick = nick, occupant = one };
end
collectgarbage(); collectgarbage();
collectgarbage("stop"); -- its turns fall where they like, and are longer the more else the server holds
local from = os.clock();
for i = 1, COUNT do events.fire_event("muc-occupant-pre-join", joins[i]); end
local between = os.clock();
for i = 1, COUNT do
	if room:get_affiliation(joins[i].occupant.bare_jid) ~= "owner" then error("a moderator's token made no moderator"); end
end
local again = os.clock();
for i = 1, COUNT do
	events.fire_event("muc-occupant-left", leaves[i]);
	host_events.fire_event("resource-unbind", { session = joins[i].origin }); -- what a token gave ends with its session
end
local till = os.clock();
collectgarbage("restart");
if next(room._affiliations) ~= nil then error("an affiliation stayed behind"); end
for i = 1, N_ROOMS - 1 do muc.forget_room(room_named("other" .. i)); end
muc.forget_room(room);
collectgarbage(); collectgarbage();
return ("%.0f %.0f"):format((between - from) / COUNT * 1e9, (till - again) / COUNT * 1e9);
