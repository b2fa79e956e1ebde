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

-- Of the lists of names `lists`, the entry that differs from `name` only by case, form, or (`is_old`) for being the name's letters in UTF-8 while
-- the game has them in Windows-1252; nil where there is none.
function M.meant(lists, name, is_old)
	local key = name:find("[\128-\255]") and key_of(name);
	for _, list in ipairs(key and lists or {}) do
		for _, entry in ipairs(list) do
			if not is_old and entry:lower() == name:lower() then return nil; end -- in the list: the token is older, or a decision stands against it
			if key_of(entry) == key then return entry; end
		end
	end
	return nil;
end

-- `account` is the name as a list would have to have it, between quotes.
local function tell(account, meant)
	seen[account] = true;
	seen[#seen + 1] = { name = account, meant = meant };
	how.journal:event("warn", ("\"%s\" has come and is no moderator: skotos_moderators has %q, other bytes; the game knows that player as \"%s\"")
		:format(account, meant, account));
end

local function joined(event)
	local visitor = how.moderation.visitor(event.room, event.occupant.bare_jid);
	if not visitor or not visitor.name or visitor.affiliation == "owner" then return; end
	-- luaclib/core/text/windows1252.h: of an old game's account the id spells out what is not UTF-8, as Lua does.
	local is_old = visitor.person ~= nil and visitor.person:find("\\x%x%x") ~= nil;
	local account = is_old and visitor.person or ("%q"):format(visitor.name):sub(2, -2);
	if seen[account] or #seen == MOST then return; end
	local meant = M.meant(how.lists(), visitor.name, is_old);
	if meant then tell(account, meant); end
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
