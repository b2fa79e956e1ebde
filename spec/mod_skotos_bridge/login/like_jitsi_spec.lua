-- Which tokens open which rooms here and by Jitsi's own verifier (token/util.lib.lua and luajwtjitsi.lib.lua of 2023
-- and of August 2026, whose verdicts stand in the cases as they were found by running both). Where they differ, the
-- guide's table has a row.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local json = require "util.json";
local base64 = require "util.encodings".base64;
local hmac = require "util.hashes".hmac_sha256;
local bridge = require "skotos_bridge";
_G.prosody = { paths = {} }; -- luacheck: ignore 122
local lib = require "spec.support.lib";
local verifier_options = lib.load "login/verifier_options";
local room_claim = dofile "mod_skotos_bridge/skotos_bridge/login/room_claim.lib.lua";

local SECRET, NOW, NONE = ("s"):rep(32), os.time(), {};

local function b64(text) return (base64.encode(text):gsub("+", "-"):gsub("/", "_"):gsub("=", "")); end

local function token_of(case)
	local claims = { iss = "skotos", aud = "jitsi", sub = "meet.test", room = "tavern", exp = NOW + 600 };
	for name, value in pairs(case.claims or {}) do claims[name] = value ~= NONE and value or nil; end
	if case.claims and case.claims.context == nil then claims.context = { user = { name = "Bob" } }; end
	local signed = b64(case.header or '{"alg":"HS256","typ":"JWT"}') .. "." .. b64(case.payload or json.encode(claims));
	return signed .. "." .. b64(hmac(SECRET, signed)) .. (case.behind or "");
end

local function host_of(case)
	local options = { app_id = "skotos", app_secret = SECRET };
	for name, value in pairs(case.options or {}) do options[name] = value; end
	return lib.host(options);
end

-- "out": not let in; "shut": let in, but not into the room; "in".
local function ours(case)
	local options = assert(verifier_options.read(host_of(case), "skotos", { SECRET }, "meet.test"));
	local claims = assert(bridge.verifier(options)):verify(token_of(case), NOW);
	if not claims then return "out"; end
	return room_claim.opens(bridge, claims, case.room or "tavern", options.domain) and "in" or "shut";
end

local OPEN = { enable_domain_verification = false };
local REGEX = { context = { room = { regex = true } } };
local function regex(room, more)
	local claims = { room = room, context = REGEX.context };
	for name, value in pairs(more or {}) do claims[name] = value; end
	return claims;
end

