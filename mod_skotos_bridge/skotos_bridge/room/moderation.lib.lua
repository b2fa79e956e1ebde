-- Who is a moderator in a room: those whose token says so, from their first presence on, and nobody else. No method of a room is replaced.
-- The rules are in parts: who may enter (door), what a token gives (affiliations), who may give what to others (guards), and whom a decision
-- reaches (decision_reach).

local jid = require "util.jid";
local usermanager = require "core.usermanager";

local person = module:require "skotos_bridge/login/person";
local affiliations = module:require "skotos_bridge/room/affiliations";
local claims = module:require "skotos_bridge/room/claims";
local decisions = module:require "skotos_bridge/room/decisions";
local door = module:require "skotos_bridge/room/door";
local reach = module:require "skotos_bridge/room/decision_reach";
local guards = module:require "skotos_bridge/room/guards";

-- These as they are here, for others: every module:require makes a new one.
local M = { decisions = decisions, affiliations = affiliations, claims = claims, door = door, reach = reach };

local setup; -- what attach was given
local admins = {}; -- MUC component -> set of its admins' bare JIDs

-- Whether a bare JID is an admin of the main rooms' MUC: Jicofo, the bridges, recorders.
function M.is_admin(bare)
	if admins[setup.muc_host] and admins[setup.muc_host]:contains(bare) then return true; end
	-- Prosody 13 has roles beside the option.
	local role = usermanager.get_jid_role and usermanager.get_jid_role(bare, setup.muc_host);
	return role ~= nil and (role.name == "prosody:admin" or role.name == "prosody:operator");
end

-- What a token gave in the room to this bare JID: { affiliation =, person =, name = }; nil when there was none.
M.visitor = affiliations.visitor;

-- A decision made in the room goes before what the token says.
local function is_moderator(room, of)
	local decision = decisions.decision(room.jid, person.id_of(of));
	if decision ~= nil then return decision; end
	return setup.bridge.is_moderator(of);
end

-- The bare JID of whoever is joining; nil for an admin, and where another one has that nickname, whose occupant the event then shows:
-- Prosody refuses that join only after the event.
local function joining(event)
	local bare = jid.bare(event.stanza.attr.from);
	if event.occupant.bare_jid ~= bare or M.is_admin(bare) then return nil; end
	return bare;
end

local function admit(event, bare, affiliation, of)
	event.occupant.role = event.room:get_default_role(affiliations.give(event.room, bare, affiliation, of));
end

-- Before the lobby's gate: a moderator need not wait in it. Of anybody else it leaves in the event what the token says.
local function admit_moderator(event)
	local bare = joining(event);
	local of = bare and claims.of(event.origin);
	if not of then return; end
	if not is_moderator(event.room, of) then
		event.skotos_member = { bare = bare, claims = of };
		return;
	end
	admit(event, bare, "owner", of);
end

-- Behind all gates: who has come so far with a token is a member, which opens no door that was closed.
local function admit_member(event)
	local member = event.skotos_member;
	if member and event.occupant.bare_jid == member.bare then admit(event, member.bare, "member", member.claims); end
end

local function may_own(room, wanted, by)
	local bare = jid.bare(wanted);
	if M.is_admin(bare) then return true; end
	local own = M.visitor(room, bare);
	if not own then return false; end -- came without a token: never an owner, whoever asks
	if own.affiliation == "owner" then return true; end
	local actor = setup.may_grant and by and M.visitor(room, jid.bare(by));
	return actor and actor.affiliation == "owner" or false;
end

local function joined(event)
	local own = M.visitor(event.room, event.occupant.bare_jid);
	if not own then return; end
	local is_owner = own.affiliation == "owner";
	setup.count("joins", is_owner and "moderator" or "member");
	if is_owner then setup.journal:event("info", ("%s is a moderator of %s"):format(event.stanza.attr.from, event.room.jid)); end
end

local function room_destroyed(event)
	if not setup.outlives_room and not setup.places.is_breakout(event.room.jid) then decisions.forget(event.room.jid); end
end

local function hook_muc(host)
	local muc = setup.module:context(host);
	admins[host] = muc:get_option_inherited_set("admins", {}) / jid.prep;
	muc:hook("muc-occupant-pre-join", admit_moderator, -3.5);
	muc:hook("muc-occupant-pre-join", admit_member, -31); -- members-only is at -5, the password at -20, the lock at -30
	muc:hook("muc-occupant-joined", joined);
	for _, part in ipairs { door, guards, reach, affiliations } do part.hook(muc); end
	for _, hook in ipairs(setup.hooks or {}) do hook(muc); end
	muc:hook("muc-room-destroyed", room_destroyed, -20);
end

local function attach_parts(how)
	local parts = {
		module = how.module, muc_host = how.muc_host, bridge = how.bridge, journal = how.journal, count = how.count, verifier = how.verifier;
		is_admin = M.is_admin, is_service = how.is_service, may_own = may_own;
		places = how.places, decisions = decisions, claims = claims, affiliations = affiliations;
		occupants = how.occupants, events = how.events, expel = how.expel, mute = how.mute;
	};
	decisions.attach { main_jid = how.places.main_jid };
	for _, part in ipairs { claims, affiliations, door, guards, reach } do part.attach(parts); end
end

-- Moderates the rooms of `how.muc_host` and of `how.breakout_host` (which may start later, the second perhaps never) with what
-- `how.verifier()` gives: the verifier, and with enable_domain_verification the domain that a token's `sub` must name. `how.hooks` are functions
-- that get the module API of each of the two when it starts. With `how.outlives_room` what was decided in a room is kept after its end,
-- until decisions.forget. `how.may_grant`: may a moderator make others moderators.
function M.attach(how)
	setup = how;
	attach_parts(how);
	for _, host in ipairs { how.muc_host, how.breakout_host } do
		if prosody.hosts[host] then hook_muc(host); end
	end
	how.module:hook_global("host-activated", function (host)
		if host == how.muc_host or host == how.breakout_host then hook_muc(host); end
	end);
	local function missing()
		if not prosody.hosts[how.muc_host] then
			how.journal:event("error", ("there is no MUC component %s, so nobody is made a moderator; set main_muc to the right one"):format(how.muc_host));
		end
	end
	if prosody.start_time and os.time() - prosody.start_time > 5 then missing(); else how.module:hook_global("server-started", missing); end
end

-- Leaves the rooms as Prosody alone would have them: what was given stays with those who are in.
function M.detach() affiliations.detach(); end

-- What a reload must not forget: bans and decisions, and who has what from a token.
function M.save() return { decisions = decisions.save(), given = affiliations.save() }; end

function M.restore(saved)
	decisions.restore(saved and saved.decisions);
	affiliations.restore(saved and saved.given);
end

return M;
