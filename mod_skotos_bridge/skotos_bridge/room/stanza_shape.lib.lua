-- What a player's stanza is made of. Prosody passes nearly everything on, and whoever gets it reads it otherwise, or breaks on it:
-- - one element after the other is taken out of a stanza by whoever wants some of them out, as Prosody's MUC, Jitsi's modules and we do, each
--   time moving all that are behind it (util.stanza's maptags): with the 40000 that fit into one Prosody serves nobody else for seconds;
-- - an attribute or element xml:foo is sent on with the XML namespace bound anew, which no parser may take (Namespaces in XML 1.0, section
--   3), and Java's takes no name without end: Jicofo's and the bridges' connections end;
-- - a stanza within a stanza is one of its own to Jicofo, from whoever it says, where what is before it does not parse (Smack's
--   PacketParserUtils); a date (delay), an address or an error without its attributes ends Jicofo's connection, again and again, since it
--   is resumed; a priority that is no number makes it miss the presence;
-- - an element of the stream's own namespace ends a page's connection (strophe.js, websocket.js); sources as JSON in an IQ that is not
--   Jicofo's take the page's ear for Jicofo away (lib-jitsi-meet's strophe.jingle.js);
-- - a leave with an error in it is none to Jicofo (ChatRoomImpl.kt): he goes on hearing the room that nobody sees him in;
-- - a subject with a text beside it is a subject to all pages, whoever sends it (ChatRoom.ts), and to Prosody a text.

local jid = require "util.jid";
local st = require "util.stanza";

local M = {};

local MOST = 1000; -- elements at the top; a page sends twenty
local DEEPEST = 64; -- levels; a page's are six
local LONGEST = 256; -- bytes of a name or namespace: Java's parser takes no more than 1000
local WIDEST = 64; -- attributes of an element; Java's parser takes 200, or 10000, by its version
local XML = "http://www.w3.org/XML/1998/namespace"; -- Prosody's parser knows xml:lang, space, base and id by shorter names
local XML_NAME = XML .. "\1";
local STANZAS = { iq = true, message = true, presence = true };
-- What no page says, and what Jicofo's parser does not outlive where an attribute is missing.
local NAMESPACES = {
	[XML] = true, ["http://etherx.jabber.org/streams"] = true, ["urn:xmpp:delay"] = true, ["jabber:x:delay"] = true;
	["urn:xmpp:idle:1"] = true, ["http://jabber.org/protocol/address"] = true;
};
-- In a presence, for Jicofo alone, and never a page's.
local UNSAID = { priority = true, show = true };
local ADDRESS = { from = true, to = true, id = true, type = true, xmlns = true, ["xml:lang"] = true }; -- of a stanza itself
local ERRORS = { auth = true, cancel = true, continue = true, modify = true, wait = true }; -- RFC 6120, section 8.3.2

local how; -- what attach was given

local function is_xml_s(name) return #name > #XML_NAME and name:sub(1, #XML_NAME) == XML_NAME; end

-- Whether the element itself, without those in it, is one that a parser may refuse.
local function is_unreadable(element)
	local count = 0;
	for name, value in pairs(element.attr) do
		count = count + 1;
		if #name > LONGEST or is_xml_s(name) or (name == "xmlns" and #value > LONGEST) then return true; end
	end
	return count > WIDEST or #element.name > LONGEST;
end

-- What no page has in a stanza of the kind `kind`, somewhere in the element, which is `depth` levels down; nil where all is well.
local function find_odd(element, kind, depth)
	if depth > DEEPEST then return ("more than %d levels of elements"):format(DEEPEST); end
	if is_unreadable(element) then return "an attribute of XML's own, or names or attributes without end"; end
	local tags = element.tags;
	for i = 1, #tags do
		local tag = tags[i];
		local name, namespace = tag.name, tag.attr.xmlns;
		if STANZAS[name] then return "another stanza in it"; end
		if NAMESPACES[namespace] or name == "delay" then return ("an element of %s"):format(namespace or name); end
		if name == "error" and depth > 0 then return "an error that is none"; end
		if kind == "presence" and depth > 0 and UNSAID[name] then return ("a %s within an element"):format(name); end
		if kind == "iq" and name == "json-message" then return "sources, which are Jicofo's"; end
		local odd = find_odd(tag, kind, depth + 1);
		if odd then return odd; end
	end
end

local function is_services(stanza) return how.is_service(jid.bare(stanza.attr.from)); end

-- Whether an element says that it is an error, and is none, or is not where one is.
local function has_no_error(stanza)
	for _, tag in ipairs(stanza.tags) do
		if tag.name == "error" and not (stanza.attr.type == "error" and ERRORS[tag.attr.type]) then return true; end
	end
	return false;
end

-- What no page has in a stanza, where a player's has it; told in the log.
local function odd_in(stanza)
	local odd = #stanza.tags > MOST and ("%d elements; more than %d are not taken"):format(#stanza.tags, MOST)
		or has_no_error(stanza) and "an error that is none" or find_odd(stanza, stanza.name, 0);
	if not odd or is_services(stanza) then return nil; end
	how.journal:fault("shape", "warn", ("%s sends %s a %s with %s"):format(stanza.attr.from or "?", stanza.attr.to or "the server", stanza.name,
		odd));
	return odd;
end

local function refuse(event, text)
	local stanza = event.stanza;
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" and stanza.name ~= "presence" then
		event.origin.send(st.error_reply(stanza, "modify", "policy-violation", text));
	end
	return true;
end

-- A leave has to be one still, and a join is refused by Prosody, for what it lacks.
local function empty(presence)
	for i = #presence, 1, -1 do presence[i] = nil; end
	presence.tags = {};
	for name in pairs(presence.attr) do
		if not ADDRESS[name] then presence.attr[name] = nil; end
	end
end

-- Takes out the elements for which `is_out` holds.
local function without(stanza, is_out)
	for _, tag in ipairs(stanza.tags) do
		if is_out(tag) then
			if is_services(stanza) then return; end
			return stanza:maptags(function (one) return not is_out(one) and one or nil; end);
		end
	end
end

local function is_no_word(tag) return UNSAID[tag.name] or (tag.name == "status" and tag.tags[1] ~= nil); end
local function is_no_farewell(tag) return tag.name ~= "status" or is_no_word(tag); end
local function is_subject(tag) return tag.name == "subject"; end

local function tidy_presence(presence)
	local type = presence.attr.type;
	if not type then
		without(presence, is_no_word);
	elseif type == "unavailable" then
		without(presence, is_no_farewell);
	end
end

local function tidy_message(message)
	if message.attr.type == "error" then return; end
	local subject = message:get_child "subject";
	local is_said = message:get_child "body" or message:get_child "thread"; -- as Prosody has it (muc/subject.lib.lua)
	if not subject or message.attr.type ~= "groupchat" or is_said then without(message, is_subject); end
end

-- Looks at a player's stanza, and takes out what it may not have; true where nobody is to get it.
local function look(event)
	local stanza = event.stanza;
	local odd = odd_in(stanza);
	if odd and stanza.name ~= "presence" then return refuse(event, "no page sends that: " .. odd); end
	if odd then empty(stanza); end
	if stanza.name == "presence" then tidy_presence(stanza); end
	if stanza.name == "message" then tidy_message(stanza); end
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
	for name in pairs(STANZAS) do
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
