-- The one microphone of skotos-voice.js, in Debian's Chromium with Jitsi's client from npm, on a live Prosody: it is
-- as the player last wanted it, and who has turned it off is told only where somebody did.
local players = require "spec.support.web.players";

local MUTE = [[<iq xmlns="jabber:client" type="set" id="m1" to="%s"><mute xmlns="http://jitsi.org/jitmeet/audio" %s>]]
	.. [[true</mute></iq>]];
local SETTLED = "voice.microphone.track._prevSetMuted.then(() => 0)";

describe("the microphone in the game's page", function ()
	local world;

	setup(function () world = players.start(); end);
	teardown(function () world:stop(); end);

	-- Whether the button is lit, the track is open, and what the bar says, once the client has done all it was asked.
	local function now(tab)
		tab:run(SETTLED);
		local seen = tab:see();
		return { seen.microphone, not tab:run "voice.microphone.track.isMuted()", seen.note };
	end

	local function alone(options)
		local room = world:new_room();
		local bob = world:player("Bob", { room = room, options = options });
		bob:wait "voice.visit.conference.getLocalAudioTrack()";
		return bob, room;
	end

	-- What Jicofo sends to Bob's page: a mute, of `actor` or of nobody in the room.
	local function order(bob, room, actor)
		local jid = room .. "@conference.meet.test/";
		local by = actor and ('actor="%s"'):format(jid .. actor) or "";
		world.focus:stanza { xml = MUTE:format(jid .. bob:run "voice.visit.conference.myUserId()", by) };
	end

	describe("is as it was wanted last", function ()
		it("when it is turned off and on at once, and nobody is said to have turned it off", function ()
			local bob = alone();
			bob:run "voice.mute(true); voice.mute(false)";
			assert.same({ true, true, "" }, now(bob));
			bob:run "voice.mute(true); voice.mute(false); voice.mute(true)";
			assert.same({ false, false, "" }, now(bob));
			bob:close();
		end);

		it("when the key to talk is let go at once", function ()
			local bob = alone();
			bob:run "voice.set({ push: true })";
			bob:wait "voice.microphone.track.isMuted()";
			bob:run "voice.microphone.press(true); voice.microphone.press(false)";
			assert.same({ false, false, "" }, now(bob));
			bob:run "voice.set({ push: false })";
			bob:close();
		end);

		it("when the other one goes, and who comes next hears it", function ()
			-- As a page does that says anew, at each "in", how its microphone is.
			local bob, eve = world:two [[{ onState: ({ state }) => { states.push(state);
				if (state === 'in' && voice.microphone.track) { voice.mute(true); voice.mute(false); } } }]];
			eve:ask { op = "heard" };
			bob:run "window.before = states.length";
			eve:click "Leave";
			bob:until_people(1);
			bob:wait "states.length > before"; -- the connection to the one who went is given up for the bridge's
			assert.same({ true, true, "" }, now(bob));
			eve:click "Join";
			eve:until_state "in";
			eve:ask { op = "heard" };
			assert.same({ true, true, "" }, now(bob));
			eve:close();
			bob:close();
		end);
	end);

	describe("tells who has turned it off:", function ()
		it("the game, in whose mute nobody is named, also while the player turns it off and on", function ()
			local bob, room = alone();
			order(bob, room);
			bob:until_told "The game has turned your microphone off.";
			assert.same({ false, false, "The game has turned your microphone off." }, now(bob));
			bob:run "voice.mute(false)";
			assert.same({ true, true, "" }, now(bob));
			bob:run [[voice.mute(true); voice.mute(false);
				voice.visit.conference.room.eventEmitter.emit('xmpp.audio_muted_by_focus', undefined)]];
			assert.same({ false, false, "The game has turned your microphone off." }, now(bob));
			bob:close();
		end);

		it("nobody, when the player has turned it on again before the order was done", function ()
			local bob = alone();
			bob:run "voice.visit.conference.room.eventEmitter.emit('xmpp.audio_muted_by_focus'); voice.mute(false)";
			assert.same({ true, true, "" }, now(bob));
			bob:close();
		end);

		it("not the game, when a moderator did who has gone meanwhile", function ()
			local bob, room = alone();
			order(bob, room, "gone");
			bob:until_told "Your microphone has been turned off.";
			assert.same({ false, false, "Your microphone has been turned off." }, now(bob));
			bob:close();
		end);

		it("nobody, when the client did by itself, as in a room that starts muted; and it can be turned on", function ()
			local bob = alone();
			bob:run "voice.visit.conference.xmpp.eventEmitter.emit('xmpp.start_muted_from_focus', true, true)";
			bob:until_told "Your microphone has been turned off.";
			assert.same({ false, false, "Your microphone has been turned off." }, now(bob));
			bob:click "Microphone";
			assert.same({ true, true, "" }, now(bob));
			bob:close();
		end);

		it("nobody, when the game's order found it off already, and it is turned off by the player later", function ()
			local bob, room = alone();
			bob:click "Microphone";
			bob:wait "voice.microphone.track.isMuted()";
			bob:run [[window.orders = 0;
				voice.visit.conference.room.addListener('xmpp.audio_muted_by_focus', () => { orders += 1; })]];
			order(bob, room);
			bob:wait "orders === 1";
			assert.same({ false, false, "" }, now(bob));
			for _, on in ipairs { true, false } do
				bob:click "Microphone";
				assert.same({ on, on, "" }, now(bob));
			end
			bob:close();
		end);
	end);
end);
