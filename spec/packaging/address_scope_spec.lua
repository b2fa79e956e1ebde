-- Setup and the module judge an address alike.
package.path = "packaging/setup/?.lua;" .. package.path;
package.cpath = "./build/?.so;" .. package.cpath;
local address_scope = require "address_scope";
local bridge = require "skotos_bridge";

describe("an address", function ()
	for _, address in ipairs {
		"127.0.0.1", "127.255.0.9", "10.0.0.5", "10.255.255.255", "11.0.0.1", "172.15.0.1", "172.16.0.1", "172.31.255.255",
		"172.32.0.1", "192.168.1.1", "192.169.1.1";
		"169.254.1.1", "169.255.1.1", "100.64.0.1", "8.8.8.8", "203.0.113.7", "::1", "::2", "2001:db8::1", "fc00::1",
		"fd12:3456::1", "fe80::1", "fe90::1", "fec0::1";
		"FD00::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1", "localhost",
		"game.example.com", "10.0.0.300", "1.2.3";
	} do
		it(address .. " reaches as far for setup as for the module", function ()
			assert.equal(bridge.address_scope(address), address_scope.of(address));
		end);
	end
end);
