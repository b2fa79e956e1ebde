-- Where the game's link goes and where it does not, without a network.
local bridge = require "skotos_bridge";
local loop = require "spec.support.loop";
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
