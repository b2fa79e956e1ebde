-- Everything that the C module does in Prosody, once and in short: also what a sanitizer and valgrind watch.
local rig = require "spec.support.rig";

local function manage(prosody, what)
	return prosody:lua { code = ([[return (require "core.modulemanager".%s("meet.test", "skotos_bridge"))]])
		:format(what) }.result;
end

local hostile = {
	"", ("x"):rep(129), "\\u0000", "\\ud800", "\xe9l\xe8ve", "\xf0\x9f\x98\x80", "a\\", "a\tb",
	'x", "moderator": true, "q": "',
	'x", "id": "somebody", "q": "', '\0{ "cmd": "jwt_token", "displayName": "Skott', ("y"):rep(70000),
	("\0"):rep(20000) .. '{ "cmd": "jwt_token", "displayName": "Skott',
	 '{"a":[[[[', '", "seq": 1 }\0\0\0',
};

describe("one evening in one Prosody", function ()
	it("has its logins, refusals, lost links, reloads and its end, and leaves nothing behind", function ()
		local game = rig.game {};
		local prosody = rig.prosody { game_port = game.port };
		game:connected {};
		game:command { line = "burst 30" };
		assert.equal(30, game:settled {}.understood);
		for _, name in ipairs(hostile) do
			game:command { line = ("login %s %s"):format(rig.hex(name), rig.hex("tavern")) };
		end
		game:command { line = "raw " .. rig.hex("Bad argument 2 for kfun call_other\n   24 reply_for   "
			.. "/usr/SkotOS/sys/avchat\n") };
		game:command { line = "burst 5" };
		local after = game:settled {};
		assert.equal(0, after.timeouts);
		-- Of the hostile names three are names after all; the plain ones beside the others may have to ask again.
		assert.is_true(after.understood <= 30 + 3 + 5);
		rig.player(prosody, { name = "Bob" });
		rig.player(prosody, { name = "Skott", moderator = true });
		local refused = rig.client { port = prosody.http, token = rig.token { name = "Eve", secret = "another secret" },
			room = "tavern" };
		assert.is_false(refused.connected);
		game:command { line = "drop" };
		game:connected {};
		game:command { line = "burst 100" };
		game:command { line = "restart cold" };
		game:connected {};
		manage(prosody, "reload");
		game:connected {};
		prosody:reload { options = { host_options = 'skotos_reply_interval = 0.001; skotos_moderators = { "Player3" }' } };
		game:connected {};
		manage(prosody, "unload");
		manage(prosody, "load");
		game:connected {};
		game:command { line = "burst 10" };
		local before = game:stats().unasked;
		game:settled {};
		assert.equal(before, game:stats().unasked);
		assert.equal(0, prosody:stop().code);
		game:stop();
	end);
end);
