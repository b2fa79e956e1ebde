-- skotos-bridge-setup --from: what it takes over of an old server's file, how long that one's links stay good,
-- what it says.
local setup_lib = require "spec.support.setup";
local tree_lib = require "spec.support.jitsi_tree";

local LONG = "a-secret-that-stands-somewhere-else-entirely";

describe("skotos-bridge-setup on the settings of an old server", function ()
	local tree;
	after_each(function () tree = tree and tree_lib.remove(tree); end);
	local function new(o) tree = tree_lib.new(o); end
	local function settings() return setup_lib.settings(tree); end
	local function ok(arguments) return setup_lib.ok(tree, arguments); end

	it("keeps the old server's links good until a day that it names, and does not move that day", function ()
		new();
		local path = tree.root .. "/chat_admin_config.json";
		setup_lib.put(path, ('{"jwt": {"app_id": "oldid", "secret": %q}, "outbound": {"host": "10.0.0.9", "port": 12091}}')
			:format(LONG));
		local before = os.time();
		local text = ok("--yes --from " .. path);
		local s = settings();
		assert.is_true(s.skotos_old_tokens_before >= before and s.skotos_old_tokens_before <= os.time());
		assert.equal(os.date("!%Y-%m-%d", s.skotos_old_tokens_before + 30 * 86400), s.skotos_old_tokens_until);
		assert.truthy(text:find("are good until " .. s.skotos_old_tokens_until, 1, true), text);
		local moment = s.skotos_old_tokens_before;
		ok("--yes --old-links-until 2099-12-31 --from " .. path);
		assert.equal("2099-12-31", settings().skotos_old_tokens_until);
		assert.equal(moment, settings().skotos_old_tokens_before);
	end);

	it("does not say that it took the old server's secret where it did not", function ()
		new { login = "token" };
		local path = tree.root .. "/chat_admin_config.json";
		setup_lib.put(path, ('{"jwt": {"app_id": "oldid", "secret": %q}, "outbound": {"host": "10.0.0.9", "port": 12091}}')
			:format(LONG));
		local text = ok("--yes --from " .. path);
		assert.truthy(text:find("jwt.secret: not taken over", 1, true), text);
		assert.truthy(text:find("the old tokens were never valid here", 1, true), text);
		assert.is_nil(settings().skotos_old_tokens_until);
	end);

	it("says of the old server's settings which it did not take over, and keeps no links good that cannot be", function ()
		new();
		ok "--yes --game 10.0.0.5";
		local path = tree.root .. "/chat_admin_config.json";
		local function old(secret)
			setup_lib.put(path, (
				'{"jwt": {"app_id": "marrach", "secret": %q}, "jitsi": {"domain": "meet.test"}, "colour": "red",\n'
				.. '"outbound": {"host": "10.0.0.9"}}'):format(secret));
		end
		old(LONG);
		local text = ok("--yes --game 10.0.0.5 --from " .. path);
		assert.equal("skotos", settings().app_id);
		assert.equal("10.0.0.5", settings().skotos_host);
		for _, line in ipairs { 'jwt.app_id: not taken over: app_id is "skotos"', "jwt.secret: not taken over",
			"jitsi.domain: meet.test",
			"outbound: not taken over: the game is at 10.0.0.5", "colour: not taken over: it means nothing here" } do
			assert.truthy(text:find("\n  " .. line, 1, true), line .. "\n" .. text);
		end
		old((tree_lib.read(setup_lib.secret(tree)):gsub("\n", "")));
		text = ok("--yes --from " .. path .. " --game 10.0.0.5");
		assert.truthy(text:find('name "marrach" as their issuer, and app_id is "skotos"', 1, true), text);
		assert.is_nil(settings().skotos_old_tokens_until);
		text = ok("--yes --from " .. path .. " --game 10.0.0.5 --app-id marrach");
		assert.truthy(text:find("\n  jwt.app_id: marrach\n", 1, true), text);
		assert.truthy(settings().skotos_old_tokens_until);
	end);

	it("says what an old server's file lacks, as prosodyctl mod_skotos_bridge migrate does", function ()
		new();
		local path = tree.root .. "/chat_admin_config.json";
		for text, why in pairs { ["{"] = "it is no JSON object",
			['{"jwt": {"secret": "x"}}'] = "jwt.app_id and jwt.secret are wanted",
			["[]"] = "jwt.app_id and jwt.secret are wanted",
			['{"jwt": {"app_id": "x", "secret": "y"}, "outbound": {"port": 0}}'] =
				"outbound.port: a port from 1 to 65535 is wanted" } do
			setup_lib.put(path, text);
			local before = tree_lib.state(tree);
			local status, said = setup_lib.run(tree, "--yes --game 10.0.0.5 --from " .. path);
			assert.equal(1, status, said);
			assert.truthy(said:find(why, 1, true), said);
			assert.equal(before, tree_lib.state(tree));
		end
	end);
end);
