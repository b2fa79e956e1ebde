-- The file that skotos-bridge-setup adds, in a live Prosody: included at the end of a Jitsi's configuration without the
-- module, it brings login, link and moderators, and turns off in the MUC what works against them.
local ctl = require "spec.support.ctl";
local rig = require "spec.support.rig";

package.path = "packaging/setup/?.lua;mod_skotos_bridge/skotos_bridge/admin/?.lib.lua;" .. package.path;
local drop_in = require "config_drop_in";

local SITE = { host = "meet.test", muc = "conference.meet.test" };

local function file(wanted)
	local text = drop_in.text(nil, SITE, wanted, function () end);
	local path = os.tmpname();
	local out = assert(io.open(path, "wb"));
	out:write(text);
	out:close();
	return path;
end

describe("what skotos-bridge-setup adds to Prosody's configuration", function ()
	it("brings the bridge with the login, though it stands in no list of modules", function ()
		local game = rig.game {};
		local secret = os.tmpname();
		ctl.write(secret, rig.SECRET .. "\n");
		os.execute("chmod 600 " .. secret);
		local path = file { app_secret = false, skotos_secret_file = secret, authentication = "skotos_bridge",
			skotos_host = "127.0.0.1", skotos_port = game.port, main_muc = "conference.meet.test" };
		local prosody = rig.prosody { bridge = false, auth = "anonymous", muc_options = ([[Include %q]]):format(path) };
		game:connected {};
		local _, bob = rig.player(prosody, { name = "Bob" });
		assert.equal("participant", bob.role);
		local _, skott = rig.player(prosody, { name = "Skott", moderator = true });
		assert.equal("moderator", skott.role);
		prosody:lua { code = [[prosody.reload_config() return "reloaded"]] };
		game:command { line = "burst 5" };
		assert.equal(5, game:settled {}.understood);
		assert.equal("true", prosody:lua { code = [[return tostring(require "core.modulemanager".is_loaded(host, ]]
			.. [["skotos_bridge"))]] }.result);
		assert.equal(0, prosody:stop().code);
		os.remove(path);
		os.remove(secret);
		game:stop();
	end);

	it("brings it to a Jitsi without a game, too: moderators by tokens from anywhere, and of prosodyctl's", function ()
		local secret = os.tmpname();
		ctl.write(secret, rig.SECRET .. "\n");
		os.execute("chmod 600 " .. secret);
		local path = file { app_secret = false, skotos_secret_file = secret, authentication = "skotos_bridge",
			skotos_host = false, main_muc = "conference.meet.test" };
		local prosody = rig.prosody { bridge = false, auth = "anonymous", muc_options = ([[Include %q]]):format(path) };
		local _, skott = rig.player(prosody, { name = "Skott", moderator = true });
		assert.equal("moderator", skott.role);
		local _, told = ctl.ask(prosody.dir, { "mint", "--room", "lesson", "--name", "Ann", "--moderator" });
		assert.same({ "lesson", true, nil }, { told.room, told.moderator, told.game });
		assert.equal(0, (ctl.run(prosody.dir, { "verify", told.token })));
		local _, text = ctl.run(prosody.dir, { "check" });
		assert.truthy(text:find("the options are sound; no game", 1, true), text);
		assert.truthy(text:find("Prosody takes the tokens that this secret signs", 1, true), text);
		assert.equal(0, prosody:stop().code);
		os.remove(path);
		os.remove(secret);
	end);

	it("leaves a login without a game alone", function ()
		local prosody = rig.prosody { bridge = false, auth = "skotos_bridge" };
		assert.equal("false", prosody:lua { code = [[return tostring(require "core.modulemanager".is_loaded(host, ]]
			.. [["skotos_bridge") or false)]] }.result);
		assert.equal(0, prosody:stop().code);
	end);

	it("turns off the modules that work against the bridge in the MUC", function ()
		local path = file { main_muc = "conference.meet.test" };
		local against = [[modules_enabled = { "token_verification", "token_moderation", "token_affiliation", ]]
			.. [["muc_allowners" }]];
		local prosody = rig.prosody { muc_options = ("%s; Include %q"):format(against, path) };
		-- None of them is here: Prosody says so of each that it tries to load.
		local log = ctl.read(prosody.dir .. "/prosody.log");
		assert.is_nil(log:match("Unable to load module [^\n]*"));
		assert.is_nil(log:match("Error initializing module [^\n]*"));
		assert.equal(0, prosody:stop().code);
		os.remove(path);
	end);
end);
