-- Who may have a room send something to somebody. Prosody's MUC forwards an invitation and its refusal (XEP-0045, section 7.8.2) for
-- anybody, in the room or not, with whatever stands beside it, and puts the room's password to an invitation. A page takes what comes from
-- the room for the room's own word.

local jid = require "util.jid";
local st = require "util.stanza";

local M = {};

local MUC_USER = "http://jabber.org/protocol/muc#user";

local how; -- what attach was given

local function refuse(event)
	event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", nil, event.room.jid));
	return true;
end

-- Invited is by who is in the room, as a moderator's page does with who waits in its lobby, and by a moderator who is elsewhere, as in a
-- breakout room.
local function check_invitation(event)
	local room, from = event.room, event.stanza.attr.from;
	if room:get_occupant_by_real_jid(from) or room:get_affiliation(from) == "owner" or how.is_service(jid.bare(from)) then return; end
	return refuse(event);
end

-- No page refuses an invitation.
local function check_refusal(event)
	if not how.is_service(jid.bare(event.stanza.attr.from)) then return refuse(event); end
end

local function take_rest_away(event)
	event.stanza:maptags(function (tag) return tag.attr.xmlns == MUC_USER and tag or nil; end);
end

-- `muc`: the module API of a MUC component in whose rooms players are or wait.
function M.hook(muc)
	muc:hook("muc-pre-invite", check_invitation, 100);
	muc:hook("muc-pre-decline", check_refusal, 100);
	muc:hook("muc-invite", take_rest_away, 100);
end

-- `the_how`: is_service(bare).
function M.attach(the_how) how = the_how; end

return M;
