-- Mutes people at Jitsi's bridges, where no page can undo it: force-mute of COLIBRI2 (jitsi-videobridge's Colibri2ConferenceHandler.kt), by
-- an IQ from an address in the room in which Jicofo finds the bridges. Jicofo does not know of it: an endpoint that it makes anew starts
-- unmuted, and what it has a bridge do itself, for A/V moderation, is told that bridge together with ours. A bridge can hold what is heard
-- and what is seen, a shared screen not apart from the camera.

local jid = require "util.jid";
local new_id = require "util.id".medium;
local st = require "util.stanza";

local M = {};

M.WITHIN = 1; -- seconds in which a bridge has to answer

local BREWERY = "jvbbrewery"; -- the room of the bridges, by Jicofo's own default
local ADDRESS = "skotos-bridge"; -- what we are called there
local COLIBRI = "jitsi:colibri2";

local how; -- what attach was given
local waiting = {}; -- id of an IQ -> { bridge = JID, done = }
local hooked = {}; -- host -> Prosody's session of it, once our hooks are there
local holding = {}; -- meeting's id -> nickname -> { audio =, video = }, for those of whom something is held

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

local function set_held(force_mute, held)
	for _, media in ipairs { "audio", "video" } do
		if held[media] then force_mute.attr[media] = "true"; end
	end
end

-- Jicofo tells a bridge both media of an endpoint at once, whichever it means.
local function told_by_jicofo(event)
	local modify = event.stanza.tags[1];
	if not modify or modify.name ~= "conference-modify" or modify.attr.xmlns ~= COLIBRI then return; end
	local meeting = holding[modify.attr["meeting-id"]];
	if not meeting then return; end
	for endpoint in modify:childtags("endpoint") do
		local force_mute, held = endpoint:get_child("force-mute"), meeting[endpoint.attr.id];
		if force_mute and held then set_held(force_mute, held); end
	end
end

local function hook_once(host, name, handler)
	if hooked[host] == prosody.hosts[host] then return; end
	hooked[host] = prosody.hosts[host];
	module:context(host):hook(name, handler, 100);
end

-- The room of the bridges and its MUC component; nil where they are on another server. Not on a component where players open rooms.
local function brewery()
	for host, session in pairs(prosody.hosts) do
		local muc = not how.is_players(host) and session.modules and session.modules.muc;
		local room = muc and muc.get_room_from_jid and muc.get_room_from_jid(BREWERY .. "@" .. host);
		if room then return room, host; end
	end
end

local function ask(host, room, bridge, meeting, endpoint, all, done)
	local id = new_id();
	waiting[id] = { bridge = bridge, done = done };
	module:add_timer(M.WITHIN, function () finish(id, "failed", ("a bridge did not answer within %d s"):format(M.WITHIN)); end);
	module:context(host):send(st.iq({ type = "get", id = id, from = room.jid .. "/" .. ADDRESS, to = bridge })
		:tag("conference-modify", { xmlns = COLIBRI, ["meeting-id"] = meeting }):tag("endpoint", { id = endpoint })
		:tag("force-mute", { audio = tostring(all.audio), video = tostring(all.video) }));
end

-- The bridges of `room` (brewery), by their JIDs: all but Jicofo.
local function bridges_of(room)
	local list = {};
	for nick, occupant in room:each_occupant() do
		if nick ~= room.jid .. "/focus" and how.is_service(occupant.bare_jid) then list[#list + 1] = occupant.jid; end
	end
	return list;
end

local function remember(meeting, nickname, held)
	local list = holding[meeting] or {};
	list[nickname] = (held.audio or held.video) and held or nil;
	holding[meeting] = next(list) and list or nil;
end

-- Has the bridges hold, or let go, what an occupant sends: `held` = { audio =, video = } (true or false), and hold what is true in `beside`,
-- as Jicofo has them do. `done(state, why)` is called once,
-- within a second: "held" when a bridge did so; "absent" when none has that occupant (yet); "failed" and why; "none" and why, where there
-- is no bridge to be asked.
function M.hold(occupant_room, nickname, held, beside, done)
	local room, host = brewery();
	local meeting = occupant_room._data.meetingId;
	if not room then return done("none", "no bridges (no room " .. BREWERY .. ") are on this Prosody"); end
	if not meeting then return done("none", "the room has no meeting's id (mod_muc_meeting_id is not loaded)"); end
	local bridges = bridges_of(room);
	if #bridges == 0 then return done("none", "no bridge is there"); end
	hook_once(host, "iq/full", answered);
	remember(meeting, nickname, held);
	local all = { audio = held.audio or beside.audio, video = held.video or beside.video };
	local left, best, reason = #bridges, "absent", nil;
	local function one_done(state, why)
		if state == "held" or (state == "failed" and best ~= "held") then best, reason = state, why; end
		left = left - 1;
		if left == 0 then done(best, best == "failed" and reason or nil); end
	end
	for _, bridge in ipairs(bridges) do
		hook_once(jid.host(bridge), "iq/full", told_by_jicofo);
		ask(host, room, bridge, meeting, nickname, all, one_done);
	end
end

-- Whoever had this nickname in the room (nil: all) is there no more.
function M.forget(room, nickname)
	local meeting = room._data.meetingId;
	if not meeting then return; end
	if nickname then remember(meeting, nickname, {}); else holding[meeting] = nil; end
end

-- Whatever is still waited for has failed: `why`.
function M.stop(why)
	for id in pairs(waiting) do finish(id, "failed", why); end
end

-- `the_how`: is_service(bare); is_players(host), whether players open rooms on that component.
function M.attach(the_how) how = the_how; end

return M;
