-- What outlives a restart is written in parts, later, a few at a time, and never when the server is going.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";

describe("kept", function ()
	local kept_lib, stored, refuse, timers, stopping, told, contents;

	local module = {
		open_store = function ()
			return {
				set = function (_, name, data)
					if refuse then return nil, "no space"; end
					stored[name] = data;
					return true;
				end;
				get = function (_, name) return stored[name]; end;
			};
		end;
		add_timer = function (_, _, callback) table.insert(timers, callback); end;
		hook_global = function (_, name, handler) if name == "server-stopping" then stopping = handler; end end;
	};
	local journal = { fault = function (_, kind, _, text) table.insert(told, kind); told.text = text; end };
	function journal.event(_, level, text) told.text = level .. ": " .. text; end

	local function open() return kept_lib.open(module, journal, "x", function (part) return contents[part]; end); end

	-- Runs each timer once, and gives when each wants to run again.
	local function turn()
		local again, before = {}, timers;
		timers = {};
		for _, callback in ipairs(before) do
			local seconds = callback();
			if seconds then
				table.insert(again, seconds);
				table.insert(timers, callback);
			end
		end
		return again;
	end

	local function parts()
		local count = 0;
		for name in pairs(stored) do count = count + (name:find("^part") and 1 or 0); end
		return count;
	end

	before_each(function ()
		kept_lib = dofile "mod_skotos_bridge/skotos_bridge/admin/kept.lib.lua";
		stored, refuse, timers, told, contents = {}, false, {}, {}, {};
		for part = 0, kept_lib.PARTS - 1 do contents[part] = { { "item " .. part } }; end
	end);

	it("writes nothing at once, four parts at a time, and each part once", function ()
		local kept = open();
		for i = 1, 100 do kept:changed("key" .. i % 10); end
		assert.equal(0, parts());
		local touched = {};
		for i = 1, 100 do touched[kept_lib.part_of("key" .. i % 10)] = true; end
		turn();
		assert.equal(4, parts());
		for _ = 1, 3 do turn(); end
		local count = 0;
		for part in pairs(touched) do
			count = count + 1;
			assert.same(contents[part], stored["part" .. part]);
		end
		assert.equal(count, parts());
		assert.equal(1, #turn()); -- but the sign of life
	end);

	it("gives all back, and when the server was last alive", function ()
		local kept = open();
		for i = 1, 1000 do kept:changed("key" .. i); end
		assert.is_nil(kept:alive_at());
		kept:close();
		assert.equal(kept_lib.PARTS, parts());
		local again, read = open(), {};
		again:read(function (item) table.insert(read, item[1]); end);
		assert.equal(kept_lib.PARTS, #read);
		assert.is_true(os.time() - again:alive_at() <= 1);
	end);

	it("writes what is left when the server stops, and nothing of what ends then", function ()
		local kept = open();
		kept:changed("key");
		stopping();
		assert.equal(1, parts());
		contents = {};
		kept:changed("key");
		turn();
		assert.equal(1, parts());
	end);

	it("tries again later, and tells, when the storage refuses", function ()
		local kept = open();
		turn();
		refuse = true;
		kept:changed("key");
		local again = turn();
		table.sort(again);
		assert.same({ 30, 30 }, again); -- the sign of life, and the next try
		assert.equal("kept", told[1]);
		refuse = false;
		turn();
		assert.equal(1, parts());
	end);

	it("takes in nothing of a store that holds something else", function ()
		stored = { alive = { time = "yesterday" }, part3 = "text", part4 = { { "good" } } };
		local kept, read = open(), {};
		kept:read(function (item) table.insert(read, item[1]); end);
		assert.same({ "good" }, read);
		assert.is_nil(kept:alive_at());
	end);

	it("writes what has changed again, as it is then", function ()
		local kept = open();
		turn();
		kept:changed("key");
		turn();
		turn();
		local part = kept_lib.part_of("key");
		contents[part] = { { "newer" } };
		kept:changed("key");
		assert.not_same(contents[part], stored["part" .. part]);
		turn();
		assert.same({ { "newer" } }, stored["part" .. part]);
	end);

	it("says what the storage said, or raised", function ()
		local kept = open();
		refuse = true;
		kept:changed("key");
		turn();
		assert.truthy(told.text:find("cannot be written: no space", 1, true), told.text);
		module.open_store = (function (usual)
			return function ()
				local store = usual();
				store.set = function () error("it broke", 0); end;
				store.get = function () error("it broke", 0); end;
				return store;
			end;
		end)(module.open_store);
		kept = open();
		kept:read(function () error "nothing is there"; end);
		assert.is_nil(kept:alive_at());
		kept:changed("key");
		turn();
		assert.truthy(told.text:find("cannot be written: it broke", 1, true), told.text);
	end);
end);

describe("kept without a storage", function ()
	it("does nothing, and says so once", function ()
		local said;
		local kept_lib = dofile "mod_skotos_bridge/skotos_bridge/admin/kept.lib.lua";
		local kept = kept_lib.open({ open_store = function () return nil, "no storage"; end },
			{ event = function (_, level, text) said = level .. ": " .. text; end }, "x", function () end);
		assert.equal("warn: nothing of x outlives a restart: no storage", said);
		kept:changed("key");
		kept:read(function () error "nothing is there"; end);
		kept:close();
		assert.is_nil(kept:alive_at());
	end);

	it("has its keys in 64 parts, the same on every start", function ()
		local kept_lib = dofile "mod_skotos_bridge/skotos_bridge/admin/kept.lib.lua";
		local parts, count = {}, 0;
		for i = 1, 5000 do parts[kept_lib.part_of("key" .. i)] = true; end
		for part in pairs(parts) do
			assert.is_true(part >= 0 and part < 64);
			count = count + 1;
		end
		assert.equal(64, count);
		assert.equal(0xda39a3 >> 16 & 63, kept_lib.part_of(""));
	end);
end);
