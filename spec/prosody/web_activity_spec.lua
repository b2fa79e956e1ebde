-- What the game hears of the room when Jitsi's own client, the one of npm, does it: in Debian's Chromium, on a live
-- Prosody, with stand-ins for Jicofo and for the bridge's channel. activity_spec.lua has the rules one by one.
local clients = require "spec.support.web.clients";
local players = require "spec.support.web.players";

-- The client says which of its sources are muted in an element of each medium, and, where it is told to, in one for all
-- as well; those of today say it in that one alone.
local MANNERS = { ["audiomuted"] = false, ["SourceInfo"] = true };
local MUTE = [[<iq xmlns="jabber:client" type="set" id="m1" to="%s/%s"><mute xmlns="http://jitsi.org/jitmeet/audio" ]]
	.. [[actor="%s/%s">true</mute></iq>]];

describe("a game that has subscribed hears what Jitsi's client does", function ()
	local world;

	setup(function ()
		world = players.start { muc_options = 'Component "speakerstats.meet.test" "rig_component"' };
		-- As Jitsi's speakerstats_component does.
		world.prosody:lua { code = 'module:add_identity("component", "speakerstats", "speakerstats.meet.test")' };
		world:command { cmd = "subscribe", events = { "said", "hand", "muted", "speaking", "renamed" } };
	end);
	teardown(function () world:stop(); end);
	after_each(function () world.prosody:reload { options = { host_options = players.COMMANDS } }; end);

	local function join(name, room, signalling)
		local client = clients.join(world, name, { room = room, microphone = true, before = ([[(() => {
			const { init } = JitsiMeetJS;
			JitsiMeetJS.init = (o) => init.call(JitsiMeetJS, { ...o, sourceNameSignaling: %s });
		})()]]):format(signalling) });
		if signalling then
			client:run([[(({ room }) => { room.addAudioInfoToPresence = () => true; room.removeFromPresence('audiomuted'); ]]
				.. [[})(player.conference)]]);
		end
		return client;
	end

	for manner, signalling in pairs(MANNERS) do
		it("(sources in " .. manner .. ")", function ()
			local room = world:new_room();
			local jid = room .. "@conference.meet.test";
			local bob, eve = join("Bob", room, signalling), join("Eve", room, signalling);
			local from, heard = world.game:stats().events, 0;
			-- Has `client` do `code`; the next event, without what all of them have.
			local function event(code, client)
				(client or bob):run(code);
				heard = heard + 1;
				local list = world.game:events({ from = from, count = heard }).list;
				assert.equal(heard, #list);
				local told = list[heard];
				assert.equal(room, told.channel);
				for _, key in ipairs { "raw", "length", "pad", "channel", "occupant", "displayName" } do told[key] = nil; end
				return told;
			end
			bob:sees "Eve";
			eve:sees "Bob";

			bob:run(("player.conference.sendPrivateTextMessage(%q, 'a secret')"):format(eve.told.id));
			bob:run(("player.conference.sendMessage('another', %q)"):format(eve.told.id));
			eve:wait "player.heardOf('PRIVATE_MESSAGE_RECEIVED').length === 2";
			assert.same({ event = "said", id = "Bob", text = "A <dragon>!" },
				event "player.conference.sendTextMessage('A <dragon>!')");

			for _, lowered in ipairs { "''", "0", "undefined" } do
				assert.same({ event = "hand", id = "Bob", raised = true },
					event "player.conference.setLocalParticipantProperty('raisedHand', Date.now())");
				assert.same({ event = "hand", id = "Bob", raised = false },
					event(("player.conference.setLocalParticipantProperty('raisedHand', %s)"):format(lowered)));
			end

			bob:run "player.tracks[0].mute()";
			local on, off = "player.tracks[0].unmute()", "player.tracks[0].mute()";
			assert.same({ event = "muted", id = "Bob", media = "audio", muted = false, by = "self" }, event(on));
			assert.same({ event = "muted", id = "Bob", media = "audio", muted = true, by = "self" }, event(off));
			event(on);
			world.focus:stanza { xml = MUTE:format(jid, bob.told.id, jid, eve.told.id) };
			assert.same({ event = "muted", id = "Bob", media = "audio", muted = true, by = "moderator", actor = "Eve" },
				event "0");

			for _, client in ipairs { bob, eve } do
				client:run(("player.conference.rtc.initializeBridgeChannel(null, 'ws://%s/bridge')"):format(world.host));
				client:event "DATA_CHANNEL_OPENED";
			end
			for _, client in ipairs { bob, eve, bob } do
				world.browser:run { op = "dominant", endpoint = client.told.id };
				assert.same({ event = "speaking", id = client == bob and "Bob" or "Eve" }, event "0");
			end

			bob:run "player.conference.setDisplayName('Skott')";
			assert.same("still Bob", event("player.conference.sendTextMessage('still Bob')").text);
			world.prosody:reload { options = { host_options = players.COMMANDS .. 'skotos_names = "free"' } };
			assert.same({ event = "renamed", id = "Bob", was = "Bob", shown = "The Baron" },
				event "player.conference.setDisplayName('The Baron')");
			bob:close();
			eve:close();
		end);
	end
end);
