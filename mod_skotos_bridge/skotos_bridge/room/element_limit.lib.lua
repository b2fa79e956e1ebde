-- How many elements a presence or a message has at its top. Whoever wants some of them out, as Prosody's MUC, Jitsi's modules and we do, takes
-- one after the other, and moves all that are behind it (util.stanza's maptags): with the 40000 that fit into a stanza Prosody
-- serves nobody else for seconds. A page sends twenty.

local st = require "util.stanza";

local M = {};

local MOST = 1000; -- some milliseconds

local how; -- what attach was given

local function has_too_many(stanza)
	if #stanza.tags <= MOST then return false; end
	how.journal:fault("elements", "warn", ("%s sends %s a %s with %d elements; more than %d are not taken"):format(stanza.attr.from or "?",
		stanza.attr.to, stanza.name, #stanza.tags, MOST));
	return true;
end

-- Goes on without any: a leave has to be one still, and a join is refused by Prosody, for what it lacks.
local function presence_comes(event)
	local presence = event.stanza;
	if not has_too_many(presence) then return; end
	for i = #presence, 1, -1 do presence[i] = nil; end
	presence.tags = {};
end

local function message_comes(event)
	local message = event.stanza;
	if not has_too_many(message) then return; end
	if message.attr.type ~= "error" then event.origin.send(st.error_reply(message, "modify", "policy-violation", "too many elements")); end
	return true;
end

-- `api`: a module API; `before`: what its events' names begin with.
local function limit(api, before)
	for _, kind in ipairs { "full", "bare" } do
		api:hook(("%spresence/%s"):format(before, kind), presence_comes, 1000);
		api:hook(("%smessage/%s"):format(before, kind), message_comes, 1000);
	end
end

-- `muc`: the module API of a MUC component in whose rooms players are or wait. What comes from elsewhere is seen there.
function M.hook(muc) limit(muc, ""); end

-- `the_how`: module (what its host's sessions send is seen as it goes out); journal.
function M.attach(the_how)
	how = the_how;
	limit(how.module, "pre-");
end

return M;
