-- What skotos-voice.js tells a player of what happens to him, and what it does then: in Debian's Chromium, with Jitsi's
-- client from npm, on a live Prosody.
local players = require "spec.support.web.players";
local rig = require "spec.support.rig";
local json = require "util.json";

local MUTE = [[<iq xmlns="jabber:client" type="set" id="m1" to="%s"><mute xmlns="http://jitsi.org/jitmeet/audio" ]]
	.. [[actor="%s">true</mute></iq>]];

describe("voice in the game's page", function ()
	local world;

	setup(function () world = players.start(); end);
	teardown(function () world:stop(); end);

	-- The message with a token that nobody has signed.
	local function forged(message) return (message:gsub('%.[%w_-]+" }$', '.AAAA" }')); end

	describe("the bar tells of", function ()
		local function after(command, told, state, bob, eve, room)
			if not bob then bob, eve, room = world:two(); end
			command.channel = room;
			if command.cmd ~= "end" then command.id = "Bob"; end
			world:command(command);
			local seen = bob:until_told((told:gsub("ROOM", room)));
			assert.equal(state, seen.state);
			eve:close();
			return bob, seen, room;
		end

		-- Two of whom the room knows that Bob's microphone is on: the client of npm says nothing of it before it was turned
		-- off and on, and the bridge waits for its word.
		local function two_and_on()
			local bob, eve, room = world:two();
			for _ = 1, 2 do bob:click "Microphone"; end
			bob:wait "!voice.microphone.track.isMuted()";
			return bob, eve, room;
		end

		it("a kick, with its reason, and one may come back", function ()
			local bob, seen = after({ cmd = "kick", reason = "No <b>brawls</b>." },
				"You were put out of ROOM. No <b>brawls</b>.", "out");
			assert.same({}, seen.people);
			bob:click "Join";
			bob:until_state "in";
			bob:close();
		end);

		it("a ban, at the door", function ()
			local bob, _, room = after({ cmd = "kick", reason = "Enough.", banFor = 600 }, "You were put out of ROOM. Enough.",
				"out");
			bob:click "Join";
			bob:until_told("You may not come into " .. room .. " for now.");
			bob:close();
		end);

		it("an ended room", function ()
			after({ cmd = "end", reason = "The bell rings." }, "ROOM was closed. The bell rings.", "out"):close();
		end);

		it("a mute by the game, which holds", function ()
			local bob, seen = after({ cmd = "mute", media = "audio", muted = true }, "The game has turned your microphone off.",
				"in", two_and_on());
			assert.is_false(seen.microphone);
			bob:click "Microphone";
			bob:wait "!voice.microphone.on && voice.microphone.track.isMuted()";
			bob:until_told "The game has turned your microphone off.";
			bob:close();
		end);

		it("a mute by a moderator of the room, which one may undo", function ()
			local bob, eve, room = two_and_on();
			local jid = room .. "@conference.meet.test/";
			world.focus:stanza { xml = MUTE:format(jid .. bob:run "voice.visit.conference.myUserId()",
				jid .. eve:run "voice.visit.conference.myUserId()") };
			assert.is_false(bob:until_told "Eve has turned your microphone off.".microphone);
			eve:wait "[...voice.visit.people.values()].some((p) => p.name === 'Bob' && p.muted)";
			bob:click "Microphone";
			bob:wait "!voice.microphone.track.isMuted()";
			assert.equal("", bob:see().note);
			eve:wait "[...voice.visit.people.values()].some((p) => p.name === 'Bob' && !p.muted)";
			bob:close();
			eve:close();
		end);

		for what, door in pairs {
			["a password"] = { 'set_password("secret")', "is locked with a password." };
			["a list of members"] = { "set_members_only(true)", "lets in only who is asked in." };
		} do
			it("a room that has " .. what, function ()
				local room = world:room(world:new_room());
				world.prosody:lua { code = (
						[[return prosody.hosts["conference.meet.test"].modules.muc.get_room_from_jid("%s@conference.meet.test"):%s]])
					:format(room, door[1]) };
				local bob = world:page();
				bob:handle(world:call("Bob", room));
				assert.equal("out", bob:until_told(room .. " " .. door[2]).state);
				bob:close();
			end);
		end

		it("a token whose time was over when it came, and goes on with a new one from its page", function ()
			local room = world:new_room();
			local bob = world:page { options = "{ wantToken: (what) => { wanted.push(what); } }" };
			local message = world:call("Bob", room);
			bob:handle(world:call("Bob", room, { token = rig.token { room = room, name = "Bob", exp = os.time() - 60 } }));
			bob:wait "wanted.length === 1";
			assert.same({ "refused", room }, bob:run "[wanted[0].reason, wanted[0].room]");
			assert.equal("Asking the game for a new pass …", bob:see().told);
			bob:handle(message);
			bob:until_state "in";
			bob:close();
		end);

		it("a token for another room, which is none", function ()
			local bob = world:page();
			local message = world:call("Bob", world:new_room());
			bob:handle((message:gsub('"room": "%w+"', '"room": "' .. world:room(world:new_room()) .. '"')));
			bob:until_told "You may not come into room";
			bob:close();
		end);

		it("a token that is refused again and again, and asks no more", function ()
			local bob = world:page { options = "{ wantToken: (what) => { wanted.push(what); return window.bad; } }" };
			local bad = forged(world:call("Bob", world:new_room()));
			bob:run("window.bad = " .. json.encode(bad));
			bob:handle(bad);
			assert.equal("out", bob:until_told "The voice server did not accept your pass.".state);
			assert.equal(2, bob:run "wanted.length");
			bob:close();
		end);

		it("a microphone that is denied, and one hears all the same", function ()
			local room = world:new_room();
			local eve = world:player("Eve", { room = room });
			local bob = world:page { microphone = false };
			bob:handle(world:call("Bob", room));
			bob:until_told "Your browser does not let this page use the microphone.";
			bob:until_people(2);
			bob:ask { op = "heard" };
			bob:close();
			eve:close();
		end);

		it("a browser that plays no sound before a click", function ()
			local room = world:new_room();
			local eve = world:player("Eve", { room = room });
			local bob = world:page();
			bob:run [[window.play = HTMLMediaElement.prototype.play; HTMLMediaElement.prototype.play = () =>
				Promise.reject(new DOMException('play() can only be initiated by a user gesture.', 'NotAllowedError')); 0]];
			bob:handle(world:call("Bob", room));
			bob:until_told "Your browser waits for a click to play sound.";
			bob:run "HTMLMediaElement.prototype.play = window.play; 0";
			bob:click "Let me hear them";
			assert.is_nil(bob:see().told:find("click", 1, true));
			bob:wait "[...voice.visit.people.values()].every((p) => p.me || (p.audio && !p.audio.paused))";
			bob:close();
			eve:close();
		end);

		it("a client that does not load, and tries again", function ()
			local bob = world:page();
			bob.browser:run { op = "broken", path = "/libs/lib-jitsi-meet.min.js", is = true };
			bob:handle(world:call("Bob", world:new_room()));
			bob:until_told "The voice server cannot be reached.";
			bob.browser:run { op = "broken", path = "/libs/lib-jitsi-meet.min.js", is = false };
			bob:until_state "in";
			bob:close();
		end);

		it("the same person's other tab, which goes on alone", function ()
			local room = world:new_room();
			local one = world:player("Bob", { room = room });
			local two_ = world:player("Bob", { room = room });
			one:until_told("You are in " .. room .. " in another tab or window.");
			two_:until_people(1);
			one:click "Join";
			one:until_state "in";
			two_:until_told "in another tab or window";
			one:close();
			two_:close();
		end);
	end);

	describe("a lost connection", function ()
		local function line(up) world.browser:run { op = "line", up = up }; end

		it("is told, and one is back without a click", function ()
			local bob, eve = world:two();
			line(false);
			-- The voices go on, peer to peer; what the client notices of it is its own affair. A login anew is ours.
			bob:run "voice.again('lost')";
			bob:until_told "The connection is lost. Trying again …";
			line(true);
			bob:until_state "in";
			bob:close();
			eve:close();
		end);

		it("during a connect is one like any other", function ()
			local bob = world:page();
			local message = world:call("Bob", world:new_room());
			line(false);
			bob:handle(message);
			bob:until_told "The connection is lost. Trying again …";
			line(true);
			bob:until_state "in";
			bob:close();
		end);

		it("that comes back is the same session, and the others have seen nobody leave", function ()
			local bob, eve = world:two();
			bob:run "window.visit = voice.visit";
			eve:run "window.left = 0; voice.visit.conference.on(JitsiMeetJS.events.conference.USER_LEFT, () => { left += 1; })";
			line(false);
			bob:wait "!voice.visit.connection.xmpp.connection.connected";
			line(true);
			bob:wait "voice.visit.connection.xmpp.connection.connected";
			eve:wait "voice.visit.connection.xmpp.connection.connected";
			eve:run("window.said = ''; voice.visit.conference.on(JitsiMeetJS.events.conference.MESSAGE_RECEIVED, (who, text) "
				.. "=> { said = text; })");
			bob:run "voice.visit.conference.sendTextMessage('here I am')";
			eve:wait "said === 'here I am'";
			assert.same({ true, "in" }, bob:run "[voice.visit === window.visit, voice.state]");
			assert.equal(0, eve:run "left");
			bob:close();
			eve:close();
		end);

		it("brings one back with a token whose time is over, which was in use before", function ()
			local room = world:new_room();
			local bob = world:page { options = "{ wantToken: (what) => { wanted.push(what.reason); } }" };
			local ends = os.time() + 3;
			bob:handle(world:call("Bob", room, { token = rig.token { room = room, name = "Bob", exp = ends } }));
			bob:until_state "in";
			rig.call("sleep", { until_time = ends + 1 });
			bob:run "window.visit = voice.visit; voice.again('lost')";
			bob:wait "states.at(-1) === 'in' && voice.visit !== window.visit";
			assert.same({}, bob:run "wanted");
			bob:close();
		end);

		-- The client of npm, of 2021, has no such event; that of 2026 has, and it was seen there.
		it("with a token whose time is over asks for a new one, and goes on with it in the same session", function ()
			local bob, eve, room = world:two "{ wantToken: (what) => { wanted.push(what); } }";
			bob:run [[window.renewed = []; voice.visit.connection.refreshToken = (jwt) => { window.renewed.push(jwt);
				voice.visit.connection.xmpp.eventEmitter.emit(JitsiMeetJS.events.connection.CONNECTION_ESTABLISHED);
					return Promise.resolve(); };
				window.visit = voice.visit; voice.visit.connection.xmpp.eventEmitter.emit('connection.token_expired')]];
			bob:wait "wanted.length === 1";
			assert.equal("expired", bob:run "wanted[0].reason");
			bob:handle(world:call("Bob", room));
			bob:wait "window.renewed.length === 1 && voice.state === 'in'";
			assert.is_true(bob:run "window.renewed[0] === voice.call.jwt && voice.visit === window.visit");
			bob:close();
			eve:close();
		end);

		it("does not come back to life after leaving", function ()
			local bob = world:page();
			local message = world:call("Bob", world:new_room());
			line(false);
			bob:handle(message);
			bob:until_told "Trying again";
			bob:click "Leave";
			line(true);
			assert.same({ "off", false, true }, bob:run "[voice.state, voice.active, voice.visit === null]");
			bob:close();
		end);
	end);
end);
