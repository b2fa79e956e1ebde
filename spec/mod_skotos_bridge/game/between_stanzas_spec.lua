-- Links have a turn between two stanzas, without a Prosody: on a clock that stands until it is told to go on.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";

describe("between two stanzas", function ()
	local now, hooked, turns, time, real, broadcasts, room;

	-- A module's API whose hooks are kept in `kept`.
	local function api(kept)
		return {
			host = "conference.meet.test";
			hook = function (_, event, handler, priority) kept[event] = { handler, priority }; end;
			unhook = function (_, event, handler)
				assert.equal(handler, kept[event][1]);
				kept[event] = nil;
			end;
		};
	end

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
		broadcasts = dofile "mod_skotos_bridge/skotos_bridge/game/between_stanzas.lib.lua".hook(api(hooked),
			function () return links; end);
		room = { jid = "tavern@conference.meet.test", _occupants = {} };
		rawset(_G, "prosody", { full_sessions = {}; hosts = { ["conference.meet.test"] = { modules = { muc = {
			live_rooms = function () return coroutine.wrap(function () coroutine.yield(room); end); end;
		} } } } });
	end);
	after_each(function ()
		time.monotonic = real;
		rawset(_G, "prosody", nil);
	end);

	local function people(count)
		room._occupants = {};
		for i = 1, count do room._occupants[room.jid .. "/p" .. i] = {}; end
	end

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
		_G.prosody.full_sessions[lives.full_jid] = lives;
		hooked["pre-presence/full"][1] { origin = ended };
		assert.equal(0, #turns);
		hooked["pre-presence/full"][1] { origin = lives };
		assert.equal(1, #turns);
	end);

	it("a link has short turns while a stanza goes out to many, and they hold up no whole turn", function ()
		people(30);
		broadcasts(api {});
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

	it("nothing runs at each delivery but while there is a room that has had many in it", function ()
		local muc, other = {}, { jid = "hall@conference.meet.test", _occupants = {} };
		people(29);
		broadcasts(api(muc));
		assert.is_nil(hooked["presence/full"]);
		people(30);
		muc["muc-occupant-joined"][1] { room = room };
		assert.is_table(hooked["presence/full"] and hooked["message/full"] and hooked["iq/full"]);
		people(3);
		other._occupants = room._occupants;
		muc["muc-occupant-joined"][1] { room = other };
		muc["muc-room-destroyed"][1] { room = other };
		assert.is_table(hooked["presence/full"]);
		muc["muc-room-destroyed"][1] { room = room };
		assert.is_nil(hooked["presence/full"] or hooked["message/full"] or hooked["iq/full"]);
	end);
end);
