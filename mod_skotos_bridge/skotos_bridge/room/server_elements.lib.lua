-- What in a presence is the word of the server or of Jitsi's own programs: who has which affiliation, role and JID, who was put out, what is
-- recorded. Jitsi's pages find it at any depth (lib-jitsi-meet's ChatRoom.ts, recordingXMLUtils.ts, by getElementsByTagName), and believe
-- the first, where Prosody looks at the top only: so it goes from a player's presence wherever it stands.

local jid = require "util.jid";

local M = {};

local MUC_USER = "http://jabber.org/protocol/muc#user";
-- Jicofo's, and the transcriber's. Pages know elements by these names in any namespace, and believe whoever sends them, or has "focus" in
-- his nickname.
local NAMES = {
	["jibri-recording-status"] = true, ["jibri-sip-call-state"] = true, ["transcription-status"] = true, ["call-control"] = true;
};

local how; -- what attach was given

-- Whether `element` is such a word, or holds one at any depth. Pages take an attribute called xmlns, in whatever namespace of its own, for the
-- element's namespace (ChatRoom.ts: `x[*|xmlns="…"]`), where Prosody, which calls it "…\1xmlns", does not.
local function is_forged(element)
	if NAMES[element.name] then return true; end
	for name, value in pairs(element.attr) do
		if value == MUC_USER and name:sub(-5) == "xmlns" then return true; end
	end
	local tags = element.tags;
	for i = 1, #tags do
		if is_forged(tags[i]) then return true; end
	end
	return false;
end

local function unless_forged(element)
	if is_forged(element) then return nil; end
	return element;
end

-- Each presence of somebody's, before anything else reads it: of whoever joins (in the lobby too) or changes. What holds such a word
-- goes as a whole: no page sends one.
local function presence_comes(event)
	local presence = event.stanza;
	if not is_forged(presence) or how.is_service(jid.bare(presence.attr.from)) then return; end
	presence:maptags(unless_forged);
	how.journal:fault("forged", "info", ("%s says in %s what only the server does: taken out of the presence"):format(presence.attr.from,
		event.room.jid));
end

-- `muc`: the module API of a MUC component in whose rooms players are or wait.
function M.hook(muc)
	for _, name in ipairs { "muc-occupant-pre-join", "muc-occupant-pre-change" } do muc:hook(name, presence_comes, 51); end
end

-- `the_how`: journal; is_service(bare), whose presences are as they are.
function M.attach(the_how) how = the_how; end

return M;
