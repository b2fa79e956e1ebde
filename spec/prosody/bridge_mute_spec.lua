-- A mute that holds: the bridges keep silent whom a page would not.
local commanded = require "spec.support.commanded";
local rig = require "spec.support.rig";
local unhurried = require "spec.support.unhurried";

local OPTIONS = [[skotos_games = { marrach = { skotos_port = %d, rooms = { "hall*" }, skotos_commands = true } }]];
local MEETING_IDS = 'modules_enabled = { "rig_meeting_id" }\n';
local MUCS = MEETING_IDS .. rig.muc("breakout.meet.test", MEETING_IDS) .. [[
Component "internal.auth.meet.test" "muc"
  muc_room_locking = false; muc_room_default_public_jids = true]];
local BREWERY = "jvbbrewery@internal.auth.meet.test";

local game, prosody, focus;
local bridges = 0;
local new_room = commanded.new_room;

local function mute(room, id, muted, media)
	return game:ask { command = { cmd = "mute", channel = room, id = id, media = media or "audio",
		muted = muted ~= false } };
end

-- Holds that it succeeds, with `text` in its message.
local function mutes(text, ...)
	local reply = mute(...);
	assert.is_true(reply.success and reply.message:find(text, 1, true) ~= nil, reply.message);
end

local function new_bridge(endpoints, manner)
	bridges = bridges + 1;
	local name = "jvb" .. bridges;
	prosody:lua { code = ([[require "core.usermanager".create_user("%s", "its-password", "auth.meet.test")]])
		:format(name) };
	local bridge = rig.client { prosody = prosody, jid = name .. "@auth.meet.test", password = "its-password" };
	assert.is_true(bridge.connected, bridge.condition);
	bridge:becomes_bridge { brewery = BREWERY, endpoints = endpoints, manner = manner };
	bridge:join { room = BREWERY, nick = name };
	return bridge;
end

local function gone(bridge)
	bridge:leave { room = BREWERY, nick = "jvb" .. bridges };
	bridge:wait { from = "/jvb" .. bridges, type = "unavailable" };
end

local function meeting(room) return "meeting of " .. room .. "@conference.meet.test"; end

-- What the bridge was asked for that room, once it is `count` questions.
local function asked(bridge, room, count) return bridge:asked({ meeting = meeting(room), count = count }).list; end

-- Jicofo has made an endpoint at a bridge and calls the page.
local function invites(room, nick, action)
	focus:stanza { xml = ([[<iq xmlns="jabber:client" type="set" id="%s"
		to="%s@conference.meet.test/%s"><jingle xmlns="urn:xmpp:jingle:1" action="%s"
		sid="1"/></iq>]]):format(rig.call("unique").text, room, nick, action or "session-initiate") };
end

