-- Mutes people: their pages are told to (page_mute.lib.lua), and the bridges hold what a page sends all the same (bridge_mute.lib.lua).
--
-- Muted is the person, not the JID: whoever comes back, or turns the microphone on, is muted again until the game says otherwise.

local jid = require "util.jid";

local bridge_mute = module:require "skotos_bridge/room/bridge_mute";
local page_mute = module:require "skotos_bridge/room/page_mute";
local sources = module:require "skotos_bridge/room/sources";

local M = {};

local asked_of = { audio = { "audio" }, video = { "video", "desktop" }, desktop = { "desktop" } }; -- what a game's mute asks of a page
local JINGLE = "urn:xmpp:jingle:1";
local occupants, decisions, is_service; -- what attach was given

-- What of an occupant is muted: a list of "audio", "video" and, where the game mutes it, "desktop".
function M.muted(room, person)
	local list, presence = {}, person.raw:get_presence();
	local says = presence and sources.muted(presence) or {};
	for _, media in ipairs { "audio", "video" } do
		if says[media] == nil then says[media] = decisions.is_muted(room.jid, person.id, media); end
	end
	says.desktop = decisions.is_muted(room.jid, person.id, "desktop");
	for _, media in ipairs(sources.MEDIA) do
		if says[media] then list[#list + 1] = media; end
	end
	return list;
end

-- Calls `done(results)`, a list of what each job of `jobs` (functions that take what they are to call once) called back with.
local function gather(jobs, done)
	local results, left = {}, #jobs;
	if left == 0 then return done(results); end
	for i, job in ipairs(jobs) do
		job(function (...)
			results[i] = { ... };
			left = left - 1;
			if left == 0 then done(results); end
		end);
	end
end

-- Whether A/V moderation (Jitsi's mod_av_moderation_component) lets somebody turn on a medium by a moderator's leave only, which Jicofo has
-- the bridges hold, too.
local function is_moderated(person, media)
	local allowed = person.room.av_moderation and person.room.av_moderation[media];
	if not allowed or person.moderator then return false; end
	for _, nick in ipairs(allowed) do
		if jid.resource(nick) == person.occupant then return false; end
	end
	return true;
end

-- Has the bridges hold of a person what the game has muted now; what Jicofo has them hold stays.
local function hold(person, done)
	local room = person.room;
	local held = { audio = decisions.is_muted(room.jid, person.id, "audio"), video = decisions.is_muted(room.jid, person.id, "video") };
	local beside = { audio = is_moderated(person, "audio"), video = is_moderated(person, "video") and is_moderated(person, "desktop") };
	bridge_mute.hold(room, person.occupant, held, beside, done or function () end);
end

local function ask_pages(room, found, media, done)
	local jobs = {};
	for _, person in ipairs(found) do
		local focus = occupants.focus(person.room) or occupants.focus(room);
		for _, medium in ipairs(page_mute.to_turn_off(person.raw, asked_of[media])) do
			jobs[#jobs + 1] = function (answered)
				if focus then return page_mute.mute(focus, person.raw, medium, answered); end
				answered(false, ("no focus (Jicofo) is in %q, and Jitsi's pages obey nobody else"):format(jid.node(room.jid)));
			end
		end
	end
	gather(jobs, function (results)
		for _, result in ipairs(results) do
			if not result[1] then return done(false, result[2]); end
		end
		done(true);
	end);
end

-- The worst of what became of all of a person's occupants at the bridges.
local function hold_all(found, done)
	local jobs = {};
	for i, person in ipairs(found) do
		jobs[i] = function (answered) hold(person, answered); end
	end
	gather(jobs, function (results)
		local worst, reason = "held", nil;
		for _, result in ipairs(results) do
			if result[1] ~= "held" then worst, reason = result[1], result[2]; end
		end
		done(worst, reason);
	end);
end

-- What a game is told of a mute: whether it holds, and in which words. `page`: whether the page has confirmed; `state`: as bridge_mute.lib.lua
-- has it, "none" also for what no bridge can hold.
local function verdict(page, page_why, state, bridge_why)
	if state == "held" then return true, page and "OK" or "muted at the bridge; " .. page_why; end
	if not page then return false, page_why .. "; the mute is remembered for that person"; end
	if state == "absent" then return true, "OK; no bridge has that person yet, who is muted there too as soon as one does"; end
	return true, "muted by the page alone, and heard again if that page does as it likes: " .. bridge_why;
end

local function unmute(room, found, media, done)
	decisions.set_muted(room.jid, found[1].id, media, false);
	hold_all(found, function (state, why)
		local text = "not muted by the game any more; no Jitsi page turns a microphone or a camera on but for its own user";
		if state == "failed" then return done(false, ("%s; but %s, and may go on holding it"):format(text, why)); end
		done(true, text);
	end);
end

-- Mutes all occupants of a person (occupants.lib.lua), or lets the person speak again. `done(ok, text)` is called once: what was done, or
-- why it could not be.
function M.set(room, found, media, muted, done)
	local first = found[1];
	if not first.id then return done(false, ("%q came without a token, so that nobody can tell who it is on rejoining"):format(first.name)); end
	if not muted then return unmute(room, found, media, done); end
	decisions.set_muted(room.jid, first.id, media, true);
	gather({
		function (answered) ask_pages(room, found, media, answered); end,
		function (answered)
			if media == "desktop" then return answered("none", "a bridge holds no shared screen apart from the camera"); end
			hold_all(found, answered);
		end,
	}, function (results)
		local page, bridge = results[1], results[2];
		done(verdict(page[1], page[2], bridge[1], bridge[2]));
	end);
end

local function describe(room, nick)
	local occupant = room:get_occupant_by_nick(nick);
	local person = occupant and occupants.describe(room, occupant);
	return person and person.id and person or nil;
end

local function ask_page_again(room, nick)
	local focus, person = occupants.focus(room), describe(room, nick);
	if not focus or not person then return; end
	for _, media in ipairs(page_mute.to_turn_off(person.raw, sources.MEDIA)) do
		if decisions.is_muted(room.jid, person.id, media) and not page_mute.is_waiting(nick, media) then
			page_mute.mute(focus, person.raw, media, function () end);
		end
	end
end

-- Puts into force for the occupant with the JID `nick` what holds for that person now, by another server's decision.
function M.again(room, nick)
	local person = describe(room, nick);
	if not person then return; end
	ask_page_again(room, nick);
	hold(person);
end

-- Somebody has come back; or Jicofo, without whom no page could be asked.
local function occupant_joined(event)
	local room = event.room;
	if not decisions.has_muted(room.jid) then return; end
	local focus = occupants.focus(room);
	if not focus or focus.nick ~= event.nick then return ask_page_again(room, event.nick); end
	for _, person in ipairs(occupants.list(room)) do
		if person.room == room then ask_page_again(room, person.nick); end
	end
end

-- Whoever turns something on is muted again, once everybody has heard of it.
local function presence_sent(event)
	local nick, presence, room = event.occupant.nick, event.stanza, event.room;
	if presence.attr.type ~= nil or not decisions.has_muted(room.jid) then return; end
	for _, is_muted in pairs(sources.muted(presence)) do
		if not is_muted then
			module:add_timer(0, function () ask_page_again(room, nick); end);
			return;
		end
	end
end

-- Jicofo has made an endpoint at a bridge, when a person comes or goes to another bridge, and tells the page: it starts unmuted.
local function iq_comes(event)
	local stanza = event.stanza;
	local jingle = stanza.attr.type == "set" and stanza.tags[1];
	if not jingle or jingle.name ~= "jingle" or jingle.attr.xmlns ~= JINGLE then return; end
	if jingle.attr.action ~= "session-initiate" and jingle.attr.action ~= "transport-replace" then return; end
	local room_jid = jid.bare(stanza.attr.to);
	if not decisions.has_muted(room_jid) then return; end
	local room = prosody.hosts[jid.host(room_jid)].modules.muc.get_room_from_jid(room_jid);
	local person = room and describe(room, stanza.attr.to);
	local muted = person and (decisions.is_muted(room_jid, person.id, "audio") or decisions.is_muted(room_jid, person.id, "video"));
	if muted and is_service(jid.bare(stanza.attr.from)) then hold(person); end
end

-- `muc`: the module API of the MUC component of main or of breakout rooms.
function M.hook(muc)
	page_mute.hook(muc);
	muc:hook("muc-occupant-left", function (event) bridge_mute.forget(event.room, jid.resource(event.nick)); end);
	muc:hook("muc-room-destroyed", function (event) bridge_mute.forget(event.room); end);
	muc:hook("iq/full", iq_comes, 101);
	muc:hook("muc-occupant-joined", occupant_joined, -10);
	muc:hook("muc-broadcast-presence", presence_sent, -11);
end

-- `how`: moderation and occupants (the libraries of these names); is_service(bare); is_players(host).
function M.attach(how)
	occupants, decisions, is_service = how.occupants, how.moderation.decisions, how.is_service;
	bridge_mute.attach { is_service = how.is_service, is_players = how.is_players };
end

-- Whatever is still waited for has failed: `why`.
function M.stop(why)
	page_mute.stop(why);
	bridge_mute.stop(why);
end

return M;
