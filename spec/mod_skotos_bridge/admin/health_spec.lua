-- How this shard is: to everybody in a word, to those near by in full.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local json = require "util.json";
local lib = require "spec.support.lib";
local health = lib.load "admin/health";

describe("the health of a shard", function ()
	local state, why, shards, addresses, get, before;
	before_each(function ()
		before = rawget(_G, "module");
		rawset(_G, "module", {
			depends = function () end;
			provides = function (_, what, how) if what == "http" then get = how.route["GET /health"]; end end;
		});
		state, why, shards, addresses = "ok", nil, nil, {};
		health.attach {
			state = function () return state, why; end, shards = function () return shards; end,
				addresses = function () return addresses; end;
			links = function () return { dev = { stats = function () return { state = "up", queued = 3 }; end } }; end;
		};
	end);
	after_each(function () rawset(_G, "module", before); end);

	-- What is told to `ip`, and the status.
	local function ask(ip)
		local response = { headers = {} };
		local told = json.decode(get { request = { ip = ip }, response = response });
		assert.same({ content_type = "application/json", cache_control = "no-store" }, response.headers);
		return told, response.status_code;
	end

	it("is a word for who is far, and 200 only while it takes rooms", function ()
		assert.same({ { status = "ok" }, 200 }, { ask "192.0.2.1" });
		for _, word in ipairs { "draining", "stuck" } do
			state, why = word, "because";
			assert.same({ { status = word }, 404 }, { ask "2001:db8::1" });
		end
	end);

	it("is all there is for loopback, and for those who are listed", function ()
		why = "because";
		local all = { status = "ok", why = "because", games = { dev = { link = "up", queue = 3 } } };
		for _, ip in ipairs { "127.0.0.1", "127.255.255.255", "::1" } do assert.same(all, (ask(ip))); end
		for _, ip in ipairs { "10.1.2.3", "128.0.0.1", "::2", "192.0.2.7" } do assert.same({ status = "ok" }, (ask(ip))); end
		addresses = assert(health.check { "10.0.0.0/8", "192.0.2.7", "2001:db8::/32" });
		for _, ip in ipairs { "10.1.2.3", "192.0.2.7", "2001:db8:1::1" } do assert.same(all, (ask(ip))); end
		for _, ip in ipairs { "11.1.2.3", "192.0.2.8", "2001:db9::1" } do assert.same({ status = "ok" }, (ask(ip))); end
		assert.same({ status = "ok" }, (ask(nil)));
	end);

	it("tells of the other shards", function ()
		shards = { own = "one.test", shards = { ["two.test"] = { up = true }, ["three.test"] = { up = false } } };
		local told = ask "127.0.0.1";
		assert.same({ "one.test", { ["two.test"] = "up", ["three.test"] = "down" } }, { told.shard, told.shards });
	end);

	it("wants addresses and networks", function ()
		for _, value in ipairs { "0.0.0.0/0", "10.0.0.1/32", "::/0", "::1/128", { "10.0.0.1", "::1" } }
			do assert.is_table((health.check(value))); end
		for _, value in ipairs { "10.0.0.1/33", "::1/129", "10.0.0.1/x", "10.0.0.1/1.5", "10.0.0.1/-1", "localhost", "", 7, {
			7 }, { "10.0.0.1", "x" } } do
			assert.same({ nil, 'a list of addresses or networks ("10.0.0.0/8")' }, { health.check(value) });
		end
	end);
end);
