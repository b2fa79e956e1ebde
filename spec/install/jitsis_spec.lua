-- Jitsi's configurations as there are (jitsi_configurations), each on a host that was booted for this (run.sh): set up
-- with one line, a player in a room, nobody without a token, check without a fault, and undo that gives back every byte
-- to a Prosody that runs.
if not os.getenv "INIT" then return; end

local configurations = require "spec.support.jitsi_configurations";
local host = require "spec.support.jitsi_host";
local host_check = require "spec.support.host_check";
local rig = require "spec.support.rig";

local ok = host.ok;

describe("skotos-bridge-setup on a booted Jitsi:", function ()
	local games = {};

	setup(function ()
		host.prepare();
		ok("dpkg -i " .. host.deb());
		for _, port in ipairs { 11091, 11092 } do games[port] = rig.game { port = port }; end
	end);
	teardown(function ()
		for _, game in pairs(games) do game:stop(); end
		host.run "dpkg --purge prosody-mod-skotos-bridge; systemctl stop prosody";
	end);

	-- A player of the game on `site` is in a room as a participant; who has no token, or somebody else's, is not let in.
	local function lets_in(case, site)
		local game, room = games[site.port or 11091], "tavern@" .. site.muc;
		local domain = case.domain or "auth." .. site.host;
		host.focus(room, domain);
		local _, carla = host.joins(game, "Carla", "tavern", room, site.host);
		assert.equal("available", carla.type, carla.condition);
		assert.equal("participant", carla.role);
		assert.is_false(rig.client({ port = 5280, jid = site.host }).connected);
		local theirs = "the-secret-of-somebody-else-who-signs-tokens";
		local foreign = rig.token { name = "Eve", domain = site.host, secret = theirs };
		assert.is_false(rig.client({ port = 5280, jid = site.host, token = foreign, room = "tavern" }).connected);
	end

	-- Guests log in, as they did, and get into no room.
	local function keeps_guests_out(case, site)
		local guest = rig.client { port = 5280, jid = case.guest };
		assert.is_true(guest.connected, guest.condition);
		local own = guest:join { room = "tavern@" .. site.muc, nick = "guest" };
		assert.equal("error", own.type);
	end

	for _, case in ipairs(configurations.list) do
		it(case.name, function ()
			host.configure(case.files, case.domain or "auth." .. host.HOST);
			for i = 2, #case.hosts do ok(("prosodyctl register focus auth.%s focus-password"):format(case.hosts[i].host)); end
			local before = host.configuration();
			for _, site in ipairs(case.hosts) do
				local text = ok(("skotos-bridge-setup --yes --host %s --game 127.0.0.1:%d %s %s")
					:format(site.host, site.port or 11091, case.setup or "", site.setup or ""));
				local runs = ("ok    skotos_bridge runs on %s, rooms in %s"):format(site.host, site.muc);
				assert.truthy(text:find(runs, 1, true), text);
				assert.truthy(text:find('ok    the game "game" is connected', 1, true), text);
			end
			host_check.all_ok(case.warns);
			for _, site in ipairs(case.hosts) do lets_in(case, site); end
			if case.guest then keeps_guests_out(case, case.hosts[1]); end
			host.restart();
			lets_in(case, case.hosts[#case.hosts]);
			if case.hosts[2] then -- each has an undo of its own
				ok("skotos-bridge-setup --yes --undo --host " .. case.hosts[1].host);
				host.until_true("Prosody", host.answers);
				host_check.until_up();
				lets_in(case, case.hosts[2]);
			end
			ok "skotos-bridge-setup --yes --undo";
			assert.equal(before, host.configuration());
			host.until_true("Prosody", host.answers);
			assert.equal("active\n", ok "systemctl is-active prosody");
		end);
	end

	it("is not needed by docker's image, whose settings stand in .env", function ()
		local case = configurations.docker_env;
		host.configure(case.files, case.domain);
		host_check.until_up();
		host_check.all_ok(case.warns);
		lets_in(case, case.hosts[1]);
	end);
end);
