-- What people do in a room, as their pages say it through Prosody, for those games that want to know: said, hand, muted, speaking, renamed
-- (lib-jitsi-meet's ChatRoom.ts, JitsiConference.ts, SpeakerStatsCollector.ts). Nothing is kept for it but what a presence cannot tell, and
-- nothing is read unless somebody has asked.

local jid = require "util.jid";

local sources = module:require "skotos_bridge/room/sources";

local M = {};

local NICK = "http://jabber.org/protocol/nick";
local MUTE = "^http://jitsi%.org/jitmeet/(%l+)$"; -- namespace of Jicofo's mute IQ

local how; -- what attach was given
local asked = {}; -- JID of an occupant, LF, medium -> who has him muted: a nickname in the room
local speaker = {}; -- JID of a room -> JID of the occupant who spoke last

local function said(event)
	local room, stanza = event.room, event.stanza;
	local text = event.occupant and stanza:get_child_text("body");
	if not text or not how.events.wants("said", room) then return; end
	local person = how.occupants.describe(room, event.occupant);
	text = how.bridge.printable(text);
	if person and text ~= "" then how.events.tell("said", room, person, { text = text }); end
end

local function is_raised(presence)
	local text = presence:get_child_text("jitsi_participant_raisedHand");
	return text ~= nil and text ~= "" and text ~= "0" and text ~= "false";
end

local function hand(room, person, before, after)
	local raised = is_raised(after);
	if raised ~= (before ~= nil and is_raised(before)) then how.events.tell("hand", room, person, { raised = raised }); end
end

-- The members that say who has turned off `medium`: nobody can turn it on but the person.
local function by_whom(room, person, medium, is_muted)
	local key = person.nick .. "\n" .. medium;
	local nickname = asked[key];
	asked[key] = nil;
	local main = how.places.main_jid(room.jid);
	if is_muted and main and how.decisions.is_muted(main, person.id, medium) then return { by = "game" }; end
	if not is_muted or not nickname then return { by = "self" }; end
	local moderator = room:get_occupant_by_nick(room.jid .. "/" .. nickname);
	moderator = moderator and how.occupants.describe(room, moderator);
	return { by = "moderator", actor = moderator and moderator.id };
end

-- Somebody of whom nothing was said yet has been silent.
local function muted(room, person, before, after)
	local was, is = before and sources.muted(before) or {}, sources.muted(after);
	for _, medium in ipairs(sources.MEDIA) do
		local is_muted = is[medium] ~= false;
		if is_muted ~= (was[medium] ~= false) then
			local members = by_whom(room, person, medium, is_muted);
			members.media, members.muted = medium, is_muted;
			how.events.tell("muted", room, person, members);
		end
	end
end

local function renamed(room, person, before, after)
	local was, is = before and before:get_child_text("nick", NICK), after:get_child_text("nick", NICK);
	if before and was ~= is then
		how.events.tell("renamed", room, person, { was = how.bridge.printable(was or ""), shown = how.bridge.printable(is or "") });
	end
end

local of_presence = { hand = hand, muted = muted, renamed = renamed };
local in_order = { "renamed", "muted", "hand" };

-- `before`: the presence that everybody has so far; nil when the person has just come.
local function compare(room, occupant, before, after)
	local person;
	for _, name in ipairs(in_order) do
		if how.events.wants(name, room) then
			person = person or how.occupants.describe(room, occupant);
			if not person then return; end
			of_presence[name](room, person, before, after);
		end
	end
end

-- Behind every module that may refuse the presence.
local function presence_comes(event)
	local occupant, presence = event.dest_occupant, event.stanza;
	if presence.attr.type ~= nil or occupant.nick ~= event.orig_occupant.nick then return; end
	compare(event.room, occupant, event.orig_occupant:get_presence(presence.attr.from), presence);
end

local function occupant_joined(event)
	compare(event.room, event.occupant, nil, event.occupant:get_presence());
end

-- Jicofo passes a moderator's wish on to the page. The game's own (mute.lib.lua) does not come this way.
local function iq_comes(event)
	local stanza = event.stanza;
	local mute = stanza.attr.type == "set" and stanza.tags[1];
	local medium = mute and mute.name == "mute" and (mute.attr.xmlns or ""):match(MUTE);
	if not medium or mute:get_text() ~= "true" or not how.is_service(jid.bare(stanza.attr.from)) then return; end
	local _, _, actor = jid.split(mute.attr.actor);
	if actor and how.events.wants("muted", { jid = jid.bare(stanza.attr.to) }) then asked[stanza.attr.to .. "\n" .. medium] = actor; end
end

local function occupant_left(event)
	for _, medium in ipairs(sources.MEDIA) do asked[event.nick .. "\n" .. medium] = nil; end
	if speaker[event.room.jid] == event.nick then speaker[event.room.jid] = nil; end
end

-- Whoever becomes the dominant speaker says so to the component speakerstats.
local function speaker_says(event)
	local stats = event.stanza:get_child("speakerstats", "http://jitsi.org/jitmeet");
	if not stats or stats.attr.silence == "true" or event.stanza.attr.type == "error" then return; end
	local room = how.places.room_of(stats.attr.room, event.origin);
	local nick = room and room:get_occupant_jid(event.stanza.attr.from);
	if not nick or speaker[room.jid] == nick or not how.events.wants("speaking", room) then return; end
	local person = how.occupants.describe(room, room:get_occupant_by_nick(nick));
	if not person then return; end
	speaker[room.jid] = nick;
	how.events.tell("speaking", room, person, {});
end

-- `muc`: the module API of the MUC component of main or of breakout rooms.
function M.hook(muc)
	muc:hook("muc-occupant-groupchat", said, -1000);
	muc:hook("muc-occupant-pre-change", presence_comes, -1000);
	muc:hook("muc-occupant-joined", occupant_joined, -40);
	muc:hook("muc-occupant-left", occupant_left, -40);
	muc:hook("muc-room-destroyed", function (event) speaker[event.room.jid] = nil; end, -40);
	muc:hook("iq/full", iq_comes, 101);
end

-- `component`: the module API of Jitsi's component speakerstats.
function M.hook_speakerstats(component) component:hook("message/host", speaker_says, 100); end

-- `the_how`: bridge; the libraries events, occupants, decisions and places; is_service(bare).
function M.attach(the_how) how = the_how; end

return M;
