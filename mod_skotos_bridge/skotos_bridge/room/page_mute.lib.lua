-- Mutes pages as Jicofo does: by its IQ, from the room's focus, which is the only sender that a Jitsi page obeys (jicofo's
-- MuteIqHandler.kt; lib-jitsi-meet's ChatRoom.ts, onMute). A page turns its microphone or camera off, says so in its presence, and
-- sends no answer to the IQ. No page can be made to turn them on again: that is the person's own choice.

local new_id = require "util.id".medium;
local st = require "util.stanza";

local sources = module:require "skotos_bridge/room/sources";

local M = {};

M.WITHIN = 1; -- seconds in which a page has to obey: answers to later requests wait for it, so a page that does not may not hold up logins

local NAMESPACE = "http://jitsi.org/jitmeet/"; -- of a mute IQ, with the medium behind it
local muc; -- what hook was given
local waiting = {}; -- id of an IQ -> { nick =, real =, media =, done = }

-- `why` it failed; nil: it did not.
local function finish(id, why)
	local entry = waiting[id];
	waiting[id] = nil;
	if entry then entry.done(why); end
end

-- Has the sessions of an occupant mute `media`, in the name of the occupant `focus`. `done(ok, why)` is called once, within a second.
function M.mute(focus, occupant, media, done)
	local left, failed = 0, nil;
	local function one_done(why)
		failed = failed or why;
		left = left - 1;
		if left == 0 then done(not failed, failed); end
	end
	for real in occupant:each_session() do
		local id = new_id();
		left = left + 1;
		waiting[id] = { nick = occupant.nick, real = real, media = media, done = one_done };
		muc:add_timer(M.WITHIN, function ()
			finish(id, ("the page did not confirm within %d s that it is muted"):format(M.WITHIN));
		end);
		muc:send(st.iq({ type = "set", id = id, from = focus.nick, to = real })
			:tag("mute", { xmlns = NAMESPACE .. media }):text("true"):up());
	end
	if left == 0 then done(false, "no session is left"); end
end

-- Those of `media` that an occupant's page has still to turn off. A page that says nothing is asked, but not for a screen that it may
-- never have shared.
function M.to_turn_off(occupant, media)
	local presence, list = occupant:get_presence(), {};
	local says = presence and sources.muted(presence) or {};
	for _, medium in ipairs(media) do
		if says[medium] == false or (says[medium] == nil and medium ~= "desktop") then list[#list + 1] = medium; end
	end
	return list;
end

-- Whether a page is being muted already.
function M.is_waiting(nick, media)
	for _, entry in pairs(waiting) do
		if entry.nick == nick and entry.media == media then return true; end
	end
	return false;
end

-- A presence on its way to everybody ends the wait for a page that says in it what it was to do.
local function presence_sent(event)
	local nick, presence = event.occupant.nick, event.stanza;
	if next(waiting) == nil or presence.attr.type ~= nil then return; end
	local says = sources.muted(presence);
	for id, entry in pairs(waiting) do
		if entry.nick == nick and says[entry.media] then finish(id); end
	end
end

local function occupant_left(event)
	for id, entry in pairs(waiting) do
		if entry.nick == event.nick then finish(id, "the person left meanwhile"); end
	end
end

-- The answer of a client to our IQ, which it sends to the focus.
local function iq_answered(event)
	local stanza = event.stanza;
	local entry = waiting[stanza.attr.id];
	if not entry or stanza.attr.from ~= entry.real or (stanza.attr.type ~= "result" and stanza.attr.type ~= "error") then return; end
	if stanza.attr.type == "result" then
		finish(stanza.attr.id);
	else
		local _, condition, text = stanza:get_error();
		finish(stanza.attr.id, ("the client refused: %s"):format(text or condition or "no reason given"));
	end
	return true;
end

-- `the_muc`: the module API of a MUC component.
function M.hook(the_muc)
	muc = the_muc;
	muc:hook("iq/full", iq_answered, 100);
	muc:hook("muc-broadcast-presence", presence_sent, -10);
	muc:hook("muc-occupant-left", occupant_left, 10);
end

-- Whatever is still waited for has failed: `why`.
function M.stop(why)
	for id in pairs(waiting) do finish(id, why); end
end

return M;
