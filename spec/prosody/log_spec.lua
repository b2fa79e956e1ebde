-- What the log holds: no token at any level, and no flood.
local rig = require "spec.support.rig";

local OTHER = "another-secret-for-the-specs-of-40-characters";

describe("the log", function ()
	local prosody;
	setup(function () prosody = rig.prosody { auth = "skotos_bridge" }; end);
	teardown(function () prosody:stop(); end);

	-- Parts of a token that are in it only: its claims and its signature.
	local function parts(token) return { token:match("%.([^.]+)%."):sub(1, 60), token:match("[^.]+$") }; end

	for _, transport in ipairs { "bosh", "websocket" } do
		it("holds no token at the level debug, whatever became of it, over " .. transport, function ()
			local good = rig.token { name = "Ann" .. transport, moderator = true };
			local bad = rig.token { name = "Bad", secret = OTHER };
			local lost = rig.token { name = "Lost", room = "cellar" };
			rig.player(prosody, { name = "Ann" .. transport, token = good, transport = transport });
			assert.is_false(rig.client { port = prosody.http, token = bad, room = "tavern", transport = transport }.connected);
			local client = rig.client { port = prosody.http, token = lost, room = "tavern", transport = transport };
			assert.equal("error", client:join { room = "tavern", nick = "Lost" }.type);
			local log = prosody:log().text;
			assert.truthy(log:find("debug", 1, true));
			for _, token in ipairs { good, bad, lost } do
				for _, part in ipairs(parts(token)) do assert.falsy(log:find(part, 1, true)); end
			end
			assert.falsy(log:find(rig.SECRET, 1, true));
		end);
	end

	it("has one line for a flood of bad tokens, and their number", function ()
		local function lines()
			local found = {};
			for line in prosody:log().text:gmatch("[^\n]+") do
				local text = line:match("%swarn%s+(Login from .*)$");
				if text then found[#found + 1] = text; end
			end
			return found;
		end
		local before = #lines();
		for _ = 1, 25 do
			assert.is_false(rig.client { port = prosody.http, token = rig.token { name = "Old", exp = os.time() - 1000 },
				room = "tavern" }.connected);
		end
		assert.equal(before + 1, #lines());
		prosody:lua { code = [[return (require "core.modulemanager".reload("meet.test", "auth_skotos_bridge"))]] };
		local told = lines();
		assert.truthy(told[#told]:find("(the last of %d+ that were left out)"), told[#told]);
		local numbers = 0;
		for i = before + 1, #told do
			numbers = numbers + (tonumber(told[i]:match("expired.*the last of (%d+) that")) or 0);
		end
		assert.equal(24, numbers);
	end);
end);