-- what, verdict of 2023, of 2026, ours; `guide`: the first cell of the row that tells of a difference.
local cases = {
	{ "a plain token", "in", "in", "in" };
	{ "the room in another case", "in", "in", "in", claims = { room = "TaVern" } },
	{ "another room", "shut", "shut", "shut", claims = { room = "inn" } };
	{ "every room", "in", "in", "in", claims = { room = "*" } };
	{ "another secret's", "out", "out", "out", behind = "A" },
	{ "an alg in lower case", "out", "out", "out", header = '{"alg":"hs256","typ":"JWT"}' };
	{ "no typ", "out", "out", "out", header = '{"alg":"HS256"}' },
	{ "a kid", "in", "in", "in", header = '{"alg":"HS256","typ":"JWT","kid":"x"}' };
	{ "crit in the header", "in", "in", "out", header = '{"alg":"HS256","typ":"JWT","crit":["exp"]}',
		guide = "a header with `crit`" };
	{ "a claim twice", "in", "in", "out", guide = "JSON that readers read differently",
		payload = ('{"iss":"skotos","aud":"jitsi","sub":"meet.test","room":"inn","room":"tavern","exp":%d}')
			:format(NOW + 600) };
	{ "an empty segment", "in", "in", "out", behind = ".", guide = "what is no compact JWS" };
	-- Time.
	{ "expired", "out", "out", "out", claims = { exp = NOW - 60 } },
	{ "expired a moment ago", "out", "out", "in", claims = { exp = NOW - 5 }, guide = "clocks that differ" };
	{ "exp with a fraction", "in", "in", "in", claims = { exp = NOW + 60.5 } },
	{ "nbf with a fraction", "in", "in", "in", claims = { nbf = NOW - 60.5 } };
	{ "no exp", "in", "in", "out", claims = { exp = NONE }, guide = "no `exp`" },
	{ "exp far ahead", "in", "in", "out", claims = { exp = NOW * 1000 }, guide = "no `exp`" };
	{ "exp as text", "out", "out", "out", claims = { exp = tostring(NOW + 60) } },
	{ "nbf as text", "out", "out", "out", claims = { nbf = "0" } };
	{ "nbf ahead", "out", "out", "out", claims = { nbf = NOW + 60 } },
	{ "nbf long ago", "in", "in", "in", claims = { nbf = -1 } };
	{ "nbf ahead by a moment", "out", "out", "in", claims = { nbf = NOW + 5 }, guide = "clocks that differ" };
	{ "iat ahead", "in", "in", "in", claims = { iat = NOW + 3600 } },
	{ "iat that is text", "in", "in", "in", claims = { iat = "now" } };
	-- Issuer and audience.
	{ "no issuer", "out", "out", "out", claims = { iss = NONE } },
	{ "another issuer", "out", "out", "out", claims = { iss = "other" } };
	{ "another issuer that is accepted", "in", "in", "in", claims = { iss = "other" },
		options = { asap_accepted_issuers = { "other" } } };
	{ "app_id where another issuer is accepted", "out", "out", "out", options = { asap_accepted_issuers = { "other" } } };
	{ "any issuer", "in", "in", "in", claims = { iss = 7 }, options = { asap_accepted_issuers = { "*" } } };
	{ "no issuer where any is accepted", "out", "out", "out", claims = { iss = NONE },
		options = { asap_accepted_issuers = { "*" } } };
	{ "no audience", "out", "out", "out", claims = { aud = NONE } },
	{ "any audience", "in", "in", "in", claims = { aud = { "a" } } };
	{ "an audience that is not accepted", "out", "out", "out", options = { asap_accepted_audiences = { "x" } } };
	{ "one of several audiences", "out", "out", "in", claims = { aud = { "x", "jitsi" } },
		options = { asap_accepted_audiences = { "jitsi" } }, guide = "`aud` as a list" };
	-- Room and domain.
	{ "no room", "out", "out", "out", claims = { room = NONE } };
	{ "no room where none is required", "in", "in", "in", claims = { room = NONE },
		options = { asap_require_room_claim = false } };
	{ "no room where none is required, of another tenant", "in", "in", "in", claims = { room = NONE, sub = "guild" },
		options = { asap_require_room_claim = false } };
	{ "no sub", "shut", "out", "out", claims = { sub = NONE } },
	{ "another domain", "shut", "shut", "shut", claims = { sub = "other.test" } };
	{ "any domain", "in", "in", "in", claims = { sub = "*" } },
	{ "the domain in another case", "in", "in", "in", claims = { sub = "Meet.Test" } };
	{ "no sub, unverified", "in", "out", "out", claims = { sub = NONE }, options = OPEN, guide = "no `sub`" };
	{ "another domain, unverified", "in", "in", "in", claims = { sub = "other.test" }, options = OPEN };
	{ "a tenant's room", "in", "in", "in", claims = { sub = "guild" }, room = "[guild]tavern" };
	{ "another tenant's room", "shut", "shut", "shut", claims = { sub = "thieves" }, room = "[guild]tavern" };
	{ "every room of a tenant", "in", "in", "in", claims = { sub = "guild", room = "*" }, room = "[guild]tavern" };
	{ "a tenant's token in the domain's room", "shut", "shut", "shut", claims = { sub = "guild" } };
	{ "another tenant's room, unverified", "in", "in", "shut", claims = { sub = "thieves" }, room = "[guild]tavern",
		options = OPEN, guide = "a tenant's room" };
	-- Names that the page encodes.
	{ "a room with a blank", "shut", "shut", "in", claims = { room = "Tavern Room" }, room = "tavern%20room",
		guide = "a room by its name" };
	{ "a room with an umlaut", "shut", "shut", "in", claims = { room = "Königshof" }, room = "k%c3%b6nigshof",
		guide = "a room by its name" };
	{ "a room by its node", "in", "in", "in", claims = { room = "k%c3%b6nigshof" }, room = "k%c3%b6nigshof" };
	-- context.room.regex.
	{ "a pattern", "in", "in", "in", claims = regex "tav.*" },
	{ "a pattern that does not fit", "shut", "shut", "shut", claims = regex "inn.*" };
	{ "a pattern that fits a part", "shut", "shut", "shut", claims = regex "tav" },
	{ "a pattern that is none", "shut", "shut", "shut", claims = regex "tav[" };
	{ "a pattern of another domain", "shut", "shut", "shut", claims = regex("tav.*", { sub = "other.test" }) };
	{ "a pattern for a tenant's room", "in", "in", "in", claims = regex("tav.*", { sub = "guild" }),
		room = "[guild]tavern" };
	{ "a pattern, unverified", "shut", "shut", "shut", claims = regex "tav.*", options = OPEN };
};

local function guide()
	local file = assert(io.open "mod_skotos_bridge/skotos_bridge/login/README.md");
	local text = file:read "a";
	file:close();
	return assert(text:match "\n## Beside Jitsi's own login(.*)$");
end

describe("beside Jitsi's own verifier,", function ()
	local text = guide();
	for _, case in ipairs(cases) do
		it(case[1], function ()
			assert.equal(case[4], ours(case));
			local differs = (case[2] == "in") ~= (case[4] == "in") or (case[3] == "in") ~= (case[4] == "in");
			assert.equal(differs, case.guide ~= nil, "a difference has a row in the guide, and nothing else has");
			if differs then
				assert.truthy(text:find("\n| " .. case.guide, 1, true), "the guide has no row for: " .. case.guide);
			end
		end);
	end
end);

return cases;
