-- A module's timers end with it, without a Prosody.

describe("the module's timers", function ()
	local started, stopped, api, timers;
	before_each(function ()
		started, stopped = {}, {};
		api = { add_timer = function (_, delay, callback, ...)
			local handle = { delay = delay, run = callback, ... };
			function handle:stop() stopped[#stopped + 1] = self; end
			started[#started + 1] = handle;
			return handle;
		end };
		local lib = assert(loadfile("mod_skotos_bridge/skotos_bridge/admin/timers.lib.lua", "t",
			setmetatable({ module = api }, { __index = _G })));
		timers = lib();
	end);

	it("are Prosody's, with what they are given", function ()
		local came;
		local handle = api:add_timer(7, function (...) came = { ... }; return 3; end, "more");
		assert.equal(started[1], handle);
		assert.same({ 7, "more" }, { handle.delay, handle[1] });
		assert.equal(3, handle.run(5, "more"));
		assert.same({ 5, "more" }, came);
	end);

	it("are stopped when it is unloaded, also those that go on, and those of another host that it started", function ()
		local once = api:add_timer(7, function () end);
		local again = api:add_timer(7, function () return 7; end);
		again.run();
		local elsewhere = setmetatable({ host = "other" }, { __index = api }):add_timer(1, function () end);
		timers.stop();
		local set = {};
		for _, handle in ipairs(stopped) do set[handle] = true; end
		assert.same({ 3, true, true, true }, { #stopped, set[once], set[again], set[elsewhere] });
		timers.stop();
		assert.equal(3, #stopped);
	end);

	it("are forgotten when they are over", function ()
		api:add_timer(7, function () end).run();
		api:add_timer(7, function () return false; end).run();
		timers.stop();
		assert.same({}, stopped);
	end);
end);
