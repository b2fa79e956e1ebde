-- What an administrator reads: a fault that repeats is one line a minute, and nothing that was left out goes uncounted.

-- A module as Prosody gives it, with timers that the spec runs.
local function new_module()
	local fake = { lines = {}, debug = {}, timers = {}, tables = {}, host = "meet.test" };
	function fake:log(level, format, ...)
		local list = level == "debug" and self.debug or self.lines;
		list[#list + 1] = (level == "debug" and "" or level .. " ") .. format:format(...);
	end
	function fake:add_timer(delay, callback) self.timers[#self.timers + 1] = { delay = delay, callback = callback }; end
	function fake:shared(name) self.tables[name] = self.tables[name] or {}; return self.tables[name]; end
	-- A minute passes.
	function fake:minute()
		local timers = self.timers;
		self.timers = {};
		for _, timer in ipairs(timers) do
			assert.equal(60, timer.delay);
			timer.callback();
		end
	end
	return fake;
end

local journal_lib = require "spec.support.lib".load "admin/journal";

describe("the journal", function ()
	local fake, journal;
	before_each(function ()
		fake = new_module();
		journal = journal_lib.new(fake);
	end);

	it("leaves out the middle of a text that is too long, and says how much", function ()
		journal:event("info", ("a"):rep(2000));
		journal:event("info", "begin" .. ("x"):rep(100000) .. "end");
		assert.equal("info " .. ("a"):rep(2000), fake.lines[1]);
		local begin, count, finish = fake.lines[2]:match("^info (beginx+) %[(%d+) bytes left out%] (x+end)$");
		assert.equal(100008, #begin + tonumber(count) + #finish);
		assert.is_true(#fake.lines[2] < 2100);
		assert.equal(#fake.lines[2], #("info " .. journal:recent()[2].text));
	end);

	it("tells again at once what it told a moment ago when the configuration is new, and what was left out before",
			function ()
		for i = 1, 3 do journal:fault("retry", "warn", "no way " .. i); end
		journal:begin_anew();
		journal:fault("retry", "warn", "no way 4");
		assert.same({ "warn no way 1", "warn no way 3 (the last of 2 that were left out)", "warn no way 4" }, fake.lines);
		fake:minute();
		assert.equal(3, #fake.lines);
	end);

	it("tells a fault at once, the others of the minute as one count", function ()
		for i = 1, 1000 do journal:fault("login expired", "warn", "refused " .. i); end
		assert.same({ "warn refused 1" }, fake.lines);
		fake:minute();
		assert.same({ "warn refused 1", "warn refused 1000 (and 999 more like it in the last minute)" }, fake.lines);
		-- One by one they are at the level debug, for whoever looks.
		assert.equal(998, #fake.debug);
		assert.equal("refused 2", fake.debug[1]);
	end);

	it("tells one line a minute as long as it goes on, and is ready anew when it ends", function ()
		for _ = 1, 10 do
			for _ = 1, 50 do journal:fault("down", "warn", "lost"); end
			fake:minute();
		end
		assert.equal(11, #fake.lines);
		fake:minute();
		fake:minute();
		assert.equal(0, #fake.timers);
		journal:fault("down", "warn", "lost again");
		assert.equal("warn lost again", fake.lines[#fake.lines]);
	end);

	it("does not tell again of what is over once the game is there", function ()
		local tell = journal:voice("game");
		for i = 1, 4 do tell("retry", "warn", "cannot reach the game " .. i); end
		tell("up", "info", "connected to the game");
		fake:minute();
		assert.same({ "warn [game] cannot reach the game 1",
			"info [game] connected to the game, after 3 more faults than the log tells of" }, fake.lines);
		tell("retry", "warn", "cannot reach the game 5");
		assert.equal("warn [game] cannot reach the game 5", fake.lines[3]);
	end);

	it("goes on counting what a game's coming back does not end, and other games' faults", function ()
		local tell, other = journal:voice("game"), journal:voice("dev");
		for i = 1, 3 do
			tell("refused", "warn", "request 7 refused (not-json) " .. i);
			other("retry", "warn", "cannot reach it " .. i);
		end
		tell("up", "info", "connected");
		fake:minute();
		assert.same({ "warn [dev] cannot reach it 3 (and 2 more like it in the last minute)",
			"warn [game] request 7 refused (not-json) 3 (and 2 more like it in the last minute)" },
			{ table.unpack((function () local last = { table.unpack(fake.lines, 4) }; table.sort(last); return last; end)()) });
	end);

	it("shows what would steer a terminal, and what XML cannot hold, as bytes", function ()
		journal:event("info", "Login from \27[31m203.0.113.7\n\239\191\190 Königshof");
		assert.same({ [[info Login from \x1b[31m203.0.113.7\x0a\xef\xbf\xbe Königshof]] }, fake.lines);
		assert.equal(fake.lines[1], "info " .. journal:recent()[1].text);
	end);

	it("does not let one kind of fault hide another", function ()
		for _ = 1, 5 do journal:fault("down", "warn", "lost"); end
		journal:fault("refused not-json", "warn", "no JSON");
		journal:event("info", "connected");
		assert.same({ "warn lost", "warn no JSON", "info connected" }, fake.lines);
	end);

	it("tells the first few of a kind where one is no fault yet", function ()
		for i = 1, 7 do journal:fault("up", "info", "connected " .. i, 5); end
		assert.equal(5, #fake.lines);
		fake:minute();
		assert.equal("info connected 7 (and 2 more like it in the last minute)", fake.lines[6]);
	end);

	it("counts each voice's faults, and each kind of refusal, by itself", function ()
		local game, other = journal:voice("game"), journal:voice("other");
		for i = 1, 3 do
			game("refused", "warn", "request " .. i .. " refused (not-json): no JSON");
			other("down", "warn", "lost");
		end
		game("refused", "warn", "request 4 refused (field): no name");
		game("down", "warn", "lost");
		assert.same({ "warn [game] request 1 refused (not-json): no JSON", "warn [other] lost",
			"warn [game] request 4 refused (field): no name",
			"warn [game] lost" }, fake.lines);
	end);

	it("keeps the last 50 events, together with the host's other journals, and tells what is left out before it goes",
			function ()
		local other = journal_lib.new(fake);
		for i = 1, 60 do (i % 2 == 0 and journal or other):event("info", "event " .. i); end
		assert.equal(50, #journal:recent());
		assert.equal("event 11", journal:recent()[1].text);
		assert.equal("event 60", other:recent()[50].text);
		journal:fault("down", "warn", "lost");
		journal:fault("down", "warn", "lost once more");
		journal:close();
		assert.equal("warn lost once more (the last of 1 that were left out)", fake.lines[#fake.lines]);
		fake:minute();
		assert.equal("warn lost once more (the last of 1 that were left out)", fake.lines[#fake.lines]);
	end);
end);
