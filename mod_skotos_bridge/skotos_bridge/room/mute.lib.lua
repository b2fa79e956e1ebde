-- Mutes people as Jicofo does: by its IQ, from the room's focus, which is the only sender that a Jitsi page obeys (jicofo's
-- MuteIqHandler.kt; lib-jitsi-meet's ChatRoom.ts, onMute). A page turns its microphone or camera off, says so in its presence, and
-- sends no answer to the IQ. No page can be made to turn them on again: that is the person's own choice.
--
-- Muted is the person, not the JID: whoever comes back, or turns the microphone on, is muted again until the game says otherwise.

local jid = require "util.jid";
local new_id = require "util.id".medium;
local st = require "util.stanza";

local sources = module:require "skotos_bridge/room/sources";

local M = {};

M.WITHIN = 1; -- seconds in which a page has to obey: answers to later requests wait for it, so a page that does not may not hold up logins

local NAMESPACE = "http://jitsi.org/jitmeet/"; -- of a mute IQ, with the medium behind it
local asked_of = { audio = { "audio" }, video = { "video", "desktop" }, desktop = { "desktop" } }; -- what a game's mute asks of a page
local occupants, people, muc; -- what attach and hook were given
local waiting = {}; -- id of an IQ -> { nick =, real =, media =, done = }

-- What of an occupant is muted: a list of "audio", "video" and, where the game mutes it, "desktop".
function M.muted(room, person)
	local list, presence = {}, person.raw:get_presence();
	local says = presence and sources.muted(presence) or {};
	for _, media in ipairs { "audio", "video" } do
		if says[media] == nil then says[media] = people.is_muted(room.jid, person.id, media); end
	end
	says.desktop = people.is_muted(room.jid, person.id, "desktop");
	for _, media in ipairs(sources.MEDIA) do
		if says[media] then list[#list + 1] = media; end
	end
	return list;
end

local function finish(id, ok, why)
	local entry = waiting[id];
	waiting[id] = nil;
	if entry then entry.done(ok, why); end
end

-- Tells the sessions of an occupant to mute `media`. `done(ok, why)` is called once.
local function send(focus, occupant, media, done)
	local left, failed = 0, nil;
	local function one_done(ok, why)
		if not ok then failed = failed or why; end
		left = left - 1;
		if left == 0 then done(not failed, failed); end
	end
	for real in occupant:each_session() do
		local id = new_id();
		left = left + 1;
		waiting[id] = { nick = occupant.nick, real = real, media = media, done = one_done };
		muc:add_timer(M.WITHIN, function ()
			finish(id, false, ("the page did not confirm within %d s that it is muted"):format(M.WITHIN));
		end);
		muc:send(st.iq({ type = "set", id = id, from = focus.nick, to = real })
			:tag("mute", { xmlns = NAMESPACE .. media }):text("true"):up());
	end
	if left == 0 then done(false, "no session is left"); end
end

-- Those of `media` that an occupant's page has still to turn off. A page that says nothing is asked, but not for a screen that it may
-- never have shared.
local function to_turn_off(occupant, media)
	local presence, list = occupant:get_presence(), {};
	local says = presence and sources.muted(presence) or {};
	for _, medium in ipairs(media) do
		if says[medium] == false or (says[medium] == nil and medium ~= "desktop") then list[#list + 1] = medium; end
	end
	return list;
end

-- Mutes all occupants of a person (occupants.lib.lua), or lets the person speak again. `done(ok, text)` is called once: what was done, or
-- why it could not be.
function M.set(room, found, media, muted, done)
	local first = found[1];
	if not first.id then return done(false, ("%q came without a token, so that nobody can tell who it is on rejoining"):format(first.name)); end
	if not muted then
		people.set_muted(room.jid, first.id, media, false);
		return done(true, "not muted by the game any more; no Jitsi page turns a microphone or a camera on but for its own user");
	end
	if not occupants.focus(first.room) then return done(false, ("no focus (Jicofo) is in %q, and Jitsi's pages obey nobody else"):format(jid.node(room.jid))); end
	people.set_muted(room.jid, first.id, media, true);
	local left, failed = 1, nil;
	local function answered(ok, why)
		if not ok then failed = failed or why; end
		left = left - 1;
		if left == 0 then done(not failed, failed and failed .. "; the mute is remembered for that person" or "OK"); end
	end
	for _, person in ipairs(found) do
		for _, medium in ipairs(to_turn_off(person.raw, asked_of[media])) do
			left = left + 1;
			send(occupants.focus(person.room) or occupants.focus(first.room), person.raw, medium, answered);
		end
	end
	answered(true);
end

local function is_waiting(nick, media)
	for _, entry in pairs(waiting) do
		if entry.nick == nick and entry.media == media then return true; end
	end
	return false;
end

-- Somebody with the JID `nick` in the room may have to be silent: has come back, has turned a microphone on, or another server has
-- decided it.
function M.again(room, nick)
	local occupant, focus = room:get_occupant_by_nick(nick), occupants.focus(room);
	local person = occupant and focus and occupants.describe(room, occupant);
	if not person or not person.id then return; end
	for _, media in ipairs(to_turn_off(occupant, sources.MEDIA)) do
		if people.is_muted(room.jid, person.id, media) and not is_waiting(nick, media) then send(focus, occupant, media, function () end); end
	end
end

local function occupant_joined(event) M.again(event.room, event.nick); end

-- A presence on its way to everybody: what it says ends the wait of a mute, or begins one once everybody has it.
local function presence_sent(event)
	local nick, presence, room = event.occupant.nick, event.stanza, event.room;
	if presence.attr.type ~= nil then return; end
	if next(waiting) == nil and not people.has_muted(room.jid) then return; end
	local says = sources.muted(presence);
	for id, entry in pairs(waiting) do
		if entry.nick == nick and says[entry.media] then finish(id, true); end
	end
	if says.audio == false or says.video == false or says.desktop == false then
		muc:add_timer(0, function () M.again(room, nick); end);
	end
end

local function occupant_left(event)
	for id, entry in pairs(waiting) do
		if entry.nick == event.nick then finish(id, false, "the person left meanwhile"); end
	end
end

-- The answer of a client to our IQ, which it sends to the focus.
local function iq_answered(event)
	local stanza = event.stanza;
	local entry = waiting[stanza.attr.id];
	if not entry or stanza.attr.from ~= entry.real or (stanza.attr.type ~= "result" and stanza.attr.type ~= "error") then return; end
	if stanza.attr.type == "result" then
		finish(stanza.attr.id, true);
	else
		local _, condition, text = stanza:get_error();
		finish(stanza.attr.id, false, ("the client refused: %s"):format(text or condition or "no reason given"));
	end
	return true;
end

function M.hook(the_muc)
	muc = the_muc;
	muc:hook("iq/full", iq_answered, 100);
	muc:hook("muc-occupant-joined", occupant_joined, -10);
	muc:hook("muc-broadcast-presence", presence_sent, -10);
	muc:hook("muc-occupant-left", occupant_left, 10);
end

function M.attach(how) occupants, people = how.occupants, how.moderation.people; end

-- Whatever is still waited for has failed: `why`.
function M.stop(why)
	for id in pairs(waiting) do finish(id, false, why); end
end

return M;
