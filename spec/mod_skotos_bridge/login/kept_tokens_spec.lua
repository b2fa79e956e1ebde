-- Which tokens are in use outlives a restart.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local hex = require "util.hex";
local lib = require "spec.support.lib";

local A, B, C, D = ("\1"):rep(32), ("\2"):rep(32), ("\3"):rep(32), ("\4"):rep(32);
local stored, now, time;

local module = {
	open_store = function ()
		return { get = function (_, name) return stored[name]; end, set = function (_, name, data) stored[name] = data;
			return true; end };
	end;
	add_timer = function () end, hook_global = function () end;
};

-- A Prosody that begins with what is stored.
local function begin()
	local kept, grace = lib.load "login/kept_tokens", lib.load "login/tokens_in_use".new(100);
	kept.attach(grace, module, { fault = function () end, event = function () end });
	return kept, grace;
end

before_each(function ()
	stored, now, time = {}, 1000000, os.time;
	os.time = function () return now; end; -- luacheck: ignore 122
end);
after_each(function () os.time = time; end); -- luacheck: ignore 122

describe("the tokens in use", function ()
	it("are the same after a restart, but that nobody lives on them", function ()
		local kept, grace = begin();
		grace:session_begins(A, now);
		grace:logged_in(B, now);
		grace:logged_in(C, now - 100);
		grace:logged_in(D, now - 101);
		for _, print in ipairs { A, B, C, D } do kept.used(print); end
		kept.detach();
		now = now + 50;
		grace = select(2, begin());
		assert.same({ 1000000, 0 }, { grace:get(A) });
		assert.same({ 1000000, 0 }, { grace:get(B) });
		assert.same({ 1000000 - 100, 0 }, { grace:get(C) });
		assert.same({}, { grace:get(D) });
	end);

	it("that somebody lived on were used until the server ended", function ()
		local kept, grace = begin();
		grace:session_begins(A, now - 5000);
		grace:logged_in(B, now - 50);
		kept.used(A);
		kept.used(B);
		kept.detach();
		grace = select(2, begin());
		assert.same({ 1000000, 0 }, { grace:get(A) });
		assert.same({ 1000000 - 50, 0 }, { grace:get(B) });
		-- And again, since they were taken in.
		now = now + 60;
		kept = begin();
		kept.detach();
		grace = select(2, begin());
		assert.same({ 1000000, 0 }, { grace:get(A) });
		assert.is_nil((grace:get(B)));
	end);

	it("take in nothing that is no token's use", function ()
		local good = hex.to(A);
		stored.part0 = { { 7, 1000000, 0 }, { hex.to(B), "1", 0 }, { hex.to(C), 1000000, 0.5 }, {
			hex.to(D), 1000000.5, 0 }, { nil, 1000000, 0 } };
		stored.part1 = { { good, 1000000, 0 } };
		local _, grace = begin();
		assert.equal(1, grace:count());
		assert.same({ 1000000, 0 }, { grace:get(A) });
	end);
end);
