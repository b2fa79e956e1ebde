-- What is decided about a person reaches all of that person's connections in the room and in its breakout rooms: decided by a moderator's
-- page, by a game's command or on another shard.

local jid = require "util.jid";

local M = {};

local how; -- what attach was given

-- Calls `act`(bare, own) for each connection that came with a token of `person`.
local function each_connection(main_jid, person, act)
	local found = {};
	for bare, own in pairs(how.affiliations.list(main_jid)) do
		if own.person == person then found[bare] = own; end
	end
	for bare, own in pairs(found) do act(bare, own); end
end

local enforce = {};

function enforce.moderator(main, person, value)
	if value == nil then return true; end -- the token decides again, when he joins again
	local ok, why = true, nil;
	each_connection(main.jid, person, function (bare, own)
		if own.affiliation == "outcast" then return; end
		local changed, err = how.affiliations.change(main, bare, value and "owner" or "member");
		if not changed then ok, why = nil, err; end
	end);
	return ok, why;
end

function enforce.ban(main, person)
	if how.decisions.is_banned(main.jid, person) then
		for _, occupant in ipairs(how.occupants.list(main)) do
			if occupant.id == person then
				how.events.expect(occupant.nick, "banned");
				how.expel.expel(occupant, nil, true);
			end
		end
		return;
	end
	each_connection(main.jid, person, function (bare, own)
		if own.affiliation == "outcast" then how.affiliations.change(main, bare, "none"); end
	end);
end

-- The bridges hold what is muted, or let it go; a page turns nothing on again but for its own user.
local function mute_again(main, person)
	for _, occupant in ipairs(how.occupants.list(main)) do
		if occupant.id == person then how.mute.again(occupant.room, occupant.nick); end
	end
end
enforce.audio, enforce.video, enforce.desktop = mute_again, mute_again, mute_again;

-- Puts a decision (decisions.lib.lua, apply) into force for whoever of that person is in the main room or in its breakout rooms. Nil and why
-- not, where it cannot be.
function M.enforce(main_jid, kind, person, value)
	local muc = how.places.main_muc();
	local main = muc and muc.get_room_from_jid(main_jid);
	if not main or not enforce[kind] then return true; end
	return enforce[kind](main, person, value);
end

-- A moderator's page has changed somebody's affiliation, in the main room or in a breakout room of it. "none" for somebody who is not in
-- the room is no decision: Jitsi's mod_muc_meeting_id sets it after a kick.
local function decided(event)
	local room, bare = event.room, jid.bare(event.jid);
	local main_jid = how.places.main_jid(room.jid);
	local own = main_jid and how.affiliations.list(main_jid)[bare];
	if not own or own.affiliation == event.affiliation then return; end
	local before, after = own.affiliation, event.affiliation;
	own.affiliation = after;
	local person = own.person;
	if not person then return; end
	if after == "outcast" then
		how.decisions.ban(main_jid, person);
		how.affiliations.change(how.places.main_of(room), bare, "outcast");
		M.enforce(main_jid, "ban", person);
	elseif before == "outcast" then
		how.decisions.unban(main_jid, person);
		M.enforce(main_jid, "ban", person);
	elseif event.actor and (before == "owner") ~= (after == "owner") and (after ~= "none" or event.in_room) then
		how.decisions.set_moderator(main_jid, person, after == "owner");
		how.count("grants", after == "owner" and "made" or "unmade");
		M.enforce(main_jid, "moderator", person, after == "owner");
	end
end

-- `muc`: the module API of either MUC component.
function M.hook(muc) muc:hook("muc-set-affiliation", decided); end

-- `the_how`: count(metric, label), and the libraries places, people, affiliations, occupants, events, expel and mute.
function M.attach(the_how) how = the_how; end

return M;
