-- Who is a moderator in a room: those whose token says so, from their first presence on, and nobody else.
--
-- No method of a room is replaced. An occupant's affiliation is put into the room's own table before the join is announced:
-- room:set_affiliation would tell every occupant of it in a message of its own (muc.lib.lua, "Announce affiliation change").

local jid = require "util.jid";
local st = require "util.stanza";
local usermanager = require "core.usermanager";

local checked_lib = module:require "skotos_bridge/login/checked";
local guards = module:require "skotos_bridge/room/guards";
local people = module:require "skotos_bridge/room/people";
local room_claim = module:require "skotos_bridge/login/room_claim";

local M = {};

local setup; -- what attach was given
local given = setmetatable({}, { __mode = "k" }); -- room -> bare JID -> { affiliation =, person =, name = }

M.people = people; -- what was decided, for others: every module:require makes a people of its own

local function is_admin(bare)
	if setup.admins:contains(bare) then return true; end
	-- Prosody 13 has roles beside the option.
	local role = usermanager.get_jid_role and usermanager.get_jid_role(bare, setup.muc_host);
	return role ~= nil and (role.name == "prosody:admin" or role.name == "prosody:operator");
end

M.is_admin = is_admin;

local function given_in(room)
	local list = given[room];
	if not list then
		list = {};
		given[room] = list;
	end
	return list;
end

-- What a token gave to the occupant with this bare JID: { affiliation =, person =, name = }; nil when there was none.
function M.visitor(room, bare) return given[room] and given[room][bare]; end

-- Makes somebody who came with a token a moderator, or a member; everybody in the room sees it. Nil and why not.
function M.set_moderator(room, bare, is_moderator)
	local own = given_in(room)[bare];
	if not own then return nil, "came without a token"; end
	own.affiliation = is_moderator and "owner" or "member";
	local ok, _, condition = room:set_affiliation(true, bare, own.affiliation);
	if not ok then return nil, condition; end
	return true;
end

-- The verified claims of a session, nil without a token; nil and the refusal when its token does not hold. Kept on the session only, and
-- only where the login of this host has checked them: expiry is asked when one logs in, not when one changes rooms.
local function claims_of(session)
	local token = session.auth_token;
	if not token then return nil; end
	local logged_in = checked_lib.by_login(session, setup.module.host);
	local checked = session.skotos_checked;
	if logged_in and checked and checked.token == token and checked.checker == setup.checker() then return checked.claims, checked.refusal; end
	local claims, refusal = setup.checker():check(token, os.time(), { ignore_exp = logged_in });
	if logged_in then session.skotos_checked = { token = token, checker = setup.checker(), claims = claims, refusal = refusal }; end
	return claims, refusal;
end

M.claims_of = claims_of;

local function refuse(event, type, condition, text)
	event.origin.send(st.error_reply(event.stanza, type, condition, text, event.room.jid));
	return true;
end

-- A token must hold, be for this room, and not belong to somebody who was thrown out of it.
local function check_entry(event)
	local room, stanza = event.room, event.stanza;
	local bare = jid.bare(stanza.attr.from);
	if is_admin(bare) then return; end
	local claims, refusal = claims_of(event.origin);
	if refusal then
		setup.count("entries_refused", refusal.code);
		setup.journal:fault("entry " .. refusal.code, "warn", ("%s may not enter %s: %s"):format(bare, room.jid, refusal.text));
		return refuse(event, "cancel", refusal.condition, refusal.client);
	end
	if not claims then return; end
	local _, domain = setup.checker();
	if not room_claim.opens(setup.bridge, claims, jid.node(room.jid), domain) then
		setup.count("entries_refused", "room");
		setup.journal:fault("entry room", "warn", ("%s may not enter %s: the token is for the room %q"):format(bare, room.jid, claims.room));
		return refuse(event, "cancel", "not-allowed", "token is for another room");
	end
	local banned, until_time = people.is_banned(room.jid, people.id_of(claims));
	if banned then
		setup.count("entries_refused", "banned");
		setup.journal:fault("entry banned", "info", ("%s may not enter %s: that person is banned until %s"):format(bare, room.jid,
			until_time and os.date("!%Y-%m-%dT%H:%M:%SZ", until_time) or "the room ends"));
		return refuse(event, "auth", "forbidden", "banned from this room");
	end
end

-- A decision made in the room goes before what the token says.
local function is_moderator(room, claims)
	local decision = people.decision(room.jid, people.id_of(claims));
	if decision ~= nil then return decision; end
	return setup.bridge.is_moderator(claims);
end

local function set_before_join(event, affiliation, claims)
	local room, occupant = event.room, event.occupant;
	room._affiliations[occupant.bare_jid] = affiliation;
	local before = given_in(room)[occupant.bare_jid];
	local own = {
		affiliation = affiliation, person = people.id_of(claims), name = people.name_of(claims);
		nicks = before and before.nicks or {}; -- occupant JIDs that the bare JID came in with; some may be gone
	};
	own.nicks[occupant.nick] = true;
	given_in(room)[occupant.bare_jid] = own;
	occupant.role = room:get_default_role(affiliation);
end

-- The bare JID of whoever is joining; nil where another one has that nickname, whose occupant the event then shows. Prosody refuses that
-- join only after the event.
local function joining(event)
	local bare = jid.bare(event.stanza.attr.from);
	return event.occupant.bare_jid == bare and bare or nil;
end

-- Before the lobby's gate: a moderator need not wait in it.
local function admit_moderator(event)
	local bare = joining(event);
	if not bare or is_admin(bare) then return; end
	-- Prosody turns an outcast away only later, at -10: he must still be one then.
	if event.room:get_affiliation(bare) == "outcast" then return; end
	local claims = claims_of(event.origin);
	if claims and is_moderator(event.room, claims) then
		set_before_join(event, "owner", claims);
		setup.journal:event("info", ("%s is a moderator of %s"):format(event.stanza.attr.from, event.room.jid));
	end
