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

-- Whether an element says that it is an error, and is none, or is not where one is.
local function has_no_error(stanza)
	for _, tag in ipairs(stanza.tags) do
		if tag.name == "error" and not (stanza.attr.type == "error" and ERRORS[tag.attr.type]) then return true; end
	end
	return false;
end

-- What no page has in a stanza, for the log and for who sent it; nil where all is well.
function M.odd_in(stanza)
	if #stanza.tags > MOST then return ("%d elements; more than %d are not taken"):format(#stanza.tags, MOST); end
	return has_no_error(stanza) and "an error that is none" or find_odd(stanza, stanza.name, 0);
end

-- Leaves of a presence its address alone: a leave has to be one still, and a join is refused by Prosody, for what it lacks.
function M.empty(presence)
	for i = #presence, 1, -1 do presence[i] = nil; end
	presence.tags = {};
	for name in pairs(presence.attr) do
		if not ADDRESS[name] then presence.attr[name] = nil; end
	end
end

local function is_no_word(tag) return UNSAID[tag.name] or (tag.name == "status" and tag.tags[1] ~= nil); end
local function is_no_farewell(tag) return tag.name ~= "status" or is_no_word(tag); end
local function is_subject(tag) return tag.name == "subject"; end

-- Whether an element at the top of that stanza is one too many; nil where none can be.
local function test_of(stanza)
	local type = stanza.attr.type;
	if stanza.name == "presence" then
		if not type then return is_no_word; end
		return type == "unavailable" and is_no_farewell or nil;
	end
	if stanza.name ~= "message" or type == "error" then return nil; end
	local is_titled = type == "groupchat" and stanza:get_child "subject";
	local is_said = stanza:get_child "body" or stanza:get_child "thread"; -- as Prosody has it (muc/subject.lib.lua)
	return (not is_titled or is_said) and is_subject or nil;
end

-- What a page has not at the top of such a stanza, and a player's goes without: a function of an element, whether it goes; nil where all stay.
function M.surplus_in(stanza)
	local is_out = test_of(stanza);
	if not is_out then return nil; end
	for _, tag in ipairs(stanza.tags) do
		if is_out(tag) then return is_out; end
	end
end

-- Takes out the elements for which `is_out` holds.
function M.take_out(stanza, is_out)
	stanza:maptags(function (tag) return not is_out(tag) and tag or nil; end);
end

return M;
