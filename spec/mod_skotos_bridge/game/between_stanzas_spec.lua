-- Links have a turn between two stanzas, without a Prosody: on a clock that stands until it is told to go on.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";

describe("between two stanzas", function ()
	local now, hooked, turns, time, real;
	before_each(function ()
		time, now, hooked, turns = require "util.time", 100, {}, {};
		real = time.monotonic;
		time.monotonic = function () return now; end;
		local function link(name)
			return {
				take_turn = function () turns[#turns + 1] = name; end;
				take_short_turn = function () turns[#turns + 1] = name .. ", short"; end;
			};
		end
		local links = { one = link "one" };
		dofile "mod_skotos_bridge/skotos_bridge/game/between_stanzas.lib.lua".hook({
			hook = function (_, event, handler, priority) hooked[event] = { handler, priority }; end;
		}, function () return links; end);
	end);
	after_each(function () time.monotonic = real; end);

	local function comes(event) return hooked[event][1] {}; end

	it("a link has a turn before anybody reads the stanza, and the stanza goes on", function ()
		for _, event in ipairs { "pre-presence/full", "pre-presence/bare", "pre-message/full", "pre-message/bare",
			"pre-message/host",
			"pre-iq/full", "pre-iq/bare", "pre-iq/host" } do
			now = now + 1;
			assert.is_nil(comes(event));
			assert.is_true(hooked[event][2] > 1000);
		end
		assert.equal(8, #turns);
	end);

	it("there is no turn so soon after the last that it would cost more than the stanza", function ()
		comes "pre-presence/full";
		comes "pre-presence/full";
		now = now + 0.001;
		comes "pre-message/bare";
		assert.equal(1, #turns);
		now = now + 0.0011;
		comes "pre-message/bare";
		assert.equal(2, #turns);
	end);

	it("there is no turn when Prosody says that a session ends, which may be in the midst of a room's work", function ()
		local lives, ended = { full_jid = "a@meet.test/1" }, { full_jid = "b@meet.test/1" };
		rawset(_G, "prosody", { full_sessions = { [lives.full_jid] = lives } });
		hooked["pre-presence/full"][1] { origin = ended };
		assert.equal(0, #turns);
		hooked["pre-presence/full"][1] { origin = lives };
		assert.equal(1, #turns);
		rawset(_G, "prosody", nil);
	end);

	it("a link has short turns while a stanza goes out to many, and they hold up no whole turn", function ()
		for _ = 1, 100 do
			for _ = 1, 10 do assert.is_nil(comes "presence/full"); end
			for _ = 1, 10 do assert.is_nil(comes "message/full"); end
			now = now + 0.001;
		end
		assert.is_true(#turns >= 30 and #turns <= 50, #turns);
		for _, turn in ipairs(turns) do assert.equal("one, short", turn); end
		comes "pre-message/bare";
		assert.equal("one", turns[#turns]);
	end);
end);
