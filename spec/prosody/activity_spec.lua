-- What people do in a room, told to a game that has subscribed to it: said, hand, muted, speaking, renamed.
local commanded = require "spec.support.commanded";
local rig = require "spec.support.rig";
local unhurried = require "spec.support.unhurried";

local OPTIONS = [[
allow_empty_token = true; skotos_names = "%s"
skotos_games = { marrach = { skotos_port = %%d, rooms = { "hall*", "[dev]hall*" }, skotos_commands = true } }]];
local MUCS = rig.muc("breakout.meet.test", 'main_muc = "conference.meet.test"; modules_enabled = { "breakouts" }')
	.. 'Component "speakerstats.meet.test" "rig_component"';
local ACTIVITY = { "said", "hand", "muted", "speaking", "renamed" };

local prosody, focus;
local done, new_room, told, events = commanded.done, commanded.new_room, commanded.told, commanded.events;

local function start(names)
	local _;
	prosody, _, focus = commanded.start { host = OPTIONS:format(names or "token"), muc = MUCS };
end

local function subscribe(names, channel) done { cmd = "subscribe", events = names or ACTIVITY, channel = channel }; end

local function at(room) return room:find("@", 1, true) and room or room .. "@conference.meet.test"; end

-- Sends a presence of the occupant `nick` with the elements `xml`; gives once all have it.
local function says(client, room, nick, xml)
	local id = rig.call("unique").text;
	client:stanza { xml = ([[<presence xmlns="jabber:client" to="%s/%s">%s<stats-id>%s</stats-id></presence>]])
		:format(at(room), nick, xml, id) };
	client:wait { from = "/" .. nick, stats = id };
end

local function chat(client, room, xml, to, kind)
	client:stanza { xml = ([[<message xmlns="jabber:client" type="%s" to="%s%s">%s</message>]]):format(kind or "groupchat",
		at(room), to or "", xml) };
end

local function speaks(client, room_jid, silence)
	client:stanza { xml = ([[<message xmlns="jabber:client"
		to="speakerstats.meet.test"><speakerstats xmlns="http://jitsi.org/jitmeet"
		room="%s" silence="%s"/></message>]]):format(room_jid, silence or "false") };
end

