-- Whom the administrator may have meant: players whose name is in no list of moderators (skotos_moderators), but differs from one there
-- only by the case of letters beyond A to Z, or by its Unicode form ("é" in one character or in two). The game compares bytes, and so does
-- the bridge (luaclib/core/text/name_list.h); this one only tells, in the log and to "check".

local stringprep = require "util.encodings".stringprep;

local M = {};

local MOST = 20; -- names remembered

local how; -- what attach was given
local seen = {}; -- a list of { name =, meant = }, and name -> true

-- RFC 3491: NFKC, without case. Nil for what no name can hold.
local function key_of(name) return stringprep.nameprep(name); end

-- Of the lists of names `lists`, the entry that differs from `name` only by case or form; nil where there is none.
function M.meant(lists, name)
	local key = name:find("[\128-\255]") and key_of(name);
	for _, list in ipairs(key and lists or {}) do
		for _, entry in ipairs(list) do
			if entry:lower() == name:lower() then return nil; end -- in the list: the token is older, or a decision stands against it
			if key_of(entry) == key then return entry; end
		end
	end
	return nil;
end

local function tell(name, meant)
	seen[name] = true;
	seen[#seen + 1] = { name = name, meant = meant };
	how.journal:event("warn", ("%q has come and is no moderator: skotos_moderators has %q, other bytes; the game knows that player as %q")
		:format(name, meant, name));
end

local function joined(event)
	local visitor = how.moderation.visitor(event.room, event.occupant.bare_jid);
	if not visitor or not visitor.name or visitor.affiliation == "owner" or seen[visitor.name] or #seen == MOST then return; end
	local meant = M.meant(how.lists(), visitor.name);
	if meant then tell(visitor.name, meant); end
end

-- `muc`: the MUC component's module API.
function M.hook(muc) muc:hook("muc-occupant-joined", joined, -1); end

-- The names that were told of: a list of { name =, meant = } (what the list has).
function M.seen()
	local list = {};
	for i, one in ipairs(seen) do list[i] = one; end
	return list;
end

-- The lists have changed: what is near to an entry is told anew.
function M.forget() seen = {}; end

-- `the_how`: { journal =, moderation =, lists = function () return the games' lists of moderators end }.
function M.attach(the_how) how = the_how; end

return M;
