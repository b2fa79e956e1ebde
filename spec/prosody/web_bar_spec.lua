-- skotos-voice.js's bar in Debian's Chromium: volumes, keyboard, look; and Jitsi's own page in its place.
local players = require "spec.support.web.players";

describe("the bar in the game's page", function ()
	local world;

	setup(function () world = players.start(); end);
	teardown(function () world:stop(); end);

	describe("volumes", function ()
		it("are set by id, smoothly, and hold for who comes later", function ()
			local bob, eve, room = world:two();
			bob:wait "[...voice.visit.people.values()].some((p) => p.audio && p.audio.volume === 1)";
			bob:run [[window.steps = []; (() => { const p = [...voice.visit.people.values()].find((q) => q.id === 'Eve');
				p.audio.addEventListener('volumechange', ({ target }) => steps.push(target.volume)); })()]];
			for _, volume in ipairs { 0.3, 0, 1 } do
				bob:handle(('{ "volumes": { "Eve": %g } }'):format(volume));
				bob:wait(("(() => { const { audio } = [...voice.visit.people.values()].find((p) => p.id === 'Eve'); return audio "
						.. "&& Math.abs(audio.volume - %g) < 0.001 && audio.muted === %s; })()")
					:format(volume, volume == 0));
			end
			assert.is_true(bob:run "steps.some((v) => v > 0.35 && v < 0.95)", "it went at once");
			bob:handle '{ "volumes": { "*": 0.5 } }';
			eve:close();
			bob:until_people(1);
			local anna = world:player("Anna", { room = room });
			bob:wait("[...voice.visit.people.values()].some((p) => p.id === 'Anna' && p.audio && Math.abs(p.audio.volume - "
				.. "0.5) < 0.001)");
			anna:close();
			bob:close();
		end);

		it("of the player's own are multiplied with the game's, and remembered", function ()
			local bob, eve, room = world:two();
			bob:run "voice.setOwnVolume('Eve', 0.5); voice.volumes({ Eve: 0.5 })";
			bob:wait "[...voice.visit.people.values()].some((p) => p.audio && Math.abs(p.audio.volume - 0.25) < 0.001)";
			bob:close();
			local again = world:player("Bob", { room = room, keep = true });
			again:wait "[...voice.visit.people.values()].some((p) => p.audio && Math.abs(p.audio.volume - 0.5) < 0.001)";
			again:run "document.querySelector('.skotos-voice').shadowRoot.querySelector('input[type=range]').focus()";
			again:ask { op = "key", key = "End" };
			again:wait "[...voice.visit.people.values()].some((p) => p.audio && p.audio.volume === 1)";
			assert.equal(1, again:run "JSON.parse(localStorage.getItem('skotos-voice')).own.Eve");
			again:close();
			eve:close();
		end);

		it("are 0 for who is made deaf", function ()
			local bob, eve = world:two();
			bob:handle '{ "deaf": true }';
			bob:wait "[...voice.visit.people.values()].some((p) => p.audio && p.audio.muted)";
			bob:handle '{ "deaf": false }';
			bob:wait "[...voice.visit.people.values()].some((p) => p.audio && !p.audio.muted && p.audio.volume === 1)";
			bob:close();
			eve:close();
		end);

		it("do not follow a nickname: whoever calls himself so has an id of his own", function ()
			local room = world:new_room();
			local bob = world:player("Bob", { room = room });
			bob:run "voice.volumes({ Eve: 0 })";
			local mallory = world:page();
			mallory:handle(world:call("Mallory", room, { shown = "Eve" }));
			bob:wait("[...voice.visit.people.values()].some((p) => p.id === 'Mallory' && p.audio && p.audio.volume === 1 && "
				.. "!p.audio.muted)");
			mallory:close();
			bob:close();
		end);
	end);

	describe("by keyboard", function ()
		it("one talks while the chosen key is held, and not while it writes into the game", function ()
			local bob = world:player("Bob", { room = world:new_room() });
			bob:wait "voice.microphone.track";
			bob:run "document.querySelector('.skotos-voice').shadowRoot.querySelector('input[type=checkbox]').click()";
			bob:wait "voice.microphone.track.isMuted()";
			bob:click "Key: none";
			bob:ask { op = "key", key = "v" };
			assert.equal("KeyV", bob:run "voice.settings.key");
			bob:run "document.activeElement.blur()";
			bob:ask { op = "key", key = "v", how = "down" };
			bob:wait "voice.microphone.on && !voice.microphone.track.isMuted()";
			bob:ask { op = "key", key = "v", how = "up" };
			bob:wait "!voice.microphone.on && voice.microphone.track.isMuted()";
			bob:run "document.getElementById('input').focus()";
			bob:ask { op = "key", key = "v", how = "down" };
			assert.same({ false, "v" }, bob:run "[voice.microphone.on, document.getElementById('input').value]");
			bob:ask { op = "key", key = "v", how = "up" };
			bob:run "voice.set({ key: 'F8' })";
			bob:ask { op = "key", key = "F8", how = "down" };
			assert.is_true(bob:run "voice.microphone.on", "a key that writes nothing works everywhere");
			bob:ask { op = "key", key = "F8", how = "up" };
			bob:run "voice.set({ push: false, key: '' })";
			bob:close();
		end);

		it("everything is reached and used, and focus stays in the bar", function ()
			local bob = world:player("Bob", { room = world:new_room() });
			bob:run "document.getElementById('input').focus()";
			local function focused()
				return bob:run "document.querySelector('.skotos-voice').shadowRoot.activeElement.textContent";
			end
			local order = {};
			for i, what in ipairs { "Microphone", "Hear nobody", "", "Leave" } do
				bob:ask { op = "key", key = "Tab" };
				order[i] = focused();
				assert.equal(what, order[i]);
			end
			bob:ask { op = "key", key = "Enter" };
			bob:until_told "You have left.";
			assert.equal("Join", focused());
			bob:close();
		end);
	end);

	describe("in Jitsi's own page", function ()
		-- Stands for Jitsi's external_api.js: keeps what it is given, and fires what the spec wants.
		local API = [[window.JitsiMeetExternalAPI = class {
			constructor(domain, options) { window.api = this; Object.assign(this, { domain, options, commands: [], heard: {},
				disposed: false });
				options.parentNode.append(document.createElement('iframe')); }
			addListener(name, run) { this.heard[name] = run; }
			executeCommand(...words) { this.commands.push(words); }
			dispose() { this.disposed = true; } };]];
		local function open()
			local bob = world:page { options = "{ mode: 'page', wantToken: (what) => { wanted.push(what); } }" };
			bob.browser:run { op = "file", path = "/external_api.js", text = API };
			bob:handle(world:call("Bob", world:new_room()));
			bob:wait "window.api && api.heard.videoConferenceJoined";
			return bob;
		end

		it("joins by the IFrame API, and tells what becomes of it", function ()
			local bob = open();
			assert.same({ world.host, "room" .. world.used, "Bob", true, true }, bob:run(
				"[api.domain, api.options.roomName, api.options.userInfo.displayName, api.options.jwt === voice.call.jwt, "
					.. "api.options.configOverwrite.startWithVideoMuted]"));
			bob:run "api.heard.videoConferenceJoined({ id: 'me' })";
			bob:until_told("You are in room" .. world.used .. ".");
			bob:click "Microphone";
			assert.same({ "toggleAudio" }, bob:run "api.commands.at(-1)");
			bob:run "api.heard.audioMuteStatusChanged({ muted: true })";
			assert.is_false(bob:see().microphone);
			bob:run "api.heard.participantKickedOut({ kicked: { id: 'me', local: true } })";
			assert.equal("out", bob:until_told "You were put out".state);
			bob:wait "api.disposed && document.querySelector('iframe') === null";
			bob:close();
		end);

		it("sets volumes by the id in the token, also of who comes later", function ()
			local bob = open();
			bob:run "api.heard.videoConferenceJoined({ id: 'me' }); voice.volumes({ Eve: 0.3 })";
			bob:run "api.heard.participantJoined({ id: 'abcd', displayName: 'Eve', userContext: { id: 'Eve', name: 'Eve' } })";
			assert.same({ "setParticipantVolume", "abcd", 0.3 }, bob:run "api.commands.at(-1)");
			bob:handle '{ "volumes": { "Eve": 0 } }';
			assert.same({ "setParticipantVolume", "abcd", 0 }, bob:run "api.commands.at(-1)");
			bob:close();
		end);

		it("moves at a second message, and asks for a token when one is refused", function ()
			local bob = open();
			bob:run "api.heard.videoConferenceJoined({ id: 'me' }); window.first = api";
			bob:handle(world:call("Bob", world:new_room()));
			bob:wait "window.api !== window.first && api.heard.videoConferenceJoined && window.first.disposed";
			assert.equal("room" .. world.used, bob:run "api.options.roomName");
			bob:run "api.heard.errorOccurred({ error: { name: 'connection.passwordRequired', isFatal: true } })";
			bob:wait "wanted.length === 1";
			bob:close();
		end);
	end);

	describe("the page", function ()
		it("has no serious fault to axe-core, in and out, narrow and wide", function ()
			local bob, eve, room = world:two();
			for _, width in ipairs { 320, 1280 } do
				bob:ask { op = "shot", width = width, path = ("build/run/voice-%d.png"):format(width) };
				assert.same({}, bob:ask { op = "axe" }.serious);
				assert.is_true(bob:run "document.documentElement.scrollWidth <= innerWidth", "it scrolls sideways");
			end
			world:command { cmd = "kick", channel = room, id = "Bob", reason = "Enough." };
			bob:until_told "You were put out";
			assert.same({}, bob:ask { op = "axe" }.serious);
			bob:close();
			eve:close();
		end);

		it("keeps its own look, and the bar takes its colours", function ()
			local bob = world:player("Bob", { room = world:new_room() });
			assert.same({ 1, "rgb(235, 219, 178)", "none" }, bob:run [[(() => {
				const bar = document.querySelector('.skotos-voice');
				const button = getComputedStyle(bar.shadowRoot.querySelector('.microphone'));
				return [document.querySelectorAll('body > :not(main, script)').length, button.color, button.textTransform]; })()]]);
			bob:close();
		end);
	end);
end);
