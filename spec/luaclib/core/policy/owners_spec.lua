-- One who may touch the rooms of several games (the listener) gets in each no more than its game would.
local issuer = require "spec.support.issuer";
local json = require "util.json";

local NOW = 1795511229;

local strict = issuer { rooms = { "hall*" }, allow_moderator_tokens = false, max_validity = 900, default_validity = 60,
	session_validity = 100 };
local lenient = issuer { rooms = { "hall*", "inn" }, moderators = { "Skott" }, allow_wildcard_room = true };
-- of rooms that are called as others'
local tenants = issuer { rooms = { "*" }, tenant = "dev", tenants = { "dev" }, allow_moderator_tokens = false };
local listener = issuer { any_member = true, allow_wildcard_room = true, moderators = { "Skott" },
	session_validity = 43200, owners = { strict, lenient, tenants } };
local verifier = require "spec.support.verifier" { audiences = { "*" } };
collectgarbage();

local function ask(members)
	members.displayName, members.seq = members.displayName or "Bob", 1;
	local reply = json.decode((listener:reply(json.encode(members), NOW, 0):gsub("\n%z$", "")));
	return reply, reply.success and verifier:verify(reply.token, NOW) or nil;
end

describe("a policy with owners of rooms", function ()
	local cases = {
		-- what, request, granted or the refusal's text
		{ "a moderator where a game gives none", { channel = "Hall1", moderator = true }, "skotos_allow_moderator_tokens" };
		{ "a moderator where all games do", { channel = "inn", moderator = true }, true },
		{ "a moderator in nobody's room", { channel = "yard", moderator = true }, true };
		{ "longer than a game allows", { channel = "hall1", validFor = 901 }, "skotos_token_max_validity" },
		{ "longer in nobody's room", { channel = "yard", validFor = 901 }, true };
		{ "every room where a game has its own only", { channel = "*" }, "skotos_allow_wildcard_room" };
		{ "every room encoded", { channel = "%2A" }, "stands for every room" };
		{ "every room in full width", { channel = "\u{FF0A}", moderator = true }, "stands for every room" };
	};
	for _, case in ipairs(cases) do
		it("decides on " .. case[1], function ()
			local reply = ask(case[2]);
			assert.equal(case[3] == true, reply.success, reply.message);
			if case[3] ~= true then assert.truthy(reply.message:find(case[3], 1, true), reply.message); end
		end);
	end

	it("makes a moderator by name only where all lists have it", function ()
		local _, claims = ask { channel = "inn", displayName = "Skott" };
		assert.is_true(claims.moderator);
		_, claims = ask { channel = "hall1", displayName = "Skott" };
		assert.is_false(claims.moderator);
	end);

	it("gives the shortest of their times", function ()
		local _, claims = ask { channel = "hall1" };
		assert.same({ NOW + 100, NOW + 60 }, { claims.exp, claims.skotos_use_by });
	end);
end);
