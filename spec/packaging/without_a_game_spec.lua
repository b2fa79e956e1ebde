-- The tokens of the guide for a Jitsi without a game: each of its programs is run as it stands there, and its token
-- opens the room.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = "./build/?.so;" .. package.cpath .. ";/usr/lib/prosody/?.so";
local bridge = require "skotos_bridge";
local verifier_of = require "spec.support.verifier";

local GUIDE, SECRET = "packaging/without-a-game/README.md", "a-secret-of-the-portal-with-'quotes-and-$";

local function guide()
	local file = assert(io.open(GUIDE));
	local text = file:read "a";
	file:close();
	return text;
end

-- How each language is run, and what stands before the guide's lines: the secret, which comes by the environment.
local languages = {
	python = { "/usr/bin/python3 %s", 'import os; secret = os.environ["SECRET"]' };
	js = { "NODE_PATH=build/npm/node_modules node %s", "const secret = process.env.SECRET;" };
	php = { "php %s", '<?php $secret = getenv("SECRET");' };
};

describe("the guide's token", function ()
	for language, how in pairs(languages) do
		it("in " .. language .. " has five lines, and makes a moderator in that room and no other", function ()
			local lines = assert(guide():match("```" .. language .. "\n(.-)```"));
			assert.equal(5, select(2, lines:gsub("\n", "")));
			local path = os.tmpname();
			local file = assert(io.open(path, "w"));
			file:write(how[2], "\n", lines);
			file:close();
			local pipe = assert(io.popen(("SECRET=%s %s 2>&1"):format("'" .. SECRET:gsub("'", [['\'']]) .. "'",
				how[1]:format(path))));
			local said = pipe:read "a";
			pipe:close();
			os.remove(path);
			local token = assert(said:match "^https://meet%.example%.com/lesson%?jwt=(%S+)\n$", said);
			local verifier = assert(verifier_of { secrets = { SECRET }, issuers = { "portal" }, audiences = { "*" },
				domain = "meet.example.com" });
			local claims, refusal = verifier:verify(token, os.time());
			assert(claims, refusal and refusal.text);
			assert.same({ "42", "Ann", true }, { claims.context.user.id, claims.context.user.name,
				bridge.is_moderator(claims) });
			assert.is_true(bridge.room_matches(claims.room, "lesson", claims.sub, "meet.example.com"));
			assert.is_false(bridge.room_matches(claims.room, "other", claims.sub, "meet.example.com"));
			assert.is_nil((verifier:verify(token, os.time() + 7300)));
		end);
	end

	it("with * for its sub opens its room in this Jitsi and in each tenant, as the guide says", function ()
		assert.truthy(guide():find('or `"*"`: this Jitsi and each of its tenants', 1, true));
		for _, node in ipairs { "lesson", "[school]lesson" } do
			assert.is_true(bridge.room_matches("lesson", node, "*", "meet.example.com"));
			assert.is_true(bridge.room_matches("*", node, "*", "meet.example.com"));
		end
		assert.is_false(bridge.room_matches("lesson", "[school]other", "*", "meet.example.com"));
	end);
end);
