-- The game runs its rooms: every command against a live Prosody, as the one it is about, a bystander and the game see
-- it.
local commanded = require "spec.support.commanded";
local rig = require "spec.support.rig";
local unhurried = require "spec.support.unhurried";

local prosody, game, focus;
local new_room, done, fails = commanded.new_room, commanded.done, commanded.fails;

describe("a game's command", function ()
	setup(function () prosody, game, focus = commanded.start(); end);
	teardown(function ()
		commanded.no_complaints();
		commanded.finish();
	end);

	describe("set_moderator", function ()
		it("is about the account whose bytes the game names, not about another with the same letters", function ()
		local room, ids = new_room(), { ["zo\xEB"] = "zo\\xeb", ["zo\u{EB}"] = "zo\u{EB}" };
		for _, id in pairs(ids) do rig.player(prosody, { room = room, name = "zo\u{EB}", person = id, nick = #id .. "" }); end
		for bytes, id in pairs(ids) do
			local members = ('{ "cmd": "set_moderator", "channel": "%s", "id": "%s", "moderator": true'):format(room, bytes);
			local seq = game:command { line = "command " .. rig.hex(members) }.line:match("%d+");
			game:settled {};
			local reply = game:result { seq = seq };
			assert.same({ true, id }, { reply.success, reply.id });
			assert.equal(id, done { cmd = "set_moderator", channel = room, id = id, moderator = false }.id); -- as it was told
		end
	end);

	it("makes somebody a moderator at once, for everybody to see, and again on rejoining with the same token", function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob", person = "bob-1" });
			local eve = rig.player(prosody, { room = room, name = "Eve" });
			local reply = done { cmd = "set_moderator", channel = room, id = "bob-1", moderator = true };
			assert.same({ room, "bob-1", "Bob", true }, { reply.channel, reply.id, reply.displayName, reply.moderator });
			assert.equal("owner", bob:wait({ from = "/Bob", role = "moderator" }).affiliation);
			assert.equal("owner", eve:wait({ from = "/Bob", role = "moderator" }).affiliation);
			bob:leave { room = room, nick = "Bob" };
			eve:wait { from = "/Bob", type = "unavailable" };
			local _, again = rig.player(prosody, { room = room, name = "Bob", person = "bob-1", nick = "Bob2" });
			assert.equal("moderator", again.role);
		end);

		it("takes it away from one whose token says moderator, also for when he returns", function ()
			local room = new_room();
			local mod = rig.player(prosody, { room = room, name = "Mod", moderator = true });
			local eve = rig.player(prosody, { room = room, name = "Eve" });
			done { cmd = "set_moderator", channel = room, displayName = "Mod", moderator = false };
			assert.equal("member", mod:wait({ from = "/Mod", role = "participant" }).affiliation);
			assert.equal("member", eve:wait({ from = "/Mod", role = "participant" }).affiliation);
			local _, again = rig.player(prosody, { room = room, name = "Mod", nick = "Mod2", moderator = true });
			assert.equal("participant", again.role);
		end);

		it("leaves Jicofo's grants to everybody else refused", function ()
			local room = new_room();
			rig.player(prosody, { room = room, name = "Bob" });
			local eve = rig.player(prosody, { room = room, name = "Eve" });
			done { cmd = "set_moderator", channel = room, id = "Bob", moderator = true };
			local answer = focus:iq { to = room .. "@conference.meet.test", xmlns = "http://jabber.org/protocol/muc#admin";
				item = { jid = eve.jid:match("^[^/]+"), affiliation = "owner" } };
			assert.same({ "error", "not-allowed" }, { answer.type, answer.condition });
		end);

		it("never makes someone without a token a moderator", function ()
			local room = new_room();
			rig.client { prosody = prosody }:join { room = room, nick = "ghost" };
			fails("came without a token", { cmd = "set_moderator", channel = room, displayName = "ghost", moderator = true });
		end);

		it("refuses a displayName that two people have, and names their ids", function ()
			local room = new_room();
			rig.player(prosody, { room = room, name = "Twin", person = "one", nick = "a" });
			rig.player(prosody, { room = room, name = "Twin", person = "two", nick = "b" });
			fails('2 people have in "' .. room .. '"; their id is wanted: "one", "two"',
				{ cmd = "set_moderator", channel = room, displayName = "Twin", moderator = true });
			done { cmd = "set_moderator", channel = room, id = "two", moderator = true };
		end);
	end);

	describe("kick", function ()
		it("puts somebody out with the reason, and lets him return", function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob" });
			local eve = rig.player(prosody, { room = room, name = "Eve" });
			done { cmd = "kick", channel = room, id = "Bob", reason = "no brawls", banFor = 0 };
			for _, client in ipairs { bob, eve } do
				local gone = client:wait { from = "/Bob", type = "unavailable" };
				assert.equal("no brawls", gone.reason);
				assert.is_truthy(table.concat(gone.codes, " "):find("307"));
				assert.is_falsy(table.concat(gone.codes, " "):find("301"));
			end
			local _, back = rig.player(prosody, { room = room, name = "Bob", nick = "Bob2" });
			assert.equal("available", back.type);
		end);

		it("keeps somebody out for as long as banFor says, by person, under any nickname and token, and nobody else",
				function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob", person = "bob" });
			local eve = rig.player(prosody, { room = room, name = "Eve" });
			local before = os.time();
			local reply = done { cmd = "kick", channel = room, displayName = "Bob", reason = "brawl", banFor = 3 };
			assert.is_true(reply["until"] >= before + 3 and reply["until"] <= os.time() + 3);
			for _, client in ipairs { bob, eve } do
				assert.is_truthy(table.concat(client:wait({ from = "/Bob", type = "unavailable" }).codes, " "):find("301"));
			end
			local _, again = rig.player(prosody, { room = room, name = "Robert", person = "bob", moderator = true });
			assert.same({ "error", "not-allowed" }, { again.type, again.condition });
			local _, other = rig.player(prosody, { room = room, name = "Zoe" });
			assert.equal("available", other.type);
			rig.call("sleep", { until_time = reply["until"] + 1 });
			local _, back = rig.player(prosody, { room = room, name = "Bob", person = "bob" });
			assert.equal("available", back.type);
		end);
	end);

	describe("mute", function ()
		it("has the page of somebody mute itself, by Jicofo's IQ from the focus", unhurried(function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob", manner = "obey" });
			local eve = rig.player(prosody, { room = room, name = "Eve", manner = "obey" });
			done { cmd = "mute", channel = room, id = "Bob", media = "audio", muted = true };
			assert.same({ { media = "audio", from = room .. "@conference.meet.test/focus", text = "true" } }, bob:mutes().list);
			eve:wait { from = "/Bob", sources = '"abcd-a0":{"muted":true}' };
			assert.same({}, eve:mutes().list);
			assert.same({ "audio" }, done({ cmd = "occupants", channel = room }).occupants[1].muted);
			done { cmd = "mute", channel = room, id = "Bob", media = "video", muted = true };
			eve:wait { from = "/Bob", sources = '"abcd-v0":{"muted":true' };
		end));

		it("mutes again whoever comes back or turns the microphone on, until the game says otherwise", unhurried(function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob", manner = "obey" });
			local eve = rig.player(prosody, { room = room, name = "Eve" });
			done { cmd = "mute", channel = room, id = "Bob", media = "audio", muted = true };
			local again = rig.player(prosody, { room = room, name = "Bob", nick = "Bob2", manner = "obey" });
			eve:wait { from = "/Bob2", sources = '"abcd-a0":{"muted":true}' };
			assert.equal(1, #again:mutes().list);
			bob:turn { media = "audio", muted = false };
			rig.call("mutes_reach", { id = bob.id, count = 2 });
			done { cmd = "mute", channel = room, id = "Bob", media = "audio", muted = false };
			bob:turn { media = "audio", muted = false };
			eve:wait { from = "/Bob", sources = '"abcd-a0":{"muted":false}' };
			assert.equal(2, #bob:mutes().list);
		end));

		it("of the video turns off a shared screen too, and of the desktop the screen alone", unhurried(function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob", manner = "obey" });
			local eve = rig.player(prosody, { room = room, name = "Eve", manner = "obey" });
			bob:turn { media = "desktop", muted = false };
			eve:turn { media = "desktop", muted = false };
			eve:wait { from = "/Bob", sources = '"abcd-v1":{"muted":false' };
			bob:wait { from = "/Eve", sources = '"abcd-v1":{"muted":false' };
			done { cmd = "mute", channel = room, id = "Bob", media = "video", muted = true };
			eve:wait { from = "/Bob", sources = '"abcd-v1":{"muted":true' };
			done { cmd = "mute", channel = room, id = "Eve", media = "desktop", muted = true };
			bob:wait { from = "/Eve", sources = '"abcd-v0":{"muted":false,"videoType":"camera"},"abcd-v1":{"muted":true' };
			local list = done({ cmd = "occupants", channel = room }).occupants;
			assert.same({ { "video", "desktop" }, { "desktop" } }, { list[1].muted, list[2].muted });
			bob:turn { media = "desktop", muted = false };
			eve:turn { media = "desktop", muted = false };
			rig.call("mutes_reach", { id = bob.id, count = 3 });
			rig.call("mutes_reach", { id = eve.id, count = 2 });
			local media = {};
			for i, mute in ipairs(bob:mutes().list) do media[i] = mute.media; end
			assert.same({ "video", "desktop", "desktop" }, media);
			done { cmd = "mute", channel = room, id = "Eve", media = "desktop", muted = false };
			eve:turn { media = "desktop", muted = false };
			bob:wait { from = "/Eve", sources = '"abcd-v1":{"muted":false' };
		end));

		it("takes the answer of a client that answers, and tells when one refuses", unhurried(function ()
			local room = new_room();
			rig.player(prosody, { room = room, name = "Polite", manner = "answer" });
			rig.player(prosody, { room = room, name = "Rude", manner = "refuse" });
			done { cmd = "mute", channel = room, id = "Polite", media = "audio", muted = true };
			fails("the client refused: not-allowed", { cmd = "mute", channel = room, id = "Rude", media = "audio",
				muted = true });
		end));

		it("fails when the page does not obey within a second, when it leaves meanwhile, and without a focus; later replies "
				.. "wait their turn", function ()
			local room, empty = new_room(), new_room(true);
			local deaf = rig.player(prosody, { room = room, name = "Deaf", manner = "ignore" });
			rig.player(prosody, { room = empty, name = "Bob" });
			fails("no focus (Jicofo) is in", { cmd = "mute", channel = empty, id = "Bob", media = "audio", muted = true });
			local seqs = game:order({ list = {
				{ cmd = "mute", channel = room, id = "Deaf", media = "audio", muted = true }, { cmd = "ping" },
				{ login = "Zoe", channel = "hall1" };
			} }).seqs;
			game:settled {};
			local list = game:results({ seqs = seqs }).list;
			assert.is_truthy(list[1].message:find("did not confirm within 1 s", 1, true), list[1].message);
			assert.is_true(list[2].success and list[3].success);
			assert.is_true(list[1].order < list[2].order and list[2].order < list[3].order);
			local again = game:order({ list = { { cmd = "mute", channel = room, id = "Deaf", media = "video",
				muted = true } } }).seqs[1];
			rig.call("mutes_reach", { id = deaf.id, count = 2 });
			deaf:leave { room = room, nick = "Deaf" };
			game:settled {};
			assert.is_truthy(game:result({ seq = again }).message:find("left meanwhile", 1, true));
		end);
	end);

	describe("move", function ()
		it("gives a token that lets the person into the other room and no other", function ()
			local room = new_room();
			rig.player(prosody, { room = room, name = "Bob", person = "bob-1" });
			local reply = done { cmd = "move", channel = room, id = "bob-1", to = "crypt", validFor = 60 };
			local claims = rig.call("verify", { token = reply.token }).jose;
			assert.same({ "crypt", "Bob", "bob-1", false, 60 },
				{ claims.room, claims.context.user.name, claims.context.user.id, claims.moderator, claims.exp - claims.iat });
			local _, there = rig.player(prosody, { room = "crypt", name = "Bob", token = reply.token });
			assert.equal("available", there.type);
			local _, here = rig.player(prosody, { room = new_room(), name = "Bob", token = reply.token });
			assert.equal("error", here.type);
		end);

		it("knows whom the other room keeps out, which rooms are the game's, and the policy's longest validity", function ()
			local room, other = new_room(), new_room();
			rig.player(prosody, { room = room, name = "Bob" });
			rig.player(prosody, { room = other, name = "Bob" });
			done { cmd = "kick", channel = other, id = "Bob", banFor = 600 };
			fails('"Bob" is banned from "' .. other .. '" until 20', { cmd = "move", channel = room, id = "Bob", to = other });
			fails('to: "tavern" came, which matches none of this game\'s rooms',
				{ cmd = "move", channel = room, id = "Bob", to = "tavern" });
			fails("at most 86400 are allowed", { cmd = "move", channel = room, id = "Bob", to = "crypt", validFor = 90000 });
		end);
	end);

	describe("say", function ()
		it("speaks in the room's chat under the game's name, or the one it gives", function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob" });
			local eve = rig.player(prosody, { room = room, name = "Eve" });
			assert.equal(2, done({ cmd = "say", channel = room, text = "The <gate> closes.\nAll out!" }).count);
			done { cmd = "say", channel = room, text = "Who goes there?", from = "The Guard" };
			for _, client in ipairs { bob, eve } do
				local chat = client:heard({ text = "Who goes there?" }).list;
				assert.same({ from = room .. "@conference.meet.test", type = "groupchat", body = "The <gate> closes.\nAll out!",
					name = "marrach", source = "token" }, chat[#chat - 1]);
				assert.equal("The Guard", chat[#chat].name);
			end
		end);

		it("whispers to one person only", function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob" });
			local eve = rig.player(prosody, { room = room, name = "Eve" });
			assert.equal(1, done({ cmd = "say", channel = room, displayName = "Bob", text = "a secret" }).count);
			bob:heard { text = "a secret" };
			done { cmd = "say", channel = room, text = "for all" };
			for _, message in ipairs(eve:heard({ text = "for all" }).list) do assert.not_equal("a secret", message.body); end
		end);
	end);

	describe("occupants and rooms", function ()
		it("tell a name without what no stanza between two shards can hold", function ()
			local room = new_room();
			rig.client { prosody = prosody }:join { room = room, nick = "c", name = "Gu\127est" };
			assert.equal("Guest", done({ cmd = "occupants", channel = room }).occupants[1].displayName);
		end);

		it("tell who is where, without Jitsi's own", function ()
			local room, before = new_room(), os.time();
			rig.player(prosody, { room = room, name = "Bob", person = "bob-1", nick = "a", manner = "obey",
				muted = { video = true } });
			rig.player(prosody, { room = room, name = "Mod", moderator = true, nick = "b", manner = "obey" });
			rig.client { prosody = prosody }:join { room = room, nick = "c", name = "Guest" };
			local reply = done { cmd = "occupants", channel = room };
			for _, occupant in ipairs(reply.occupants) do
				assert.is_true(occupant.joined >= before and occupant.joined <= os.time());
				occupant.joined = nil;
			end
			assert.same({
				{ occupant = "a", id = "bob-1", displayName = "Bob", moderator = false, muted = { "video" } };
				{ occupant = "b", id = "Mod", displayName = "Mod", moderator = true, muted = {} };
				{ occupant = "c", displayName = "Guest", moderator = false, muted = {} };
			}, reply.occupants);
			local found;
			for _, one in ipairs(done({ cmd = "rooms" }).rooms) do if one.channel == room then found = one; end end
			assert.equal(3, found.occupants);
			assert.is_true(found.since >= before and found.since <= os.time());
		end);

		it("leave out a stranger's rooms", function ()
			rig.player(prosody, { room = "tavern", name = "Bob" });
			for _, one in ipairs(done({ cmd = "rooms" }).rooms) do assert.not_equal("tavern", one.channel); end
		end);

		it("cut a long list at an occupant's boundary, and take it up again behind the cursor", function ()
			local room = new_room();
			rig.call("client.join_many", { port = prosody.http, room = room, count = 120, prefix = room });
			local seen, frames, cursor = {}, 0, nil;
			repeat
				local reply = done { cmd = "occupants", channel = room, cursor = cursor };
				frames = frames + 1;
				assert.equal(8192, reply.length);
				for _, occupant in ipairs(reply.occupants) do
					assert.is_nil(seen[occupant.id]);
					seen[occupant.id] = true;
					seen[#seen + 1] = occupant.id;
				end
				cursor = reply.more and reply.cursor;
			until not cursor;
			assert.equal(120, #seen);
			assert.is_true(frames > 1);
		end);
	end);

	describe("end", function ()
		it("closes the room with the reason", function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob" });
			assert.equal(1, done({ cmd = "end", channel = room, reason = "The castle falls." }).count);
			local gone = bob:wait { from = "/Bob", type = "unavailable" };
			assert.is_true(gone.destroyed);
			assert.equal("The castle falls.", gone.reason);
			fails("that room is not open", { cmd = "occupants", channel = room });
		end);

		it("ends mutes and moderators with the room, keeps a ban until its time, and answers a mute that was under way",
				function ()
			local room = new_room();
			local deaf = rig.player(prosody, { room = room, name = "Deaf", manner = "ignore" });
			rig.player(prosody, { room = room, name = "Bob" });
			rig.player(prosody, { room = room, name = "Eve" });
			done { cmd = "set_moderator", channel = room, id = "Eve", moderator = true };
			done { cmd = "kick", channel = room, id = "Bob", banFor = 600 };
			local seq = game:order({ list = { { cmd = "mute", channel = room, id = "Deaf", media = "audio",
				muted = true } } }).seqs[1];
			rig.call("mutes_reach", { id = deaf.id, count = 1 });
			done { cmd = "end", channel = room };
			assert.is_false(game:result({ seq = seq }).success);
			local _, back = rig.player(prosody, { room = room, name = "Eve" });
			assert.equal("participant", back.role);
			local _, banned = rig.player(prosody, { room = room, name = "Bob" });
			assert.same({ "error", "not-allowed" }, { banned.type, banned.condition });
		end);
	end);

	it("is not disturbed by a page that names its sources in a way nobody can read", function ()
		local room = new_room();
		rig.player(prosody, { room = room, name = "Bob", manner = "obey" });
		done { cmd = "mute", channel = room, id = "Bob", media = "audio", muted = true };
		local odd = rig.player(prosody, { room = room, name = "Odd", manner = "ignore" });
		local eve = rig.player(prosody, { room = room, name = "Eve" });
		for _, sources in ipairs { "{", "[1,2", '"x"', '{"a":7,"b-a0":[]}', ("["):rep(50000) } do
			odd:names { sources = sources };
			eve:wait { from = "/Odd", sources = sources:sub(1, 100) };
		end
		assert.equal(3, #done({ cmd = "occupants", channel = room }).occupants);
	end);

	it("ping tells versions", function ()
		local reply = done { cmd = "ping" };
		assert.is_truthy(reply.version:find("^%d+%.%d+%.%d+"), reply.version);
		assert.equal(require "skotos_bridge".version, reply.version);
		assert.equal(prosody:lua({ code = "return prosody.version" }).result, reply.prosody);
	end);
end);
