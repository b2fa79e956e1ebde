-- Who may give what in a room: asked before Prosody acts, since Prosody acts on a part of an admin request (XEP-0045, sections 9 and 10)
-- before it asks for rights: whoever sends <item affiliation= jid= nick=/> puts the holder of that nickname out, and on 13 writes into what
-- the room keeps about that JID.

local jid = require "util.jid";
local resourceprep = require "util.encodings".stringprep.resourceprep;
local st = require "util.stanza";

local FOCUS = module:require "skotos_bridge/room/services".FOCUS;

local M = {};

local how; -- what attach was given

local function guard_affiliation(event)
	if (event.affiliation ~= "owner" and event.affiliation ~= "admin") or how.may_own(event.room, event.jid, event.actor) then return; end
	event.allowed = false;
	event.error = { type = "cancel", condition = "not-allowed" };
	if not event.actor and not event.room:has_occupant() then return; end -- Prosody itself, for whoever opens the room: not worth a word
	how.count("grants_refused", event.affiliation);
	how.journal:fault("owner", "info", ("%s does not become %s of %s: no moderator's token%s"):format(event.jid, event.affiliation,
		event.room.jid, event.actor and (" (asked by " .. event.actor .. ")") or ""));
end

local function guard_role(event)
	if event.role ~= "moderator" or how.may_own(event.room, event.occupant.bare_jid, event.actor) then return; end
	how.count("grants_refused", "moderator");
	how.journal:fault("role", "info", ("%s does not become a moderator of %s: no moderator's token"):format(event.occupant.nick, event.room.jid));
	event.allowed, event.error, event.condition = false, "cancel", "not-allowed";
end

-- Whether `from` may ask for what `item` says at all: an affiliation by one of the owners, a role by one of the moderators, too.
local function may_ask(room, from, item)
	local affiliation = room:get_affiliation(from);
	if affiliation == "owner" or affiliation == "admin" then return true; end
	local occupant = not item.attr.affiliation and room:get_occupant_by_real_jid(from);
	return occupant and occupant.role == "moderator";
end

-- Whether `item` reserves a nickname that somebody else has, or Jicofo's, which it would keep out.
local function takes_nickname(room, item)
	local nick = item.attr.affiliation and item.attr.jid and item.attr.nick and resourceprep(item.attr.nick);
	if nick == FOCUS then return true; end
	local holder = nick and room:get_occupant_by_nick(room.jid .. "/" .. nick);
	return holder and holder.bare_jid ~= jid.prep(item.attr.jid);
end

local function room_of(stanza)
	local host = prosody.hosts[jid.host(stanza.attr.to)];
	return host and host.modules.muc and host.modules.muc.get_room_from_jid(jid.bare(stanza.attr.to));
end

local function refuse(event, room)
	event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", nil, room.jid));
	return true;
end

local function guard_request(event)
	local stanza = event.stanza;
	local room = room_of(stanza);
	if not room then return; end -- Prosody answers that well
	-- Prosody obeys the first item, Jitsi's lobby module (2026) all of them.
	for _, item in ipairs(stanza.tags[1].tags) do
		if not may_ask(room, stanza.attr.from, item) or takes_nickname(room, item) then return refuse(event, room); end
	end
end

-- No player reserves a nickname: whoever comes by one of another's is turned away, Jicofo too.
local function guard_registration(event)
	local stanza = event.stanza;
	local room = stanza.attr.type == "set" and room_of(stanza);
	if room and not how.is_service(jid.bare(stanza.attr.from)) then return refuse(event, room); end
end

-- `muc`: the module API of the MUC component whose rooms are guarded.
function M.hook(muc)
	muc:hook("muc-pre-set-affiliation", guard_affiliation, 100);
	muc:hook("muc-pre-set-role", guard_role, 100);
	for _, kind in ipairs { "bare", "host" } do
		muc:hook("iq-set/" .. kind .. "/http://jabber.org/protocol/muc#admin:query", guard_request, 100);
	end
	muc:hook("iq/bare/jabber:iq:register:query", guard_registration, 100);
end

-- `the_how`: may_own(room, jid, actor), which tells whether the JID may become an owner of the room when `actor` (a JID, or nil: the server)
-- asks for it; is_service(bare); count and journal as elsewhere.
function M.attach(the_how) how = the_how; end

return M;
