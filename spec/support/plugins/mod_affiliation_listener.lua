-- A stand-in for Jitsi's modules that wait for an affiliation, for the specs: loaded in the MUC. As the permissions do,
-- it marks whoever is about to be given one, and puts <permissions/> into the first presence that such a moderator gets
-- of himself; as the meeting's id does, it takes the affiliation from whoever is kicked.
local filters = require "util.filters";
local jid = require "util.jid";

-- "pre JID AFFILIATION" and "set JID PREVIOUS AFFILIATION", in the order in which they came
module.environment.heard = {};

local marked = {};

module:hook("muc-pre-set-affiliation", function (event)
	marked[event.jid] = true;
	table.insert(module.environment.heard, ("pre %s %s"):format(event.jid, event.affiliation));
end);

module:hook("muc-set-affiliation", function (event)
	table.insert(module.environment.heard, ("set %s %s %s"):format(event.jid, event.previous_affiliation,
		event.affiliation));
end);

module:hook("muc-broadcast-presence", function (event)
	for status in event.x:childtags("status") do
		if status.attr.code == "307" then event.room:set_affiliation(event.actor, event.occupant.bare_jid, "none"); end
	end
end);

local function is_of_moderator(stanza)
	local x = stanza:get_child("x", "http://jabber.org/protocol/muc#user");
	local item = x and x:get_child("item");
	local own = false;
	for status in x and x:childtags("status") or function () end do own = own or status.attr.code == "110"; end
	return own and item and item.attr.role == "moderator";
end

filters.add_filter_hook(function (session)
	filters.add_filter(session, "stanzas/out", function (stanza)
		if stanza.name ~= "presence" or not is_of_moderator(stanza) or not marked[jid.bare(stanza.attr.to)] then
			return stanza;
		end
		marked[jid.bare(stanza.attr.to)] = nil;
		return stanza:tag("permissions", { xmlns = "http://jitsi.org/jitmeet" }):tag("p",
			{ name = "recording", val = "true" }):up():up();
	end, -2);
end);
