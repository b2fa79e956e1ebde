-- The verifier's table of tokens (spec/luaclib/core/token/vectors), those for HS256 with plain options, through live
-- logins: each verdict is what the client gets, with its condition, and what the administrator reads; no token in the
-- log.
local page = require "spec.support.chromium.page";
local rig = require "spec.support.rig";
local json = require "util.json";

local file = assert(io.open("spec/luaclib/core/token/vectors/tokens.json"));
local vectors = json.decode(file:read("a"));
file:close();

local sample = {};
for _, case in ipairs(vectors.cases) do
	local algorithm, others = case.options.algorithm, false;
	for name in pairs(case.options) do others = others or name ~= "algorithm"; end
	-- The request line of Prosody's HTTP server holds some 10,000 bytes; longer tokens never get as far as the login.
	if not others and (algorithm == nil or algorithm == "HS256") and #case.token < 6000 then
		sample[#sample + 1] = case;
	end
end

describe("tokens of other people's libraries at a live login", function ()
	local prosody, player;
	setup(function ()
		prosody = rig.prosody { auth = "skotos_bridge", bridge = false, host_options =
			('app_secret = { "%s", "%s" } asap_accepted_audiences = { "jitsi" }'):format(vectors.secrets[1],
				vectors.secrets[2]) };
		-- The vectors' clock stands still.
		prosody:lua { code = ("local real = os.time; os.time = function (t) if t then return real(t) end return %d end")
			:format(vectors.now) };
		player = page.start("node");
	end);
	teardown(function ()
		player:stop();
		assert.is_nil(rig.find_token(prosody:log().text), "a token is in the log");
		prosody:stop();
	end);

	it("are a sample worth the name", function () assert.is_true(#sample >= 40, #sample .. " tokens"); end);

	for i, case in ipairs(sample) do
		local transport = i % 2 == 0 and "websocket" or "bosh";
		it(("%s (%s): %s, over %s"):format(case.name, case.maker, case.verdict, transport), function ()
			local seen = player:run { op = "visit", transport = transport, port = prosody.http, token = case.token,
				room = "tavern", nick = "n" .. i };
			assert.equal(case.verdict == "ok", seen.connected, seen.text);
			if case.verdict ~= "ok" then
				assert.equal("not-allowed", seen.condition);
				assert.truthy(seen.text and #seen.text > 0);
			end
		end);
	end
end);
