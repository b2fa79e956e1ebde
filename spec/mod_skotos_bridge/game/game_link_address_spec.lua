-- Where the game's link goes and where it does not, without a network.
local bridge = require "skotos_bridge";
local loop = require "spec.support.loop";
local at = require "spec.support.game_link";
local game_link = loop.load "skotos_bridge/game/game_link";

-- The address that the link is told to connect to, and the log's lines.
local function goes_to(game)
	local went, lines = nil, {};
	local link = {
		fd = function () return 0; end, step = function () end, close = function () return 0; end,
			stats = function () return {}; end;
		connect = function (_, ip) went = ip; end;
	};
	local module = {
		host = "meet.test", log = function (_, _, format, ...) lines[#lines + 1] = format:format(...); end;
		add_timer = function () end, shared = function () return {}; end;
	};
	local journal = loop.load "skotos_bridge/admin/journal".new(module);
	game.name, game.port, game.link = "dev", 11091, { tls = game.tls };
	game_link.start(module, { link = function () return link; end, address_scope = bridge.address_scope,
		next_command = function () end }, journal, game);
	return went, table.concat(lines, "\n");
end

describe("the game's link", function ()
	local near = { "127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.9.9", "fd00::1", "::ffff:10.0.0.1" };
	local far = { "192.0.2.1", "172.32.0.1", "8.8.8.8", "2001:db8::1", "::ffff:192.0.2.1", "100.64.0.1", "0.0.0.0" };

	for _, ip in ipairs(near) do
		it("goes to " .. ip .. " without encryption", function ()
			assert.equal(ip, (goes_to { host = ip }));
		end);
	end

	for _, ip in ipairs(far) do
		it("goes to " .. ip .. " only encrypted, or when told that the way is safe; else it says what to set", function ()
			local went, said = goes_to { host = ip };
			assert.is_nil(went);
			assert.truthy(said:find("set skotos_tls, or skotos_allow_plaintext = true", 1, true), said);
			assert.equal(ip, (goes_to { host = ip, tls = {} }));
			assert.equal(ip, (goes_to { host = ip, allow_plaintext = true }));
		end);
	end

	it("looks at the address behind a name, not at the name", function ()
		loop.records = { A = { { a = "192.0.2.1" } } };
		assert.is_nil((goes_to { host = "localhost.example" }));
		assert.equal("192.0.2.1", (goes_to { host = "localhost.example", tls = {} }));
		loop.records = { AAAA = { { aaaa = "2001:db8::1" } } };
		assert.is_nil((goes_to { host = "game.example" }));
		loop.records = { A = { { a = "10.0.0.7" } } };
		assert.equal("10.0.0.7", (goes_to { host = "game.example" }));
	end);

	it("says so when a name has no address", function ()
		loop.records = {};
		local went, said = goes_to { host = "game.example" };
		assert.is_nil(went);
		assert.truthy(said:find("the game's host game.example has no address", 1, true), said);
	end);
end);

describe("a link in Prosody's loop", function ()
	before_each(at.clear);

	it("gives its address when it is asked for, as it is by then", function ()
		at.start { host = "game.example" };
		assert.same({ "10.0.0.8 11091" }, at.link.went);
		loop.records = { A = { { a = "10.0.0.9" } } };
		at.link.turns = { { wants_address = true } };
		at.watch();
		assert.same({ "10.0.0.8 11091", "10.0.0.9 11091" }, at.link.went);
	end);

	it("asks again in a while for a name that has no address, but not when it was stopped", function ()
		loop.records = {};
		at.start { host = "game.example" };
		assert.equal(5, at.timers[1][1]);
		loop.records = { A = { { a = "10.0.0.9" } } };
		at.pass();
		assert.same({ "10.0.0.9 11091" }, at.link.went);
		loop.records = {};
		at.game:reconnect();
		at.game:stop();
		loop.records = { A = { { a = "10.0.0.9" } } };
		at.pass();
		assert.same({ "10.0.0.9 11091" }, at.link.went);
	end);

	it("leaves a connection alone that was made meanwhile, though it had begun to ask again for an address", function ()
		local elsewhere = {
			function () at.game:reconnect(); end, function () at.game:change(at.new_game { host = "10.0.0.9" }); end;
			function () at.game:change(at.new_game { link = { reply_size = 0 } }); end;
			function () at.game:drain(); at.game:undrain(); end;
		};
		for _, goes in ipairs(elsewhere) do
			loop.records, at.timers = {}, {};
			at.start { host = "game.example" };
			loop.records = { A = { { a = "10.0.0.9" } } };
			goes();
			local newest = at.links[#at.links];
			assert.equal(1, #newest.went);
			at.pass();
			assert.equal(1, #newest.went);
			at.pass();
		end
	end);

	it("asks again in a while where the name is a public address's just now, and nothing is encrypted", function ()
		loop.records = { A = { { a = "192.0.2.7" } } };
		local scope = at.address_scope;
		at.address_scope = function (ip) return ip == "192.0.2.7" and "public" or scope(ip); end;
		finally(function () at.address_scope = scope; end); -- luacheck: ignore 113
		at.start { host = "game.example" };
		assert.truthy(at.said[1]:find("plaintext error: skotos_host game.example is 192.0.2.7, a public address", 1, true));
		assert.same({}, at.link.went);
		loop.records = { A = { { a = "10.0.0.9" } } };
		at.pass();
		assert.same({ "10.0.0.9 11091" }, at.link.went);
	end);

	it("takes a name for one without an address when the resolver says nothing for a minute", function ()
		local adns = require "net.adns";
		local lookup, silent = adns.lookup, nil;
		adns.lookup = function (handler) silent = handler; return nil, "it cannot be asked"; end;
		finally(function () adns.lookup = lookup; end); -- luacheck: ignore 113
		at.start { host = "game.example" };
		assert.same({ 60, {} }, { at.timers[1][1], at.said });
		at.pass();
		assert.truthy(at.said[1]:find("resolve warn: the game's host game.example has no address", 1, true));
		silent { { a = "10.0.0.8" } };
		assert.same({}, at.link.went);
		adns.lookup = lookup;
		at.pass();
		assert.same({ "10.0.0.8 11091" }, at.link.went);
		at.pass();
		assert.same({ { "10.0.0.8 11091" }, 1 }, { at.link.went, #at.said });
	end);

	describe("to another port of the game", function ()
		-- `change`: of the link's counts in the two seconds after it came up.
		local function greeted(change, meanwhile)
			at.start();
			at.link.told.connects = 0;
			at.game:reconnect();
			at.link.turns = { { entries = { { kind = "up", level = "info", text = "connected" } } } };
			at.watch();
			assert.equal(2, at.timers[#at.timers][1]);
			at.link.told.connects, at.link.told.bytes_in = 1, 40;
			for name, value in pairs(change or {}) do at.link.told[name] = value; end
			if meanwhile then meanwhile(); end
			at.pass();
			return table.concat(at.said,
				"\n"):find("greeting warn: what answers at 10.0.0.7:11091 says something before it is asked", 1, true) ~= nil;
		end
		it("says so when that greets", function () assert.is_true(greeted()); end);
		local silent = {
			{ "nothing came", { bytes_in = 0 } }, { "a request came", { requests = 1 } }, { "what came was refused", {
				refused = 1 } };
			{ "the driver's error came", { driver_errors = 1 } }, { "the connection is gone", { state = "waiting" } }, {
				"it is another connection", { connects = 2 } };
			{ "it was stopped", nil, function () at.game:stop(); end };
			{ "it was drained", nil, function () at.game:drain(); end };
			{ "it goes elsewhere", nil, function () at.game:reconnect(); end };
		};
		for _, case in ipairs(silent) do
			it("says nothing when " .. case[1], function () assert.is_false(greeted(case[2], case[3])); end);
		end
	end);
end);
