-- The rooms in which Jicofo finds its bridges and recorders. Whoever is in one counts as one of them, and has the voices sent to him; Jitsi's
-- templates leave their component, internal.auth.HOST, open to everybody who logs in (but for Docker's, by muc_filter_access).

local jid = require "util.jid";
local st = require "util.stanza";

local M = {};

local NAMES = "brewery$"; -- jvbbrewery, jibribrewery, jigasibrewery, by Jicofo's own default
local WITHOUT_ACCOUNT = { anonymous = true, ["jitsi-anonymous"] = true, token = true, skotos_bridge = true };

local how; -- what attach was given

-- Whether the bare JID is a program's: it has logged in here with an account, or is on a host that Jitsi's muc_filter_access lets pass.
local function is_program(muc, bare)
	local host = jid.host(bare);
	return how.is_admin(bare) or muc:get_option_set("muc_filter_whitelist", {}):contains(host)
		or (prosody.hosts[host] ~= nil and not WITHOUT_ACCOUNT[module:context(host):get_option("authentication")]);
end

local function check(event, muc)
	local room, bare = event.room, jid.bare(event.stanza.attr.from);
	if not jid.node(room.jid):find(NAMES) or is_program(muc, bare) then return; end
	how.count("entries_refused", "brewery");
	how.journal:fault("brewery", "warn", ("%s may not enter %s, where Jicofo finds its bridges: he has no account here"):format(bare, room.jid));
	event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", "for Jitsi's own programs only", room.jid));
	return true;
end

local function hook(host)
	local muc = module:context(host);
	if how.is_players(host) or muc:get_option_string("component_module") ~= "muc" then return; end
	for _, name in ipairs { "muc-room-pre-create", "muc-occupant-pre-join" } do
		muc:hook(name, function (event) return check(event, muc); end, 100);
	end
end

-- `the_how`: journal, count(metric, label), is_admin(bare); is_players(host), whether players open rooms on that component.
function M.attach(the_how)
	how = the_how;
	for host in pairs(prosody.hosts) do hook(host); end
	module:hook_global("host-activated", hook);
end

return M;
