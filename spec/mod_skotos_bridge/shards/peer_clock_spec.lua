-- How far another shard's clock is behind, when it drifts, when messages take their time, and when one of the clocks is
-- put right.
local behind = require "spec.support.lib".load "shards/peer_clock".behind;

describe("the clock of another shard", function ()
	it("is known from its first word on", function ()
		assert.equal(250, behind(nil, 1000, 750));
		assert.equal(-250, behind(nil, 1000, 1250, 5));
	end);

	it("is where the quickest message says", function ()
		assert.equal(40, behind(50, 1000, 960));
		assert.equal(40, behind(50, 1000, 960, 10));
	end);

	it("is not what a slow message says, but may drift", function ()
		assert.equal(50 + 1600 / 16, behind(50, 10000, 8350));
		assert.equal(50 + 1600 / 16, behind(50, 10000, 8350, 1600));
	end);

	it("counts at once when it was put forward, or back", function ()
		assert.equal(-3600000, behind(0, 0, 3600000));
		assert.equal(3600000, behind(0, 3600000, 0, 3599999));
		assert.equal(3600000, behind(0, 3600000, 0, 2000));
	end);
end);