describe("a mute", function ()
	setup(function ()
		prosody, game, focus = commanded.start { host = OPTIONS, muc = MUCS };
		focus:join { room = BREWERY, nick = "focus" };
	end);
	teardown(commanded.finish);

	it("without a bridge here holds as far as the page does, and its answer says so", unhurried(function ()
		local room = new_room();
		rig.player(prosody, { room = room, name = "Bob", manner = "obey" });
		mutes("by the page alone", room, "Bob");
		rig.player(prosody, { room = room, name = "Deaf", manner = "ignore" });
		assert.is_false(mute(room, "Deaf").success);
	end));

	describe("with bridges here", function ()
		local one, two;
		setup(function () one, two = new_bridge { "b", "d" }, new_bridge { "somebody" }; end);
		teardown(function () gone(two); end);

		it("is asked of each bridge, for the person's endpoint in the room's meeting, and undone there", unhurried(function ()
			local room = new_room();
			rig.player(prosody, { room = room, name = "Bob", nick = "b", manner = "obey" });
			mutes("OK", room, "Bob");
			mutes("OK", room, "Bob", true, "video");
			mutes("not muted by the game any more", room, "Bob", false);
			local function ask(audio, video)
				return { meeting = meeting(room), endpoint = "b", audio = audio, video = video };
			end
			for _, bridge in ipairs { one, two } do
				assert.same({ ask("true", "false"), ask("true", "true"), ask("false", "true") }, asked(bridge, room, 3));
			end
		end));

		it("holds also where the page does not obey, and where no focus is in the room", unhurried(function ()
			local room, empty = new_room(), new_room(true);
			rig.player(prosody, { room = room, name = "Deaf", nick = "d", manner = "ignore" });
			mutes("muted at the bridge; the page did not confirm within 1 s that it is muted", room, "Deaf");
			rig.player(prosody, { room = empty, name = "Deaf", nick = "d", manner = "ignore" });
			mutes("muted at the bridge; no focus (Jicofo) is in", empty, "Deaf");
		end));

		it("is asked of them too when it was decided elsewhere, for whoever is here", function ()
			local room = new_room();
			rig.player(prosody, { room = room, name = "Bob", nick = "b", manner = "obey" });
			for count, value in ipairs { "true", "false" } do
				prosody:lua { code = ([[require "core.modulemanager".get_module("meet.test", "skotos_bridge")
					.apply_decision("%s@conference.meet.test", "audio", "Bob", %s)]]):format(room, value) };
				assert.same({ meeting = meeting(room), endpoint = "b", audio = value, video = "false" },
					asked(one, room, count)[count]);
			end
		end);

		it("holds again when Jicofo gives the person an endpoint: as he comes, comes back, and goes to another bridge",
				unhurried(function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob", nick = "n", manner = "obey" });
			mutes("no bridge has that person yet", room, "Bob");
			one:becomes_bridge { endpoints = { "n", "n2" } };
			invites(room, "n");
			asked(one, room, 2);
			bob:leave { room = room, nick = "n" };
			rig.player(prosody, { room = room, name = "Bob", nick = "n2", manner = "obey" });
			rig.player(prosody, { room = room, name = "Eve", nick = "e", manner = "obey" });
			invites(room, "e");
			invites(room, "n2");
			invites(room, "n2", "transport-replace");
			for i, question in ipairs(asked(one, room, 4)) do -- the first when he was muted
				assert.same({ meeting = meeting(room), endpoint = i <= 2 and "n" or "n2", audio = "true", video = "false" },
					question);
			end
			one:becomes_bridge { endpoints = { "b", "d" } };
		end));

		it("and what Jicofo has the bridges do, for A/V moderation, do not undo each other", function ()
			local room = new_room();
			rig.player(prosody, { room = room, name = "Bob", nick = "b", manner = "obey" });
			rig.player(prosody, { room = room, name = "Eve", nick = "d", manner = "obey" });
			local function moderates(lists)
				prosody:lua { code = (
					[[prosody.hosts["conference.meet.test"].modules.muc
						.get_room_from_jid("%s@conference.meet.test").av_moderation = %s]]):format(room, lists) };
			end
			local function jicofo_tells(endpoint, audio, video)
				focus:stanza { xml = ([[<iq xmlns="jabber:client" type="get" id="%s"
					to="%s"><conference-modify xmlns="jitsi:colibri2" meeting-id="%s">
					<endpoint id="%s"><force-mute audio="%s" video="%s"/></endpoint></conference-modify></iq>]])
					:format(rig.call("unique").text, one.jid, meeting(room), endpoint, audio, video) };
			end
			moderates('{ audio = { "x/d" } }');
			mute(room, "Bob", true, "video");
			mute(room, "Eve", true, "video");
			jicofo_tells("b", "true", "false");
			jicofo_tells("d", "true", "false");
			asked(one, room, 4);
			moderates "nil";
			jicofo_tells("b", "false", "false");
			asked(one, room, 5);
			moderates('{ audio = {}, video = {}, desktop = {} }');
			mute(room, "Bob", false, "video");
			asked(one, room, 6);
			jicofo_tells("b", "false", "false");
			local told = {};
			for i, question in ipairs(asked(one, room, 7)) do
				told[i] = ("%s %s %s"):format(question.endpoint, question.audio, question.video);
			end
			assert.same({ "b true true", "d false true", "b true true", "d true true", "b false true", "b true true",
				"b false false" }, told);
		end);

		it("of a shared screen is left to the page", unhurried(function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b", manner = "obey" });
			bob:turn { media = "desktop", muted = false };
			mutes("no shared screen apart", room, "Bob", true, "desktop");
			assert.same({}, asked(one, room));
		end));

		it("is told as it is when a bridge refuses, or does not answer within a second", unhurried(function ()
			local room = new_room();
			rig.player(prosody, { room = room, name = "Bob", nick = "b", manner = "obey" });
			one:becomes_bridge { manner = "refuse" };
			mutes("by the page alone, and heard again if that page does as it likes: a bridge refused: internal-server-error",
				room, "Bob");
			one:becomes_bridge { manner = "ignore" };
			local reply = mute(room, "Bob", false);
			assert.is_false(reply.success);
			assert.is_truthy(reply.message:find("a bridge did not answer within 1 s, and may go on holding it", 1, true),
				reply.message);
			one:becomes_bridge { manner = "answer" };
		end));

		it("asks nobody who only calls himself a bridge", unhurried(function ()
			local room = new_room();
			local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e" });
			eve:becomes_bridge { brewery = BREWERY, endpoints = { "b" } };
			eve:join { room = BREWERY, nick = "jvb9" };
			eve:join { room = "jvbbrewery@breakout.meet.test", nick = "jvb9" };
			rig.player(prosody, { room = room, name = "Bob", nick = "b", manner = "obey" });
			mutes("OK", room, "Bob");
			assert.same({}, eve:asked().list);
		end));
	end);

	it("that no focus could pass on is, when Jicofo comes", function ()
		local room = new_room(true);
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "x", manner = "obey" });
		local reply = mute(room, "Bob");
		assert.is_false(reply.success);
		assert.is_truthy(reply.message:find("no focus (Jicofo) is in \"" .. room
			.. "\", and Jitsi's pages obey nobody else; the mute is remembered", 1, true), reply.message);
		assert.same({}, bob:mutes().list);
		focus:join { room = room, nick = "focus" };
		rig.call("mutes_reach", { id = bob.id, count = 1 });
	end);
end);