-- All events since number `from`, when whatever was done has been heard of: `client` says something last.
local function all_events(from, client, room)
	chat(client, room, "<body>the last word</body>");
	for _ = 1, 200 do
		local list = events(from);
		if #list > 0 and list[#list].text == "the last word" then
			list[#list] = nil;
			return list;
		end
		rig.call("pause", { ms = 20 });
	end
	error "the last word was not told";
end

local HAND = "<jitsi_participant_raisedHand>%s</jitsi_participant_raisedHand>";
local function source_info(audio, video)
	return ([[<SourceInfo>{"x-a0":{"muted":%s},"x-v0":{"muted":%s}}</SourceInfo>]]):format(audio, video);
end

describe("what people do", function ()
	setup(function () start(); end);
	teardown(commanded.finish);

	it("is told as it happens: who said what, raised a hand, turned something on or off, speaks", function ()
		local room = new_room();
		subscribe();
		local from = told();
		local bob = rig.player(prosody, { room = room, name = "Bob", person = "bob-1", nick = "b" });
		chat(bob, room, "<body>A &lt;dragon&gt;!\n\u{1f409} \"seq\":5</body>");
		says(bob, room, "b", HAND:format("1795564103000"));
		says(bob, room, "b", HAND:format("1795564104000") .. source_info("false", "true"));
		says(bob, room, "b", HAND:format("") .. source_info("true", "true"));
		speaks(bob, at(room));
		local list = all_events(from, bob, room);
		local function event(members)
			members.channel, members.occupant, members.id, members.displayName = room, "b", "bob-1", "Bob";
			return members;
		end
		assert.same({
			event { event = "said", text = "A <dragon>!\n\u{1f409} \"seq\":5" };
			event { event = "hand", raised = true };
			event { event = "muted", media = "audio", muted = false, by = "self" };
			event { event = "muted", media = "audio", muted = true, by = "self" };
			event { event = "hand", raised = false };
			event { event = "speaking" };
		}, list);
	end);

	it("is of whoever comes what his first presence says", function ()
		local room = new_room();
		subscribe();
		local from = told();
		local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e", manner = "obey", muted = { video = true } });
		local list = all_events(from, eve, room);
		assert.same({ 1, "muted", "audio", false }, { #list, list[1].event, list[1].media, list[1].muted });
	end);

	it("has a hand down that is empty, 0, false or not there, as pages of all years say it", function ()
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		subscribe { "hand" };
		local from, seen = told(), {};
		for _, down in ipairs { HAND:format(""), HAND:format("0"), HAND:format("false"), "" } do
			says(bob, room, "b", HAND:format("true"));
			says(bob, room, "b", down);
		end
		for i, event in ipairs(events(from, 8)) do seen[i] = event.raised; end
		assert.same({ true, false, true, false, true, false, true, false }, seen);
	end);

	it("leaves out private messages, what is no text, what is the game's own, and what recorders and Jicofo do",
			function ()
		local room = new_room();
		subscribe();
		local from = told();
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e" });
		chat(bob, room, "<body>a secret</body>", "/e", "chat");
		chat(bob, room, "<body/>");
		chat(bob, room, [[<json-message xmlns="http://jitsi.org/jitmeet">{"type":"x"}</json-message>]]);
		chat(bob, room, "<subject>a new subject</subject>");
		chat(focus, room, "<body>I am the focus</body>");
		done { cmd = "say", channel = room, text = "the game speaks" };
		says(focus, room, "focus", HAND:format("1"));
		eve:heard { text = "the game speaks" };
		assert.same({}, all_events(from, eve, room));
	end);

	it("names who has muted somebody: the game, a moderator, himself", unhurried(function ()
		local room = new_room();
		rig.player(prosody, { room = room, name = "Mod", person = "mod-1", nick = "m", moderator = true });
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b", manner = "obey" });
		subscribe();
		local from = told();
		focus:stanza { xml = ([[<iq xmlns="jabber:client" type="set" id="m1" to="%s/b"><mute ]]
				.. [[xmlns="http://jitsi.org/jitmeet/audio" actor="%s/m">true</mute></iq>]])
			:format(at(room), at(room)) };
		events(from, 1);
		bob:turn { media = "audio", muted = false };
		events(from, 2);
		done { cmd = "mute", channel = room, id = "Bob", media = "audio", muted = true };
		done { cmd = "mute", channel = room, id = "Bob", media = "audio", muted = false };
		events(from, 3);
		bob:turn { media = "audio", muted = false };
		events(from, 4);
		bob:turn { media = "audio", muted = true };
		local list = {};
		for i, event in ipairs(events(from, 5)) do list[i] = { event.muted, event.by, event.actor }; end
		assert.same({ { true, "moderator", "mod-1" }, { false, "self" }, { true, "game" }, { false, "self" },
			{ true, "self" } }, list);
	end));

	it("tells each change of the dominant speaker once, and only what those say who are in the room", function ()
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e" });
		local stranger = rig.player(prosody, { room = "tavern", name = "Zoe", nick = "z" });
		subscribe();
		local from = told();
		for _ = 1, 3 do speaks(bob, at(room)); end
		events(from, 1);
		speaks(stranger, at(room));
		speaks(stranger, "nowhere@conference.meet.test");
		speaks(stranger, "");
		speaks(stranger, "no jid @");
		stranger:stanza { xml = [[<message xmlns="jabber:client" to="speakerstats.meet.test"><speakerstats ]]
			.. [[xmlns="http://jitsi.org/jitmeet"/></message>]] };
		speaks(eve, at(room), "true");
		stranger:say { room = "tavern", text = "I have spoken" };
		stranger:heard { text = "I have spoken" };
		speaks(bob, at(room)); -- who is told of again, had one of those words been somebody's
		chat(bob, room, "<body>and now Eve</body>");
		events(from, 2);
		speaks(eve, at(room));
		events(from, 3);
		speaks(bob, at(room));
		local seen = {};
		for i, event in ipairs(all_events(from, bob, room)) do seen[i] = event.event .. " " .. event.id; end
		assert.same({ "speaking Bob", "said Bob", "speaking Eve", "speaking Bob" }, seen);
	end);

	it("in a breakout room is told by its main room's channel", function ()
		local room = new_room();
		local eve = rig.player(prosody, { room = room, name = "Eve", nick = "e" });
		local cellar = prosody:lua({ code = (
			[[return prosody.hosts["breakout.meet.test"].modules.breakouts.make("cellar", "%s")]]):format(at(room)) }).result;
		local mod = rig.player(prosody, { room = room, name = "Mod", person = "mod-1", nick = "m", moderator = true });
		eve:leave { room = room, nick = "e" };
		mod:leave { room = room, nick = "m" };
		mod:wait { from = "/m", type = "unavailable" };
		mod:join { room = cellar, nick = "m" };
		done { cmd = "subscribe", events = { "joined", "left", "said", "hand", "muted", "speaking" } };
		local from = told();
		assert.equal("available", eve:join({ room = cellar, nick = "e", manner = "obey", muted = { video = true } }).type);
		chat(eve, cellar, "<body>psst</body>");
		says(eve, cellar, "e", HAND:format("1") .. source_info("false", "true"));
		speaks(eve, cellar);
		events(from, 5);
		prosody:lua { code = ([[prosody.hosts["breakout.meet.test"].modules.muc.get_room_from_jid("%s"):set_role(true, ]]
			.. [["%s/e", nil, "out")]]):format(cellar, cellar) };
		local list = {};
		for i, event in ipairs(events(from, 6)) do
			assert.same({ room, "Eve", "e" }, { event.channel, event.id, event.occupant });
			list[i] = event.event .. (event.reason and " " .. event.reason or "");
		end
		assert.same({ "joined", "muted", "said", "hand", "speaking", "left out" }, list);
	end);

	it("knows a tenant's room by the name that a page has for it", function ()
		local name = new_room();
		local room = "[dev]" .. name;
		local bob = rig.player(prosody, { room = room, token = rig.token { room = name, domain = "dev", name = "Bob" },
			name = "Bob", nick = "b" });
		subscribe();
		local from = told();
		speaks(bob, name .. "@conference.dev.meet.test");
		assert.same({ "speaking", room }, { events(from, 1)[1].event, events(from, 1)[1].channel });
	end);

	it("is nothing of what was not asked for, of the rooms that were not, and stops with the subscription", function ()
		local room, other = new_room(), new_room();
		subscribe({ "hand" }, room);
		local from = told();
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		local eve = rig.player(prosody, { room = other, name = "Eve", nick = "e" });
		for client, where in pairs { [bob] = { room, "b" }, [eve] = { other, "e" } } do
			chat(client, where[1], "<body>Hello</body>");
			says(client, where[1], where[2], HAND:format("1") .. source_info("false", "false"));
			speaks(client, at(where[1]));
		end
		events(from, 1);
		done('{ "cmd": "subscribe", "events": [], "channel": "' .. room .. '"');
		says(bob, room, "b", HAND:format(""));
		subscribe { "said" };
		chat(eve, other, "<body>now</body>");
		local list = events(from, 2);
		assert.same({ "hand", room, "said", other }, { list[1].event, list[1].channel, list[2].event, list[2].channel });
		done '{ "cmd": "subscribe", "events": []';
	end);

	it("is not disturbed by what no page sends, and cuts what no frame holds", function ()
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		subscribe();
		local from = told();
		for _, xml in ipairs { "<SourceInfo>{</SourceInfo>", "<SourceInfo>[[[</SourceInfo>", "<SourceInfo><a/></SourceInfo>",
				"<jitsi_participant_raisedHand><b/></jitsi_participant_raisedHand>" } do
			says(bob, room, "b", xml);
		end
		chat(bob, room, "<body>" .. ("\u{20ac}\""):rep(5000) .. "</body>");
		local list = events(from, 1);
		assert.same({ "said", true }, { list[1].event, list[1].cut });
		assert.is_true(#list[1].text > 6000 and (("\u{20ac}\""):rep(5000)):sub(1, #list[1].text) == list[1].text);
		assert.same({}, rig.complaints(prosody));
	end);

	it("tells no new name where names are the game's, but of who has none of the game's", function ()
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		local gus = rig.client { prosody = prosody };
		gus:join { room = room, nick = "g", name = "Gus" };
		subscribe();
		local from = told();
		says(bob, room, "b", '<nick xmlns="http://jabber.org/protocol/nick">Skott</nick>');
		says(gus, room, "g", '<nick xmlns="http://jabber.org/protocol/nick">Gustav</nick>');
		local list = all_events(from, bob, room);
		assert.same({ 1, "renamed", "g", "Gus", "Gustav" },
			{ #list, list[1].event, list[1].occupant, list[1].was, list[1].shown });
	end);
end);

describe("a person who is shown by another name", function ()
	setup(function () start "free"; end);
	teardown(commanded.finish);

	it("is told of, with the names before and after, where names are free", function ()
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob", nick = "b" });
		subscribe { "renamed" };
		local from = told();
		says(bob, room, "b", '<nick xmlns="http://jabber.org/protocol/nick">The Baron</nick>');
		says(bob, room, "b", '<nick xmlns="http://jabber.org/protocol/nick">The Baron</nick>' .. HAND:format("1"));
		says(bob, room, "b", "");
		local list = events(from, 2);
		assert.same({ "Bob", "Bob", "The Baron" }, { list[1].displayName, list[1].was, list[1].shown });
		assert.same({ "The Baron", "" }, { list[2].was, list[2].shown });
	end);
end);
