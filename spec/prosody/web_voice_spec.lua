-- skotos-voice.js in Debian's Chromium, with Jitsi's client from npm, on a live Prosody; two players go peer to peer.
local players = require "spec.support.web.players";

describe("voice in the game's page", function ()
	local world;

	setup(function () world = players.start(); end);
	teardown(function () world:stop(); end);

	it("joins at the game's message, and two hear each other", function ()
		local _, bob = world:player("Bob", { room = "tavern" });
		local _, eve = world:player("Eve", { room = "tavern" });
		bob:until_people(2);
		eve:until_people(2);
		bob:ask { op = "heard" };
		eve:ask { op = "heard" };
		local seen = bob:see();
		assert.same({ "You are in tavern.", "", true }, { seen.told, seen.note, seen.microphone });
		assert.same({ "Bob (you)", "Eve" }, { seen.people[1].name, seen.people[2].name });
		assert.equal("Volume of Eve", seen.people[2].slider);
		bob:close();
		eve:close();
	end);
end);
