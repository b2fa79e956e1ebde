-- What shards know of the tokens that are in use on each other, also when one begins anew.
local three = require "spec.support.three_shards";

local as, call, cut_off, join, pass, told = three.as, three.call, three.cut_off, three.join, three.pass, three.told;

before_each(three.begin);
after_each(three.finish);
teardown(three.leave);

local PRINT = ("\1"):rep(32); -- a token's fingerprint
local OTHER_PRINT = ("\2"):rep(32);

describe("shards", function ()
	it("let in who was on another one: while that lives, and for the grace behind it", function ()
		assert.is_false(call("b.test", "token_allowed", PRINT, os.time()));
		call("a.test", "token_used", PRINT, os.time(), 1);
		call("a.test", "token_used", OTHER_PRINT, os.time(), 0);
		pass(0.2);
		assert.is_true(call("b.test", "token_allowed", PRINT, os.time() + 5000));
		assert.is_true(call("b.test", "token_allowed", OTHER_PRINT, os.time() + 99));
		assert.is_false(call("b.test", "token_allowed", OTHER_PRINT, os.time() + 200));
		assert.is_false(call("a.test", "token_allowed", PRINT, os.time()));
		-- From when it is down its sessions live nowhere.
		cut_off("a.test", "b.test", true);
		pass(5);
		assert.is_true(call("b.test", "token_allowed", PRINT, os.time() + 90));
		assert.is_false(call("b.test", "token_allowed", PRINT, os.time() + 200));
	end);

	it("that begin anew have no sessions left from before", function ()
		call("a.test", "token_used", PRINT, os.time(), 1);
		pass(0.2);
		assert.is_true(call("b.test", "token_allowed", PRINT, os.time() + 5000));
		as("a.test", function () three.shards["a.test"]:stop(false); end);
		assert.is_true(three.shards["a.test"].channel.closed);
		join "a.test";
		pass(3);
		assert.is_true(call("b.test", "token_allowed", PRINT, os.time() + 50));
		assert.is_false(call("b.test", "token_allowed", PRINT, os.time() + 5000));
	end);

	it("that begin anew, before anybody missed them, are told of all tokens that are in use", function ()
		three.tokens["a.test"][1] = { require "util.hex".to(PRINT), os.time(), 1 };
		as("b.test", function () three.shards["b.test"]:stop(false); end);
		join "b.test";
		pass(8);
		assert.is_false(told("a.test", "the shard b.test is down"));
		assert.is_true(call("b.test", "token_allowed", PRINT, os.time()));
	end);

	it("that are only loaded anew go on with what they knew", function ()
		call("b.test", "token_used", PRINT, os.time(), 1);
		call("a.test", "token_used", OTHER_PRINT, os.time(), 1);
		call("a.test", "decide", "tavern", "ban", "eve", true);
		pass(0.2);
		local saved = call("a.test", "save");
		call("a.test", "stop", false);
		join "a.test";
		call("a.test", "restore", nil);
		call("a.test", "restore", saved);
		assert.equal(1, call("a.test", "status").decisions);
		assert.is_true(call("a.test", "token_allowed", PRINT, os.time() + 5000));
		pass(3);
		assert.is_true(call("b.test", "token_allowed", OTHER_PRINT, os.time() + 5000));
		-- A room that nobody has open is over some time later, here too.
		pass(40);
		assert.same({ "tavern" }, three.over["a.test"]);
		assert.equal(0, call("a.test", "status").decisions);
	end);
end);
