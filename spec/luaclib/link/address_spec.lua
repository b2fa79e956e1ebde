-- How far a numeric address reaches: RFC 5735, 1918, 4193 and 4291. What has a name reaches nobody knows how far.
require "spec.support.rig";
local bridge = require "skotos_bridge";

local reach = {
	loopback = { "127.0.0.0", "127.255.255.255", "::1", "::ffff:127.0.0.1" };
	private = {
		"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255", "169.254.0.0",
		"169.254.255.255";
		"fc00::", "fdff::ffff", "fe80::", "febf::1", "::ffff:10.1.2.3", "::ffff:192.168.1.2";
	};
	public = {
		"0.0.0.0", "9.255.255.255", "11.0.0.0", "126.255.255.255", "128.0.0.0", "172.15.255.255", "172.32.0.0",
		"192.167.255.255", "192.169.0.0";
		"169.253.255.255", "169.255.0.0", "255.255.255.255", "::", "::2", "fbff::1", "fe00::", "fe7f::1", "fec0::",
		"2001:db8::1", "::ffff:8.8.8.8";
	};
};

describe("an address", function ()
	for scope, addresses in pairs(reach) do
		for _, address in ipairs(addresses) do
			it(address .. " is " .. scope, function () assert.equal(scope, bridge.address_scope(address)); end);
		end
	end

	for _, text in ipairs { "", "localhost", "10.0.0.300", "1.2.3", "::g", "10.0.0.1 ", "010.0.0.1.2" } do
		it(("%q is none"):format(text), function () assert.is_nil((bridge.address_scope(text))); end);
	end
end);
