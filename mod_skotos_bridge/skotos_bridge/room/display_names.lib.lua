-- Names are the game's: whoever came with a token is shown by the name in it, whatever his page says, in the room, its breakout rooms and
-- its lobby. Jitsi's pages take the name from an element called nick, of whatever namespace, in each presence (lib-jitsi-meet's ChatRoom.ts).
--
-- Who came without a token keeps the name he likes, unless somebody with a token has it: then he is shown without one.

local jid = require "util.jid";
local st = require "util.stanza";

local fold = module:require "skotos_bridge/room/display_name_fold".fold;

local M = {};

local NICK = "http://jabber.org/protocol/nick";

local setup; -- what attach was given
local keeping = false;
local guests = setmetatable({}, { __mode = "k" }); -- room -> nickname of somebody without a token -> his folded name

-- What pages show of a name's element: its own text, without that of elements in it.
local function own_text(element)
	if not element.tags[1] then return element:get_text(); end
	local parts = {};
	for _, part in ipairs(element) do
		if type(part) == "string" then parts[#parts + 1] = part; end
	end
	return table.concat(parts);
end

-- The name that a presence says, nil for none; and whether it says it as it should, once: pages differ in which of several they show.
local function said(presence)
	local name, sound, count = nil, true, 0;
	for _, tag in ipairs(presence.tags) do
		if tag.name == "nick" then
			local text = own_text(tag);
			if text ~= "" then name = text; end
			count, sound = count + 1, sound and tag.attr.xmlns == NICK and not tag.tags[1];
		end
	end
	return name, sound and count <= 1;
end

local function put(presence, name)
	presence:maptags(function (tag) return tag.name ~= "nick" and tag or nil; end);
	if name then presence:text_tag("nick", name, { xmlns = NICK }); end
end

local function show(room, presence, name, whose)
	local given, sound = said(presence);
	if given == name and sound then return; end
	put(presence, name);
	if given and given ~= name then
		setup.journal:fault("name", "info", ("%s is not shown as %q in %s, %s"):format(presence.attr.from, given, room.jid, whose));
	end
end

-- The name in the token of a session (nil: there is none on this server).
local function name_of(session)
	local bearer = session and setup.bearer.of(session);
	return bearer and bearer.name;
end

-- Whether somebody in the room with a token has the name that folds to `folded`.
local function is_taken(room, folded)
	for _, occupant in pairs(room._occupants) do
		for real in pairs(occupant.sessions) do
			local name = name_of(prosody.full_sessions[real]);
			if name and fold(name) == folded then return true; end
		end
	end
	return false;
end

-- `nick`: what the guest is called in the room, nil unless he is in it already.
local function show_guest(room, nick, presence)
	local name, list = said(presence), guests[room] or {};
	local folded = name and fold(name);
	if folded and not (nick and list[nick] == folded) and is_taken(room, folded) then
		name, folded = nil, nil;
	end
	show(room, presence, name, "a name of the game's: he came without a token");
	if not nick then return; end
	list[nick] = folded;
	guests[room] = list;
end

-- Each presence of somebody's, before anything else reads it: of whoever joins (in the lobby too) or changes.
local function presence_comes(event)
	local room, presence = event.room, event.stanza;
	if not keeping then return; end
	local name = name_of(event.origin); -- asked first, since none of Jitsi's own has a token, and who is one takes longer to tell
	if not name and setup.is_service(jid.bare(presence.attr.from)) then return; end
	if name then return show(room, presence, name, ("but as %q: so the token says"):format(name)); end
	show_guest(room, event.orig_occupant and event.orig_occupant.nick, presence);
end

-- Shows the guest `nick` without the name that he has.
local function take_name(room, nick)
	local occupant = room:get_occupant_by_nick(nick);
	if not occupant then return; end
	for real, presence in pairs(occupant.sessions) do
		presence = st.clone(presence);
		put(presence, nil);
		occupant:set_session(real, presence);
	end
	room:save_occupant(occupant);
	room:publicise_occupant_status(occupant, st.stanza("x", { xmlns = "http://jabber.org/protocol/muc#user" }));
end

local function guest_joined(room, occupant)
	local name = said(occupant:get_presence());
	if not name or setup.is_service(occupant.bare_jid) then return; end
	guests[room] = guests[room] or {};
	guests[room][occupant.nick] = fold(name);
end

local function occupant_joined(event)
	if not keeping then return; end
	local room, list = event.room, guests[event.room];
	local name = name_of(event.origin);
	if not name then return guest_joined(room, event.occupant); end
	if not list or next(list) == nil then return; end
	local folded = fold(name);
	for nick, other in pairs(list) do
		if other == folded then
			list[nick] = nil;
			take_name(room, nick);
		end
	end
end

local function occupant_left(event)
	if guests[event.room] then guests[event.room][event.nick] = nil; end
end

-- A message may name its sender too; pages show that where they know no name of his.
local function message_comes(event)
	if not keeping or event.origin.type ~= "c2s" then return; end
	if not name_of(event.origin) and setup.is_service(jid.bare(event.origin.full_jid)) then return; end
	event.stanza:maptags(function (tag) return tag.name ~= "nick" and tag.name ~= "display-name" and tag or nil; end);
end

-- Whether names are the game's from now on, or what each page says.
function M.keep(the_game_s) keeping = the_game_s; end

-- `muc`: the module API of a MUC component.
function M.hook(muc)
	muc:hook("muc-occupant-pre-join", presence_comes, 50);
	muc:hook("muc-occupant-pre-change", presence_comes, 50);
	muc:hook("muc-occupant-joined", occupant_joined, -30);
	muc:hook("muc-occupant-left", occupant_left);
	muc:hook("muc-occupant-groupchat", message_comes, 60);
	muc:hook("muc-private-message", message_comes, 60);
end

-- `how`: journal; bearer (bearer.lib.lua); is_service(bare), for whom names are as they are.
function M.attach(how) setup = how; end

return M;
