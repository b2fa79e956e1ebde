-- What players send: each stanza is looked at before anybody gets it, and it may go to rooms and services, not to another player.

local jid = require "util.jid";
local st = require "util.stanza";

local shape = module:require "skotos_bridge/room/stanza_shape";

local M = {};

local how; -- what attach was given

local function is_services(stanza) return how.is_service(jid.bare(stanza.attr.from)); end

local function refuse(event, text)
	local stanza = event.stanza;
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" and stanza.name ~= "presence" then
		event.origin.send(st.error_reply(stanza, "modify", "policy-violation", text));
	end
	return true;
end

-- Looks at a player's stanza, and takes out what it may not have; true where nobody is to get it.
local function look(event)
	local stanza = event.stanza;
	local odd = shape.odd_in(stanza);
	local surplus = not odd and shape.surplus_in(stanza);
	if not (odd or surplus) or is_services(stanza) then return; end
	if surplus then
		shape.take_out(stanza, surplus);
		return;
	end
	how.journal:fault("shape", "warn", ("%s sends %s a %s with %s"):format(stanza.attr.from or "?", stanza.attr.to or "the server", stanza.name,
		odd));
	if stanza.name ~= "presence" then return refuse(event, "no page sends that: " .. odd); end
	shape.empty(stanza);
end

-- Players are spoken to in rooms: whoever is banned from theirs has a session still, and knows the JIDs of all who are there, whose pages
-- would take his calls.
local function refuse_direct(event)
	if not is_services(event.stanza) then return refuse(event, "players are spoken to in rooms"); end
end

-- Whether who has a JID on that host is a player or one of Jitsi's programs, which are spoken to in rooms, too.
local function is_direct(host)
	local known = prosody.hosts[host];
	return known and known.type == "local" and (host == how.module.host or how.is_service(host));
end

-- What a session of our host sends, as it goes out.
local function goes_out(event)
	local refused = look(event);
	if refused then return refused; end
	local stanza = event.stanza;
	local node, host, resource = jid.split(stanza.attr.to);
	if node and is_direct(host) and not (host == how.module.host and node == event.origin.username) then return refuse_direct(event); end
	if resource and stanza.name == "message" and stanza.attr.type == "error" and not is_services(stanza) then
		return true; -- pages show its text as the server's; none sends one
	end
end

local function is_our_host_s(session) return session.type == "c2s" and session.host == how.module.host; end

-- What comes to a room from elsewhere; ours has been looked at.
local function comes_in(event)
	if not is_our_host_s(event.origin) then return look(event); end
end

-- What a session of another host of this server, as of guests, sends to those who are spoken to in rooms, or to one of Jitsi's components.
local function goes_out_elsewhere(event)
	local stanza = event.stanza;
	local node, host = jid.split(stanza.attr.to);
	if not host or host == event.origin.host or is_services(stanza) then return; end
	if node and is_direct(host) then return refuse_direct(event); end
	if prosody.hosts[host] and prosody.hosts[host].type == "component" then return look(event); end
end

local function host_activated(host)
	if host == how.module.host or prosody.hosts[host].type ~= "local" then return; end
	how.module:context(host):hook("pre-stanza", goes_out_elsewhere, 1000);
end

-- `muc`: the module API of a MUC component in whose rooms players are or wait.
function M.hook(muc)
	for _, name in ipairs { "iq", "message", "presence" } do
		for _, kind in ipairs { "full", "bare" } do muc:hook(("%s/%s"):format(name, kind), comes_in, 1000); end
	end
end

-- `the_how`: module; journal; is_service(bare), who may send what he likes.
function M.attach(the_how)
	how = the_how;
	how.module:hook("pre-stanza", goes_out, 1000);
	for host in pairs(prosody.hosts) do host_activated(host); end
	how.module:hook_global("host-activated", host_activated);
end

return M;
