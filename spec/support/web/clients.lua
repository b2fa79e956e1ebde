-- Jitsi's client from npm in a page of its own, driven as `make try` drives it (spec/try/page.js), in the world of
-- players.lua.
--
-- local bob = clients.join(world, "Bob", { room = "tavern", moderator = true }); bob.told.role; bob:wait("…");
-- bob:close()
local rig = require "spec.support.rig"; -- sets the paths to Prosody's libraries
local json = require "util.json";

local clients = {};
local client = {};
client.__index = client;

-- Opens a page and tries to join `o.room` with the token of `name` (o.token, or one for o.token_room or the room,
-- o.moderator, o.exp; o.shown: the name that the page says; o.microphone: whether it has one). `told` is what the
-- library told the page: { joined, id, role } or { failed, text }.
function clients.join(world, name, o)
	world.tabs = world.tabs + 1;
	local self = setmetatable({ tab = "client" .. world.tabs, browser = world.browser }, client);
	self.browser:run { op = "client", tab = self.tab };
	self.token = o.token or rig.token { room = o.token_room or o.room, person = name, name = name,
		moderator = o.moderator or false, exp = o.exp };
	local wish = { room = world:room(o.room), token = self.token, name = o.shown or name, audio = o.microphone or false;
		config = { hosts = { domain = "meet.test", muc = "conference.meet.test" },
			websocket = "ws://" .. world.host .. "/xmpp-websocket" } };
	if o.before then self:run(o.before); end
	self.told = self:run(("player.join(%s)"):format(json.encode(wish)));
	return self;
end

-- What `code` is in the page.
function client:run(code) return self.browser:run { op = "run", tab = self.tab, code = code }.value; end
-- Waits until `code` is true there.
function client:wait(code) self.browser:run { op = "until", tab = self.tab, code = code }; end
-- Waits for the library's event; its plain arguments.
function client:event(key)
	self:wait(("player.heardOf(%q).length > 0"):format(key));
	return self:run(("player.heardOf(%q)[0].args"):format(key));
end
-- Waits until the page sees somebody by that name; his role there.
function client:sees(name)
	self:wait(("player.roles()[%q]"):format(name));
	return self:run(("player.roles()[%q]"):format(name));
end
function client:close()
	local errors = self.browser:run { op = "close", tab = self.tab }.errors;
	assert(#errors == 0, errors[1]);
end

return clients;
