-- Who may enter a room: whoever has a token for it, or needs none, and is not banned. Every refusal is `not-allowed`, of type cancel, with
-- a text: all others a Jitsi page takes for something else, or for an error of its own (lib-jitsi-meet's ChatRoom.ts, onPresenceError).

local jid = require "util.jid";
local st = require "util.stanza";

local person = module:require "skotos_bridge/login/person";
local room_claim = module:require "skotos_bridge/login/room_claim";
local FOCUS = module:require "skotos_bridge/room/services".FOCUS;

local M = {};

local how; -- what attach was given
local allowlist; -- JIDs and domains that come without a token, as Jitsi's token_verification has them

local function refuse(event, code, level, why, text)
	local room = event.room;
	how.count("entries_refused", code);
	how.journal:fault("entry " .. code, level, ("%s may not enter %s: %s"):format(jid.bare(event.stanza.attr.from), room.jid, why));
	event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", text, room.jid));
	return true;
end

local function needs_no_token(bare)
	return how.module:get_option_boolean("allow_empty_token", false) or allowlist:contains(bare) or allowlist:contains(jid.host(bare));
end

local function is_for(claims, main_jid)
	local _, domain = how.verifier();
	return room_claim.opens(how.bridge, claims, jid.node(main_jid), domain);
end

-- Who has Jicofo's nickname keeps Jicofo out, when it comes or comes back.
local function check_nickname(event)
	local stanza = event.stanza;
	if jid.resource(stanza.attr.to) ~= FOCUS or how.is_service(jid.bare(stanza.attr.from)) then return; end
	return refuse(event, "nickname", "warn", ("the nickname %q is Jicofo's"):format(FOCUS), "that nickname is Jicofo's");
end

-- No page does, and Prosody tells of a change as of somebody who leaves, and of nobody who comes.
local function check_change(event)
	local old, new = event.orig_occupant, event.dest_occupant;
	if not old or not new or old.nick == new.nick or how.is_service(jid.bare(event.stanza.attr.from)) then return; end
	return refuse(event, "nickname", "info", "in that room already, and no nickname changes", "nicknames do not change");
end

-- A lobby is opened by Jitsi's module: a player who did so would be its owner, and no lobby could be opened in its place.
local function check_opening(event)
	local room = event.room;
	if how.places.main_jid(room.jid) == room.jid or how.places.is_breakout(room.jid) then return; end
	if how.is_service(jid.bare(event.stanza.attr.from)) then return; end
	return refuse(event, "lobby", "info", "that room has no lobby", "that room has no lobby");
end

local function check(event)
	local room, bare = event.room, jid.bare(event.stanza.attr.from);
	if how.is_admin(bare) then return; end
	local main_jid = how.places.main_jid(room.jid) or room.jid;
	local claims, refusal = how.claims.of(event.origin);
	if refusal then return refuse(event, refusal.code, "warn", refusal.text, refusal.client); end
	if not claims and not needs_no_token(bare) then return refuse(event, "none", "warn", "it brings no token", "token required"); end
	if claims and not is_for(claims, main_jid) then
		return refuse(event, "room", "warn", room_claim.describe(claims, select(2, how.verifier())), "token is for another room");
	end
	-- A room's setting of Jitsi's (2026): nobody without a token of its own tenant.
	local foreign = not claims or room_claim.is_of_another_tenant(claims, event.origin);
	if foreign and room._data and room._data.allowUnauthenticatedAccess == false then
		return refuse(event, "tenant", "info", "that room wants a token of its own tenant", "authentication required");
	end
	local banned, until_time = how.decisions.is_banned(main_jid, person.id_of(claims));
	if banned or room:get_affiliation(bare) == "outcast" then
		local ends = until_time and os.date("!%Y-%m-%dT%H:%M:%SZ", until_time) or "the room ends";
		return refuse(event, "banned", "info", "that person is banned until " .. ends, "banned from this room");
	end
end

-- `muc`: the module API of either MUC component.
function M.hook(muc)
	allowlist = how.module:context(how.muc_host):get_option_set("token_verification_allowlist", {});
	for _, name in ipairs { "muc-room-pre-create", "muc-occupant-pre-join" } do
		muc:hook(name, check, 99);
		muc:hook(name, check_nickname, 98.5);
	end
	muc:hook("muc-occupant-pre-change", check_nickname, 99);
	muc:hook("muc-occupant-pre-change", check_change, 98.5);
	muc:hook("muc-room-pre-create", check_opening, 98);
end

-- `the_how`: module, muc_host, bridge, journal, count(metric, label), verifier() for the verifier and the domain that `sub` must name (nil: any),
-- is_admin(bare), is_service(bare), and the libraries places, decisions and claims.
function M.attach(the_how) how = the_how; end

return M;
