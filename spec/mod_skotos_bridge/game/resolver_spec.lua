-- A name's addresses: in the hosts file first, as everywhere else on a machine, then in DNS, which is stood in for.
local bridge = require "skotos_bridge";

local records, asked;
package.loaded["net.adns"] = nil;
package.preload["net.adns"] = function ()
	return { lookup = function (handler, name, qtype)
		asked[#asked + 1] = qtype .. " " .. name;
		handler(records[qtype]);
	end };
end;

describe("a name's addresses", function ()
	local resolver;
	local function find(host, text)
		asked = {};
		resolver.HOSTS = os.tmpname();
		local file = assert(io.open(resolver.HOSTS, "wb"));
		file:write(text or "");
		file:close();
		local found;
		resolver.find(bridge, host, function (addresses)
			assert.is_nil(found, "it was told twice");
			found = addresses;
		end);
		os.remove(resolver.HOSTS);
		return table.concat(found, " ");
	end

	setup(function () resolver = dofile "mod_skotos_bridge/skotos_bridge/game/resolver.lib.lua"; end);
	before_each(function () records = {}; end);
	teardown(function () package.preload["net.adns"], package.loaded["net.adns"] = nil, nil; end);

	local HOSTS = "127.0.0.1\tlocalhost\n# 10.0.0.1 game\n::1 localhost ip6-localhost\n10.0.0.5   game.example.com game "
		.. "# ours, not other.example.com\n"
		.. "fd00::5 game\n10.0.0.6 game2 my-game\r\n  10.0.0.7\tTabbed\n300.1.1.1 nonsense\nfe80::1%eth0 zoned\n10.0.0.5 "
			.. "game\n10.0.0.8 last.example.com";
	local cases = {
		{ "are those of the hosts file, IPv4 first, each once", "game", "10.0.0.5 fd00::5" };
		{ "may stand behind another name in its line", "game.example.com", "10.0.0.5" };
		{ "are not those of a name that only contains it", "example.com", "" };
		{ "are not those of a longer name", "gam", "" };
		{ "do not come out of a remark", "other.example.com", "" };
		{ "are found in any case of letters, and with a dot behind", "GAME.Example.com.", "10.0.0.5" };
		{ "are found in a line that ends as on Windows", "my-game", "10.0.0.6" };
		{ "are found behind a tab", "tabbed", "10.0.0.7" };
		{ "are found in a last line without an end", "last.example.com", "10.0.0.8" };
		{ "are only those that are addresses", "nonsense", "" };
		{ "are not those with a zone, which a link cannot use", "zoned", "" };
		{ "are not the address itself as a name", "10.0.0.9", "10.0.0.9" };
		{ "are what the file says for localhost too", "localhost", "127.0.0.1 ::1" };
		{ "are not found by a pattern", "gam.", "" };
		{ "are none of the root's", ".", "" };
	};
	for _, case in ipairs(cases) do
		it(case[1], function () assert.equal(case[3], find(case[2], HOSTS)); end);
	end

	it("of localhost are 127.0.0.1 where there is no hosts file", function ()
		assert.equal("127.0.0.1", find("localhost"));
		assert.equal("127.0.0.1", find("Localhost"));
	end);

	it("in the hosts file count before those in DNS, which is not asked", function ()
		records = { A = { { a = "10.9.9.9" } } };
		assert.equal("10.0.0.5 fd00::5", find("game", HOSTS));
		assert.same({}, asked);
		assert.equal("10.9.9.9", find("elsewhere.test", HOSTS));
		assert.same({ "A elsewhere.test" }, asked);
	end);

	it("of IPv6 are asked for where there are none of IPv4", function ()
		records = { AAAA = { { aaaa = "2001:db8::1" }, { aaaa = "2001:db8::2" } } };
		assert.equal("2001:db8::1 2001:db8::2", find "six.test");
		assert.same({ "A six.test", "AAAA six.test" }, asked);
	end);

	it("are not what else DNS tells, a name's other name or what is no address", function ()
		records = { A = { { cname = "other.test" }, { a = "nonsense" }, { a = "10.9.9.9" }, {} } };
		assert.equal("10.9.9.9", find "elsewhere.test");
	end);

	it("may be none, also when the resolver fails", function ()
		assert.equal("", find "none.test");
		assert.same({ "A none.test", "AAAA none.test" }, asked);
	end);

	it("are found in a file of 100,000 lines", function ()
		local lines = {};
		for n = 1, 100000 do lines[n] = ("0.0.0.0 advert%d.example"):format(n); end
		lines[50000] = "10.0.0.5 game";
		assert.equal("10.0.0.5", find("game", table.concat(lines, "\n")));
	end);
end);