end

-- Behind all gates: who has come so far with a token is a member, which opens no door that was closed.
local function admit_member(event)
	local room, bare = event.room, joining(event);
	if not bare or is_admin(bare) then return; end
	local claims = claims_of(event.origin);
	if not claims or is_moderator(room, claims) then return; end
	local affiliation = room:get_affiliation(bare);
	if affiliation == "outcast" then return; end
	set_before_join(event, "member", claims);
end

local function may_own(room, wanted, by)
	local bare = jid.bare(wanted);
	if is_admin(bare) then return true; end
	local own = given_in(room)[bare];
	if not own then return false; end -- came without a token: never an owner, whoever asks
	if own.affiliation == "owner" then return true; end
	if setup.may_grant and by then
		local actor = given_in(room)[jid.bare(by)];
		return actor ~= nil and actor.affiliation == "owner";
	end
	return false;
end

local function joined(event)
	local own = given_in(event.room)[event.occupant.bare_jid];
	if own then setup.count("joins", own.affiliation == "owner" and "moderator" or "member"); end
end

-- A ban, its end, and who was made or unmade a moderator by somebody in the room: all hold for the person.
local function remember_decision(event)
	local own = given_in(event.room)[jid.bare(event.jid)];
	if not own then return; end
	local before, after = own.affiliation, event.affiliation;
	own.affiliation = after;
	if not own.person then return; end
	if after == "outcast" then
		people.ban(event.room.jid, own.person);
	elseif event.previous_affiliation == "outcast" then
		people.unban(event.room.jid, own.person);
	elseif event.actor and (before == "owner") ~= (after == "owner") then
		people.set_moderator(event.room.jid, own.person, after == "owner");
		setup.count("grants", after == "owner" and "made" or "unmade");
	end
end

-- What the token gave ends with the visit; a ban stays.
local function take_back(event)
	local room, bare = event.room, event.occupant.bare_jid;
	local own = given_in(room)[bare];
	-- Whoever is banned while in the room leaves it before muc-set-affiliation is fired, which has to know the person still.
	if not own or room:get_affiliation(bare) == "outcast" then return; end
	-- A new nickname is told as the end of the old one, before the new one is in the room.
	local stanza = event.stanza;
	if stanza and stanza.attr.type == nil then
		own.nicks[stanza.attr.to] = true;
		return;
	end
	-- Not room:each_occupant, which copies every occupant: a full room would be copied for each one who leaves it.
	for nick in pairs(own.nicks) do
		local other = nick ~= event.nick and room._occupants[nick];
		if other and other.bare_jid == bare then return; end
	end
	if room._affiliations[bare] == own.affiliation then room._affiliations[bare] = nil; end
	given_in(room)[bare] = nil;
end

local function room_destroyed(event)
	if not setup.outlives_room then people.forget(event.room.jid); end
	given[event.room] = nil;
end

local function hook_muc()
	local muc = setup.module:context(setup.muc_host);
	setup.admins = muc:get_option_inherited_set("admins", {}) / jid.prep;
	if setup.hooked then return; end
	setup.hooked = true;
	muc:hook("muc-room-pre-create", check_entry, 99);
	muc:hook("muc-occupant-pre-join", check_entry, 99);
	muc:hook("muc-occupant-pre-join", admit_moderator, -3.5);
	muc:hook("muc-occupant-pre-join", admit_member, -31); -- members-only is at -5, the password at -20, the lock at -30
	guards.hook(muc);
	muc:hook("muc-set-affiliation", remember_decision);
	muc:hook("muc-occupant-joined", joined);
	muc:hook("muc-occupant-left", take_back);
	muc:hook("muc-room-destroyed", room_destroyed);
	for _, hook in ipairs(setup.hooks or {}) do hook(muc); end
end

-- Moderates the rooms of `how.muc_host` (which may start later) with what `how.checker()` gives: the checker, and with
-- enable_domain_verification the domain that a token's `sub` must name. `how.hooks` are functions that get the MUC's module API each time
-- it starts. With `how.outlives_room` what was decided in a room is kept after its end, until people.forget.
function M.attach(how)
	setup = how;
	guards.attach { may_own = may_own, count = how.count, journal = how.journal };
	if prosody.hosts[how.muc_host] then
		hook_muc();
	end
	how.module:hook_global("host-activated", function (host)
		if host == how.muc_host then
			setup.hooked = nil;
			hook_muc();
		end
	end);
	local function missing()
		if not prosody.hosts[how.muc_host] then
			how.journal:event("error", ("there is no MUC component %s, so nobody is made a moderator; set main_muc to the right one"):format(how.muc_host));
		end
	end
	if prosody.start_time and os.time() - prosody.start_time > 5 then missing(); else how.module:hook_global("server-started", missing); end
end

-- Leaves the rooms as Prosody alone would have them: what was given stays with those who are in.
function M.detach()
	given = setmetatable({}, { __mode = "k" });
end

-- What a reload must not forget: bans and decisions, and who has what from a token.
function M.save()
	local by_jid = {};
	for room, list in pairs(given) do by_jid[room.jid] = list; end
	return { people = people.save(), given = by_jid };
end

function M.restore(saved)
	people.restore(saved and saved.people);
	local host = prosody.hosts[setup.muc_host];
	local muc = host and host.modules and host.modules.muc;
	for room_jid, list in pairs(saved and saved.given or {}) do
		local room = muc and muc.get_room_from_jid(room_jid);
		if room then given[room] = list; end
	end
end

return M;
