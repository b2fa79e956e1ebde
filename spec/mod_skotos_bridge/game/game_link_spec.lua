-- The game's link in Prosody's loop: its steps, the game's commands and its events.
local at = require "spec.support.game_link";

describe("a link in Prosody's loop", function ()
	before_each(at.clear);

	it("steps when its descriptor says so, and tells what the link says", function ()
		at.start();
		assert.same({ { "10.0.0.7 11091" }, 1 }, { at.link.went, at.link.steps });
		local before = at.link.steps;
		at.link.turns = { { entries = { { kind = "down", level = "warn", text = "lost" }, { kind = "retry", level = "info",
			text = "again" } } } };
		at.watch();
		assert.same({ "down warn: lost", "retry info: again" }, at.said);
		assert.equal(before + 1, at.link.steps);
		at.game:take_turn();
		assert.equal(before + 2, at.link.steps);
	end);

	it("does nothing in rooms while somebody else works there, but at its next step", function ()
		at.start();
		local before = at.link.steps;
		at.link.turns = { { commands = true }, { commands = true } };
		at.commands = { { ticket = 1, cmd = "ping" } };
		at.game:take_short_turn();
		assert.same({ before + 1, 0 }, { at.link.steps, #at.executed });
		at.game:take_turn();
		assert.equal(1, #at.executed);
	end);

	it("nor while it is told of an event there, or of the end of a command that a page's stanza brings", function ()
		at.start();
		at.link.turns = { { commands = true }, { commands = true }, { commands = true } };
		at.commands = { { ticket = 1, cmd = "mute", later = true } };
		at.watch();
		at.commands = { { ticket = 2, cmd = "kick" } };
		at.link.turns = { { commands = true }, { commands = true }, { commands = true } };
		at.game:push { event = "hand", channel = "tavern" };
		assert.equal(1, #at.executed);
		at.executed[1].done { success = true };
		assert.same({ 1, 1 }, { #at.executed, #at.replies });
		at.watch();
		assert.same({ 2, 2 }, { #at.executed, #at.replies });
	end);

	it("raises nothing into the loop, and goes on", function ()
		at.start();
		at.link.turns = { { fails = "it broke" } };
		at.commands = { { ticket = 1, cmd = "ping" } };
		at.watch();
		assert.same({}, at.executed);
		assert.same({ "failed error: the link failed: it broke" }, at.said);
		local before = at.link.steps;
		at.watch();
		assert.equal(before + 1, at.link.steps);
		at.commands = { { ticket = 2, cmd = "raise" } };
		at.link.turns = { { commands = true } };
		at.watch();
		assert.same("failed error: the link failed: nobody expects it", at.said[2]);
		at.watch();
		assert.equal(before + 3, at.link.steps);
	end);

	it("that cannot be made is an error that names the game", function ()
		assert.has_error(function () at.start { link = { broken = true } }; end, "no link to the game dev: no memory");
	end);

	it("has each command carried out once, and sends what became of it with the step that is on", function ()
		at.start();
		at.commands = { { ticket = 1, cmd = "ping" }, { ticket = 2, cmd = "rooms" } };
		at.link.turns = { { commands = true } };
		local before = at.link.steps;
		at.watch();
		assert.same({ { 1, { success = true, command = "ping" } }, { 2, { success = true, command = "rooms" } } },
			at.replies);
		assert.equal(before + 2, at.link.steps);
		at.commands = { { ticket = 3, cmd = "ping" } };
		at.watch();
		assert.equal(2, #at.executed); -- the link says when there are any
		local command = { ticket = 4, cmd = "end", later = true };
		at.commands = { command };
		at.link.turns = { { commands = true } };
		at.watch();
		before = at.link.steps;
		command.done { success = false };
		assert.same({ 4, { success = false } }, at.replies[#at.replies]);
		assert.equal(before + 1, at.link.steps);
	end);

	it("replies with a failure to a command whose answer cannot be told", function ()
		at.start();
		at.commands = { { ticket = 1, cmd = "ping", broken = true } };
		at.link.turns = { { commands = true } };
		at.watch();
		assert.same({ 1, false }, { at.replies[1][1], at.replies[1][2].success });
		assert.truthy(at.said[1]:find("no reply error: no reply could be made: .*it cannot be told"), at.said[1]);
	end);

	it("replies with a failure too where another shard's answer has no names in it", function ()
		at.start { tenant = "guild" };
		at.commands = { { ticket = 1, cmd = "kick", channel = "tavern", later = true } };
		at.link.turns = { { commands = true } };
		at.watch();
		at.executed[1].done { success = true, channel = 7 };
		assert.same({ 1, false }, { at.replies[1][1], at.replies[1][2].success });
	end);

	it("tells the game of events while it is there", function ()
		at.start();
		local before = at.link.steps;
		at.game:push { event = "joined", channel = "tavern" };
		assert.same({ 1, before + 1 }, { #at.events, at.link.steps });
		at.game:push { event = "unwanted", channel = "tavern" };
		assert.same({ 2, before + 1 }, { #at.events, at.link.steps });
		assert.is_true(at.game:wants "joined");
		assert.is_true(at.game:wants("joined", "tavern"));
		assert.is_false(at.game:wants "left");
		assert.is_false(at.game:wants("joined", "elsewhere"));
		assert.is_true(at.game:may_touch "tavern");
		assert.is_false(at.game:may_touch "elsewhere");
		at.game:stop();
		at.game:push { event = "joined", channel = "tavern" };
		assert.equal(2, #at.events);
		assert.is_false(at.game:wants "joined");
	end);

	it("of a tenant knows only the tenant's rooms", function ()
		at.start { tenant = "guild" };
		assert.is_true(at.game:may_touch "[guild]tavern");
		assert.is_false(at.game:may_touch "tavern");
		assert.is_false(at.game:wants("joined", "tavern"));
		assert.is_true(at.game:wants("joined", "[guild]tavern"));
		at.game:push { event = "joined", channel = "tavern" };
		assert.equal(0, #at.events);
		at.game:push { event = "joined", channel = "[guild]tavern" };
		assert.equal("tavern", at.events[1].channel);
	end);
end);
