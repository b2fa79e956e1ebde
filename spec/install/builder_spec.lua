-- A builder's own machine and the Jitsi in production, both on a host that was booted for this (run.sh):
-- skotos-game-setup --dev keeps the tunnel as a unit of the builder's own systemd, through Debian's sshd as it is
-- installed; the lines that it prints are carried out as they are.
if not os.getenv "INIT" then return; end

local host = require "spec.support.jitsi_host";
local rig = require "spec.support.rig";

local ok = host.ok;

local INSTANCE = "/home/builder/game/instance";
local UNIT = "skotos-dev-tunnel.service";

describe("skotos-game-setup --dev on a builder's machine", function ()
	local live, dev, said;

	-- As the builder, whose systemd answers him.
	local function as_builder(command)
		return ("runuser -u builder -- env HOME=/home/builder XDG_RUNTIME_DIR=/run/user/$(id -u builder) sh -c 'cd; %s'")
			:format(command);
	end

	local function tunnel()
		return ok(as_builder("systemctl --user show --property MainPID --value " .. UNIT)):match "%d+";
	end

	local function links() return (select(2, host.run "prosodyctl mod_skotos_bridge status")); end

	local function until_dev_is_up()
		host.until_true("the link to the development game", function ()
			return links():find("game dev at 127.0.0.1:11192 is up", 1, true);
		end);
	end

	setup(function ()
		host.prepare();
		ok("dpkg -i " .. host.deb());
		live, dev = rig.game { port = 11091 }, rig.game { port = 11291 };
		ok "skotos-bridge-setup --yes --game 127.0.0.1 --moderator Skott";
		ok "useradd --create-home --shell /bin/bash builder && loginctl enable-linger builder && systemctl start ssh";
		host.until_true("the builder's systemd", function ()
			return host.run(as_builder "systemctl --user is-system-running") == 0;
		end);
		ok(as_builder "mkdir game && echo portbase 11200 >game/instance");
	end);
	teardown(function ()
		for _, game in pairs { live, dev } do game:stop(); end
		host.run("loginctl disable-linger builder; loginctl terminate-user builder; userdel --force --remove builder; "
			.. "deluser --system skotos-tunnel; rm -rf /var/lib/skotos-tunnel");
		host.run "dpkg --purge prosody-mod-skotos-bridge; systemctl stop prosody ssh";
	end);

	it("makes a key and a tunnel that systemd keeps, and says what the Jitsi host's administrator has to do", function ()
		said = ok(as_builder("skotos-game-setup --dev --port 11192 --instance " .. INSTANCE .. " localhost"));
		assert.equal("jitsi_host localhost/dev\nportbase 11200\n", host.read(INSTANCE));
		assert.truthy(ok(as_builder("systemctl --user is-enabled " .. UNIT)):find "^enabled");
		assert.truthy(ok "stat -c '%a %U' /home/builder/.ssh/skotos-dev-tunnel":find "^600 builder");
	end);

	it("brings the development game to the Jitsi in production by those lines, walled off", function ()
		local lines = said:match "does this once, as root:\n(.-)        The key may do nothing else";
		local text = ok("set -e\n" .. lines:gsub("skotos%-bridge%-setup ", "%0--yes "):gsub("(skotos%-bridge%-setup [^\n]*)",
			"%1 || [ $? = 3 ]"));
		until_dev_is_up();
		host.focus "[dev]tavern";
		local _, bob = host.joins(dev, "Bob", "tavern", "[dev]tavern");
		assert.equal("available", bob.type, text);
		host.focus "tavern";
		local _, stranger = host.joins(dev, "Bob", "tavern");
		assert.equal("error", stranger.type);
		local _, skott = host.joins(live, "Skott", "tavern");
		assert.equal("moderator", skott.role);
		host.focus "[dev]hall";
		local _, namesake = host.joins(dev, "Skott", "hall", "[dev]hall");
		assert.equal("participant", namesake.role);
	end);

	it("lets the key do nothing else there", function ()
		local ssh = "ssh -i .ssh/skotos-dev-tunnel -o BatchMode=yes -o UserKnownHostsFile=.ssh/skotos-dev-tunnel.hosts -o "
			.. "ExitOnForwardFailure=yes ";
		for _, wish in ipairs { "skotos-tunnel@localhost id", "-t skotos-tunnel@localhost",
			"-N -R 127.0.0.1:11193:127.0.0.1:22 skotos-tunnel@localhost",
			"-N -R 0.0.0.0:11192:127.0.0.1:22 skotos-tunnel@localhost", "-s skotos-tunnel@localhost sftp" } do
			local status, text = host.run(as_builder("timeout 20 " .. ssh .. wish));
			assert.not_equal(0, status, wish .. ": " .. text);
			assert.not_equal(124, status, wish .. " was let in");
			assert.falsy(text:find("uid=", 1, true));
		end
	end);

	it("has the tunnel back when its ssh has ended", function ()
		local before = tunnel();
		ok("kill -KILL " .. before);
		host.until_true("another ssh", function ()
			local now = tunnel();
			return now ~= "0" and now ~= before;
		end);
		until_dev_is_up();
		assert.is_true(host.asks(dev, "Carla", "tavern").success);
	end);

	it("is undone: the unit, the key, the tunnel", function ()
		ok(as_builder "skotos-game-setup --dev --undo");
		assert.not_equal(0, (host.run(as_builder("systemctl --user is-active " .. UNIT))));
		assert.not_equal(0, (host.run "ls /home/builder/.ssh/skotos-dev-tunnel*"));
		assert.not_equal(0, (host.run "pgrep -u builder -x ssh"));
		assert.equal("portbase 11200\n", host.read(INSTANCE));
		ok "skotos-bridge-setup --yes --remove-game dev";
		assert.falsy(links():find("dev", 1, true));
	end);
end);
