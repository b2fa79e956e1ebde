-- The game's link when its settings change, when it is drained and when it is stopped.
local loop = require "spec.support.loop";
local at = require "spec.support.game_link";

describe("a link in Prosody's loop", function ()
	before_each(at.clear);

	describe("with new settings", function ()
		it("answers by them at once, on the same connection", function ()
			at.start();
			at.game:change(at.new_game { made_issuer = "other" });
			assert.same({ "other", 1, 1, 0 }, { at.link.issuer, #at.links, #at.link.went, at.link.closed });
			assert.is_false(at.game:may_touch "tavern");
		end);
		for _, change in ipairs { { host = "10.0.0.9" }, { port = 5 }, { allow_plaintext = true } } do
			it("goes to the new address: " .. next(change), function ()
				at.start();
				local before = at.link.steps;
				at.game:change(at.new_game(change));
				assert.equal((change.host or "10.0.0.7") .. " " .. (change.port or 11091), at.link.went[2]);
				assert.same({ 1, before + 1 }, { #at.links, at.link.steps });
			end);
		end
		for _, change in ipairs { { reply_size = 0, reply_interval = 0 }, { reply_size = 8192, reply_interval = 1 }, {
			reply_size = 8192, reply_interval = 0, tls = {} } } do
			it("is made anew where what travels has another shape", function ()
				at.start();
				at.link.lost, at.link.untold = 3, 589;
				local old, old_watcher = at.link, loop.watchers[#loop.watchers];
				at.game:change(at.new_game { link = change });
				assert.same({ 2, 1, true }, { #at.links, old.closed, old_watcher.closed });
				at.game:reconnect();
				assert.equal(2, at.links[2].steps);
				table.remove(at.links[2].went);
				assert.same({ change, { "10.0.0.7 11091" } }, { at.links[2].options, at.links[2].went });
				assert.same({ "warn: [dev] 3 requests go unanswered, 589 events untold" }, at.said);
			end);
		end
		local elsewhere = {
			{ "other settings", function () at.game:change(at.new_game { host = "10.0.0.9" }); end, { "10.0.0.9 11091" } };
			{ "another shape", function ()
				at.game:change(at.new_game { host = "10.0.0.9", link = { reply_size = 0 } });
			end, {} };
			{ "a drain", function () at.game:drain(); end, {} };
		};
		for _, case in ipairs(elsewhere) do it("forgets an address that it has asked for before " .. case[1], function ()
			local pending;
			local adns = require "net.adns";
			local lookup = adns.lookup;
			adns.lookup = function (handler, _, qtype) if qtype == "A" then pending = handler; else handler {}; end end;
			finally(function () adns.lookup = lookup; end); -- luacheck: ignore 113
			at.start { host = "game.example" };
			case[2]();
			assert.same({}, at.said);
			local newest = at.links[#at.links];
			local went = #newest.went;
			pending { { a = "10.0.0.8" } };
			assert.same(case[3], at.link.went);
			assert.equal(went, #newest.went);
		end); end
	end);

	it("is drained when nothing waits on it any more, and then does nothing until it is undrained, "
				.. "with the newest settings", function ()
		at.start();
		at.link.told.queued = 1;
		local before = at.link.steps;
		assert.is_false(at.game:drain());
		assert.same({ before + 1, 0 }, { at.link.steps, at.link.closed });
		assert.equal("up", at.game:stats().state);
		at.link.told.queued = 0;
		assert.is_true(at.game:drain());
		assert.is_true(at.game:drain());
		assert.same({ 1, true, "drained" }, { at.link.closed, loop.watchers[#loop.watchers].closed, at.game:stats().state });
		before = at.link.steps;
		at.game:take_turn();
		at.game:take_short_turn();
		at.game:reconnect();
		at.game:change(at.new_game { host = "10.0.0.9" });
		assert.same({ before, 1, 1 }, { at.link.steps, #at.link.went, #at.links });
		assert.is_false(at.game:wants "joined");
		at.game:undrain();
		assert.same({ 2, { "10.0.0.9 11091" }, "up" }, { #at.links, at.links[2].went, at.game:stats().state });
		at.game:undrain();
		assert.equal(2, #at.links);
	end);

	it("is drained while the machine has nothing to make it anew of, and tries on", function ()
		at.start();
		local old, old_watcher = at.link, loop.watchers[#loop.watchers];
		at.no_descriptor = true;
		at.game:change(at.new_game { link = { reply_size = 0 } });
		assert.same({ 1, 1, true, "drained" }, { #at.links, old.closed, old_watcher.closed, at.game:stats().state });
		assert.same({ "link error: the link cannot be made anew (no link to the game dev: no memory); trying again in 5 s" },
			at.said);
		at.pass();
		at.no_descriptor = false;
		at.pass();
		assert.same({ 2, "up", { "10.0.0.7 11091" } }, { #at.links, at.game:stats().state, at.links[2].went });
		at.no_descriptor = true;
		at.game:drain();
		at.game:undrain();
		assert.same({ "drained", 1 }, { at.game:stats().state, #at.timers });
		assert.is_true(at.game:drain());
		at.no_descriptor = false;
		at.pass();
		assert.same({ 2, "drained" }, { #at.links, at.game:stats().state });
		at.no_descriptor = true;
		at.game:undrain();
		at.game:stop();
		at.no_descriptor = false;
		at.pass();
		assert.same({ 2, 1, 1 }, { #at.links, at.links[1].closed, at.links[2].closed });
	end);

	it("that was stopped is closed once, steps no more, and is drained as it is", function ()
		at.start();
		at.game:stop();
		assert.same({ 1, true }, { at.link.closed, loop.watchers[#loop.watchers].closed });
		local before = at.link.steps;
		at.game:step();
		assert.equal(before, at.link.steps);
		assert.is_true(at.game:drain());
		at.game:undrain();
		assert.same({ 1, 1 }, { #at.links, at.link.closed });
	end);

	it("that was drained and then stopped is not closed again", function ()
		at.start();
		assert.is_true(at.game:drain());
		at.game:stop();
		at.game:undrain();
		assert.same({ 1, 1 }, { at.link.closed, #at.links });
	end);
end);
