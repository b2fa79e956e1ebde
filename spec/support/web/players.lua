-- Players in pages with skotos-voice.js (run.js beside this file), a live Prosody, the game that makes their tokens,
-- and Jicofo in the rooms.
--
-- local world = players.start(); local tab = world:player("Bob", { room =, options =, microphone = });
-- tab:until_told("in"); world:stop()
local page = require "spec.support.chromium.page";
local rig = require "spec.support.rig";
local json = require "util.json";

local players = { COMMANDS = "skotos_commands = true;" };
local world, tab = {}, {};
world.__index, tab.__index = world, tab;

function players.start(options)
	local self = setmetatable({ rooms = {}, tabs = 0, used = 0 }, world);
	self.game = rig.game {};
	self.prosody = rig.prosody {
		auth = "skotos_bridge", game_port = self.game.port, host_options = players.COMMANDS;
		muc_options = (options and options.muc_options or "") .. '\nComponent "focus.meet.test" "rig_focus"';
	};
	self.game:connected {};
	self.focus = rig.focus(self.prosody);
	self.browser = page.start("", "spec/support/web/run.js");
	self.host = self.browser:run { op = "site", port = self.prosody.http }.host;
	return self;
end

function world:stop()
	self.browser:stop();
	local log = self.prosody:log().text;
	self.prosody:stop();
	self.game:stop();
	assert(not rig.find_token(log), "a token is in the log");
end

-- Has Jicofo open the room, as it does when a player asks for the conference.
function world:room(name)
	if not self.rooms[name] then
		self.focus:join { room = name, nick = "focus" };
		self.rooms[name] = true;
	end
	return name;
end

-- What the game sends a player's page: SKOOT 80's text, with a token that it got from the bridge.
function world:call(name, room, o)
	o = o or {};
	local reply = self.game:ask { command = { login = name, channel = self:room(room) } };
	assert(reply.success, reply.message);
	return ('{ "domain": "%s", "name": "%s", "room": "%s", "jwt": "%s" }')
		:format(self.host, o.shown or name, room, o.token or reply.token);
end

-- Has the game give a command; raises when it fails.
function world:command(command)
	local reply = self.game:ask { command = command };
	assert(reply.success, reply.message);
	return reply;
end

-- A page whose script is started with `o.options` (JavaScript); with `o.keep` with the settings that an earlier page
-- has left.
function world:page(o)
	o = o or {};
	self.tabs = self.tabs + 1;
	local own = setmetatable({ tab = "tab" .. self.tabs, browser = self.browser, world = self }, tab);
	own:ask { op = "open", options = o.options, keep = o.keep, microphone = o.microphone,
		console = os.getenv "WEB_CONSOLE" };
	return own;
end

-- The same, with `name` in `o.room`.
function world:player(name, o)
	local own = self:page(o);
	own:handle(self:call(name, o.room));
	own:until_state "in";
	return own;
end

-- The name of a room that no other example uses: "room" and how many there were.
function world:new_room()
	self.used = self.used + 1;
	return "room" .. self.used;
end

-- Bob, whose page has `options`, and Eve in a new room, each hearing of the other; and the room.
function world:two(options)
	local room = self:new_room();
	local bob = self:player("Bob", { room = room, options = options });
	local eve = self:player("Eve", { room = room });
	for _, one in ipairs { bob, eve } do
		one:until_people(2);
		one:wait "voice.visit.conference.getLocalAudioTrack()";
	end
	return bob, eve, room;
end

function tab:ask(o)
	o.tab = self.tab;
	return self.browser:run(o);
end

function tab:handle(text) return self:ask { op = "run", code = "voice.handle(" .. json.encode(text) .. ")" }.value; end
function tab:run(code) return self:ask { op = "run", code = code }.value; end
-- Waits until `code` is true in the page; gives what the player sees then.
function tab:wait(code) return self:ask { op = "until", code = code }.value; end
function tab:see() return self:ask { op = "see" }.value; end
function tab:until_state(state) return self:wait(("voice.state === %q"):format(state)); end
function tab:until_told(text)
	return self:wait(("document.querySelector('.skotos-voice').shadowRoot.querySelector('p').textContent.includes(%s)")
		:format(json.encode(text)));
end
function tab:until_people(count) return self:wait(("voice.visit && voice.visit.people.size === %d"):format(count)); end
function tab:click(button) self:ask { op = "click", button = button }; end
function tab:close()
	local errors = self:ask { op = "close" }.errors;
	assert(#errors == 0, errors[1]);
end

return players;
