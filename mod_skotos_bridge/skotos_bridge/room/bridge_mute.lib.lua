-- Mutes people at Jitsi's bridges, where no page can undo it: force-mute of COLIBRI2 (jitsi-videobridge's Colibri2ConferenceHandler.kt), by
-- an IQ from an address in the room in which Jicofo finds the bridges. Jicofo does not know of it and leaves it as it is; an endpoint that
-- is made anew starts unmuted. A bridge can hold what is heard and what is seen, a shared screen not apart from the camera.

local new_id = require "util.id".medium;
local st = require "util.stanza";

local M = {};

M.WITHIN = 1; -- seconds in which a bridge has to answer

local BREWERY = "jvbbrewery"; -- the room of the bridges, by Jicofo's own default
local ADDRESS = "skotos-bridge"; -- what we are called there
local COLIBRI = "jitsi:colibri2";

local how; -- what attach was given
local waiting = {}; -- id of an IQ -> { bridge = JID, done = }
local hooked = {}; -- MUC component of bridges -> Prosody's session of it, once its answers are heard

local function finish(id, state, why)
	local entry = waiting[id];
	waiting[id] = nil;
	if entry then entry.done(state, why); end
end

local function answered(event)
	local stanza = event.stanza;
	local entry = waiting[stanza.attr.id];
	if not entry or stanza.attr.from ~= entry.bridge then return; end
	if stanza.attr.type == "result" then
		finish(stanza.attr.id, "held");
	elseif stanza.attr.type == "error" then
		local _, condition, text = stanza:get_error();
		local is_elsewhere = condition == "item-not-found"; -- it has no such meeting, or not this endpoint
		finish(stanza.attr.id, is_elsewhere and "absent" or "failed", ("a bridge refused: %s"):format(text or condition or "no reason given"));
	end
	return true;
end

local function listen(host)
	if hooked[host] == prosody.hosts[host] then return; end
	hooked[host] = prosody.hosts[host];
	module:context(host):hook("iq/full", answered, 100);
end

-- The room of the bridges and its MUC component; nil where they are on another server. Not on a component where players open rooms.
local function brewery()
	for host, session in pairs(prosody.hosts) do
		local muc = not how.is_players(host) and session.modules and session.modules.muc;
		local room = muc and muc.get_room_from_jid and muc.get_room_from_jid(BREWERY .. "@" .. host);
		if room then return room, host; end
	end
end

local function ask(host, room, bridge, meeting, endpoint, held, done)
	local id = new_id();
	waiting[id] = { bridge = bridge, done = done };
	module:add_timer(M.WITHIN, function () finish(id, "failed", ("a bridge did not answer within %d s"):format(M.WITHIN)); end);
	module:context(host):send(st.iq({ type = "get", id = id, from = room.jid .. "/" .. ADDRESS, to = bridge })
		:tag("conference-modify", { xmlns = COLIBRI, ["meeting-id"] = meeting }):tag("endpoint", { id = endpoint })
		:tag("force-mute", { audio = tostring(held.audio), video = tostring(held.video) }));
end

-- The bridges of `room` (brewery), by their JIDs: all but Jicofo.
local function bridges_of(room)
	local list = {};
	for nick, occupant in room:each_occupant() do
		if nick ~= room.jid .. "/focus" and how.is_service(occupant.bare_jid) then list[#list + 1] = occupant.jid; end
	end
	return list;
end

-- Has the bridges hold, or let go, what an occupant sends: `held` = { audio =, video = } (true or false). `done(state, why)` is called once,
-- within a second: "held" when a bridge did so; "absent" when none has that occupant (yet); "failed" and why; "none" and why, where there
-- is no bridge to be asked.
function M.hold(occupant_room, nickname, held, done)
	local room, host = brewery();
	local meeting = occupant_room._data.meetingId;
	if not room then return done("none", "no bridges (no room " .. BREWERY .. ") are on this Prosody"); end
	if not meeting then return done("none", "the room has no meeting's id (mod_muc_meeting_id is not loaded)"); end
	local bridges = bridges_of(room);
	if #bridges == 0 then return done("none", "no bridge is there"); end
	listen(host);
	local left, best, reason = #bridges, "absent", nil;
	local function one_done(state, why)
		if state == "held" or (state == "failed" and best ~= "held") then best, reason = state, why; end
		left = left - 1;
		if left == 0 then done(best, best == "failed" and reason or nil); end
	end
	for _, bridge in ipairs(bridges) do ask(host, room, bridge, meeting, nickname, held, one_done); end
end

-- Whatever is still waited for has failed: `why`.
function M.stop(why)
	for id in pairs(waiting) do finish(id, "failed", why); end
end

-- `the_how`: is_service(bare); is_players(host), whether players open rooms on that component.
function M.attach(the_how) how = the_how; end

return M;
