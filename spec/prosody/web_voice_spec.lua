-- skotos-voice.js in Debian's Chromium, with Jitsi's client from npm, on a live Prosody; two players go peer to peer.
local players = require "spec.support.web.players";

describe("voice in the game's page", function ()
	local world;

	setup(function () world = players.start(); end);
	teardown(function () world:stop(); end);

	local function names(seen)
		local list = {};
		for i, person in ipairs(seen.people) do list[i] = person.name; end
		return list;
	end

	it("joins at the game's message, and two hear each other", function ()
		local bob, eve, room = world:two();
		bob:ask { op = "heard" };
		eve:ask { op = "heard" };
		local seen = bob:see();
		assert.same({ "You are in " .. room .. ".", "", true }, { seen.told, seen.note, seen.microphone });
		assert.same({ "Bob (you)", "Eve" }, names(seen));
		assert.equal("Volume of Eve", seen.people[2].slider);
		bob:close();
		eve:close();
	end);

	it("shows who speaks and who is muted", function ()
		local bob, eve = world:two();
		bob:wait "[...voice.visit.people.values()].some((p) => p.me && p.speaking)";
		local function eve_is(what)
			bob:wait(("[...document.querySelector('.skotos-voice').shadowRoot.querySelectorAll('li')].some((l) => "
				.. "l.querySelector('.name').textContent === 'Eve' && l.querySelector('.what').textContent === '%s')"):format(what));
		end
		eve:click "Microphone";
		eve_is "muted";
		eve:click "Microphone";
		eve_is "";
		-- The levels of others are what the client of npm, of 2021, cannot read in the browsers of today.
		bob:run [[voice.visit.conference.eventEmitter.emit(JitsiMeetJS.events.conference.TRACK_AUDIO_LEVEL_CHANGED,
			[...voice.visit.people.values()].find((p) => p.name === 'Eve').nick, 0.4)]];
		eve_is "speaks";
		eve_is "";
		bob:close();
		eve:close();
	end);

	it("never asks for a camera", function ()
		local bob = world:player("Bob", { room = world:new_room() });
		assert.same({ "audio" }, bob:run "voice.microphone.track.getOriginalStream().getTracks().map((t) => t.kind)");
		bob:close();
	end);

	it("shows a name with markup as text", function ()
		local room, name = world:new_room(), "<img src=x onerror=alert(1)>";
		local bob = world:player("Bob", { room = room });
		local other = world:player(name, { room = room });
		bob:until_people(2);
		assert.equal(name, bob:see().people[2].name);
		assert.equal(0, bob:run "document.querySelector('.skotos-voice').shadowRoot.querySelectorAll('img').length");
		other:close();
		bob:close();
	end);

	describe("the game's message", function ()
		it("moves to another room without a click, with microphone and settings", function ()
			local bob, eve = world:two();
			local there = world:new_room();
			bob:run "voice.set({ push: true, key: 'F8' }); voice.volumes({ Eve: 0.3 }); window.track = voice.microphone.track";
			local move = world:command { cmd = "move", channel = "room" .. world.used - 1, id = "Bob", to = world:room(there) };
			local message = world:call("Bob", there, { token = move.token });
			bob:handle(message);
			bob:until_told("You are in " .. there .. ".");
			eve:until_people(1);
			eve:handle(world:call("Eve", there));
			bob:until_people(2);
			bob:wait "[...voice.visit.people.values()].some((p) => p.audio && Math.abs(p.audio.volume - 0.3) < 0.001)";
			assert.same({ true, true, "F8", false }, bob:run "[voice.microphone.track === window.track, voice.settings.push, voice.settings.key, voice.microphone.on]");
			bob:close();
			eve:close();
		end);

		it("is obeyed last when several come during a connect", function ()
			local bob = world:page();
			local last = world:new_room();
			local one, two_, three = world:call("Bob", world:new_room()), world:call("Bob", world:new_room()), world:call("Bob", last);
			bob:handle(one);
			bob:handle(two_);
			bob:handle(three);
			assert.equal("You are in " .. last .. ".", bob:until_state "in".told);
			assert.equal(1, bob:run "voice.visit.people.size");
			bob:close();
		end);

		it("of the room one is in brings only a newer token", function ()
			local bob, eve, room = world:two();
			bob:run "window.visit = voice.visit";
			bob:handle(world:call("Bob", room));
			assert.is_true(bob:run "voice.visit === window.visit && voice.state === 'in'");
			bob:close();
			eve:close();
		end);

		local TOKEN = "aaa.bbb.ccc";
		for what, message in pairs {
			["a path"] = { domain = "meet.test/a/b.js?", room = "r", jwt = TOKEN },
			["another scheme"] = { domain = "javascript:alert(1)", room = "r", jwt = TOKEN },
			["a user before the host"] = { domain = "meet.test@evil.test", room = "r", jwt = TOKEN },
			["a fragment"] = { domain = "evil.test#", room = "r", jwt = TOKEN },
			["a query"] = { domain = "evil.test?x", room = "r", jwt = TOKEN },
			["a backslash"] = { domain = "evil.test\\x", room = "r", jwt = TOKEN },
			["a parent folder"] = { domain = "meet.test/..", room = "r", jwt = TOKEN },
			["no domain"] = { room = "r", jwt = TOKEN },
			["no room"] = { domain = "meet.test", jwt = TOKEN },
			["no token"] = { domain = "meet.test", room = "r", jwt = "a b" },
			["another host than the page allows"] = { domain = "evil.test", room = "r", jwt = TOKEN },
			["volumes that are none"] = { volumes = { Bob = 2 } },
		} do
			it("with " .. what .. " is refused, and nothing is loaded", function ()
				local bob = world:page { options = "{ hosts: ['meet.test'] }" };
				local scripts = bob:run "document.scripts.length";
				assert.is_false(bob:handle(require "util.json".encode(message)));
				assert.same({ "off", 1, scripts }, bob:run "[voice.state, faults.length, document.scripts.length]");
				bob:close();
			end);
		end

		it("that is no JSON is refused", function ()
			local bob = world:page();
			assert.is_false(bob:handle "<b>");
			bob:close();
		end);

		it("with SkotOS's own 'muted' joins with the microphone off", function ()
			local bob = world:page();
			bob:handle((world:call("Bob", world:new_room()):gsub('"room"', "'muted': 'muted', \"room\"")));
			assert.is_false(bob:until_state "in".microphone);
			bob:wait "voice.microphone.track && voice.microphone.track.isMuted()";
			bob:close();
		end);
	end);

	-- The message with a token that nobody has signed.
	local function forged(message) return (message:gsub('%.[%w_-]+" }$', '.AAAA" }')); end

	describe("the bar tells of", function ()
		local function after(command, told, state)
			local bob, eve, room = world:two();
			-- The client of npm says nothing of its microphone before it was turned off and on, and the bridge waits for its
			-- word.
			for _ = 1, 2 do bob:click "Microphone"; end
			bob:wait "!voice.microphone.track.isMuted()";
			command.channel = room;
			if command.cmd ~= "end" then command.id = "Bob"; end
			world:command(command);
			local seen = bob:until_told((told:gsub("ROOM", room)));
			assert.equal(state, seen.state);
			eve:close();
			return bob, seen, room;
		end

		it("a kick, with its reason, and one may come back", function ()
			local bob, seen = after({ cmd = "kick", reason = "No <b>brawls</b>." }, "You were put out of ROOM. No <b>brawls</b>.", "out");
			assert.same({}, seen.people);
			bob:click "Join";
			bob:until_state "in";
			bob:close();
		end);

		it("a ban, at the door", function ()
			local bob, _, room = after({ cmd = "kick", reason = "Enough.", banFor = 600 }, "You were put out of ROOM. Enough.", "out");
			bob:click "Join";
			bob:until_told("You may not come into " .. room .. " for now.");
			bob:close();
		end);

		it("an ended room", function ()
			after({ cmd = "end", reason = "The bell rings." }, "ROOM was closed. The bell rings.", "out"):close();
		end);

		it("a mute by the game, which holds", function ()
			local bob, seen = after({ cmd = "mute", media = "audio", muted = true }, "The game has turned your microphone off.", "in");
			assert.is_false(seen.microphone);
			bob:click "Microphone";
			bob:wait "voice.microphone.asked === true && voice.microphone.track.isMuted()";
			bob:until_told "The game has turned your microphone off.";
			bob:close();
		end);

		it("a token that is refused, and goes on with a new one from its page", function ()
			local room = world:new_room();
			local bob = world:page { options = "{ wantToken: (what) => { wanted.push(what); } }" };
			local message = world:call("Bob", room);
			bob:handle(forged(message));
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
			bob:run("window.bad = " .. require "util.json".encode(bad));
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

		it("with a token whose time is over asks for a new one, and goes on with it in the same session", function ()
			local bob, eve, room = world:two "{ wantToken: (what) => { wanted.push(what); } }";
			bob:run [[window.renewed = []; voice.visit.connection.refreshToken = (jwt) => { window.renewed.push(jwt);
				voice.visit.connection.xmpp.eventEmitter.emit(JitsiMeetJS.events.connection.CONNECTION_ESTABLISHED); return Promise.resolve(); };
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

	describe("leaving", function ()
		it("is for as long as the player likes, whatever the game sends", function ()
			local bob, eve, room = world:two();
			bob:click "Leave";
			bob:until_told("You have left. " .. room .. " is still there.");
			eve:until_people(1);
			bob:handle(world:call("Bob", room));
			assert.equal("off", bob:see().state);
			bob:click "Join";
			bob:until_state "in";
			bob:close();
			eve:close();
		end);

		it("during a connect leaves nothing behind", function ()
			local room = world:new_room();
			local eve = world:player("Eve", { room = room });
			local bob = world:page();
			bob:handle(world:call("Bob", room));
			bob:click "Leave";
			assert.equal("off", bob:see().state);
			local anna = world:player("Anna", { room = room });
			eve:until_people(2);
			assert.same({ "Eve (you)", "Anna" }, names(eve:see()));
			anna:close();
			bob:close();
			eve:close();
		end);

		it("for good takes the bar away", function ()
			local bob = world:player("Bob", { room = world:new_room() });
			bob:run "voice.stop()";
			assert.is_true(bob:run "document.querySelector('.skotos-voice') === null && document.querySelectorAll('audio').length === 0");
			bob:close();
		end);
	end);
end);
