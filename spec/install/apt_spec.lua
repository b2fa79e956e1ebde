-- The apt repository, over http, on a Jitsi host that was booted for this (run.sh): the package is installed from it, a
-- newer one is an upgrade that apt finds by itself, while Prosody goes on, and debconf's answers set it up.
if not os.getenv "INIT" then return; end

local host = require "spec.support.jitsi_host";
local rig = require "spec.support.rig";

local ok = host.ok;

local OURS = "-o Dir::Etc::sourcelist=/etc/apt/sources.list.d/skotos-bridge.sources -o Dir::Etc::sourceparts=- -o "
	.. "Acquire::http::Proxy=false";

describe("the apt repository", function ()
	local folder, suite, game;

	local sh = require "spec.support.shell".ok;
	local function publish(deb)
		sh(("GNUPGHOME=%s/gpg APT_KEY=packages@example.com packaging/apt-repo.sh %s/repo '%s'"):format(folder, folder, deb));
	end
	local function version() return (ok "dpkg-query -W -f '${Version}' prosody-mod-skotos-bridge"); end

	setup(function ()
		host.prepare();
		folder = io.popen("mktemp -d"):read("l");
		sh(("chmod 755 %s && mkdir -m 700 %s/gpg"):format(folder, folder));
		sh(("GNUPGHOME=%s/gpg gpg --batch --pinentry-mode loopback --passphrase '' --quick-gen-key 'packages "
			.. "<packages@example.com>' ed25519 sign never"):format(folder));
		publish(host.ROOT .. host.deb());
		suite = ok(". /etc/os-release; printf %s \"$VERSION_CODENAME\"");
		local port = rig.call("files.start", { folder = folder .. "/repo" }).port;
		ok "mkdir -p /etc/apt/keyrings";
		host.put("/etc/apt/keyrings/skotos-bridge.asc", assert(io.open(folder .. "/repo/skotos-bridge.asc")):read("a"),
			"644");
		host.put("/etc/apt/sources.list.d/skotos-bridge.sources",
				("Types: deb\nURIs: http://127.0.0.1:%d/\nSuites: %s\nComponents: main\nSigned-By: "
				.. "/etc/apt/keyrings/skotos-bridge.asc\n")
			:format(port, suite), "644");
		game = rig.game { port = 11091 };
	end);
	teardown(function ()
		if game then game:stop(); end
		host.run("dpkg --purge prosody-mod-skotos-bridge; rm -f /etc/apt/keyrings/skotos-bridge.asc "
			.. "/etc/apt/sources.list.d/skotos-bridge.sources; systemctl stop prosody");
		os.execute(("GNUPGHOME=%s/gpg gpgconf --kill all; rm -rf %s"):format(folder, folder));
	end);

	it("brings the package, which debconf's answers set up at once", function ()
		ok([[printf '%s\n' 'prosody-mod-skotos-bridge prosody-mod-skotos-bridge/setup boolean true' \
			'prosody-mod-skotos-bridge prosody-mod-skotos-bridge/game string 127.0.0.1:11091' \
			'prosody-mod-skotos-bridge prosody-mod-skotos-bridge/moderators string Skott, Zoe' | debconf-set-selections]]);
		ok("apt-get update " .. OURS);
		ok("DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends " .. OURS
			.. " prosody-mod-skotos-bridge");
		host.focus "tavern";
		local _, zoe = host.joins(game, "Zoe", "tavern");
		assert.equal("moderator", zoe.role);
	end);

	it("offers a newer one, to which apt upgrades while Prosody goes on", function ()
		local before, process = version(), host.pid();
		local newer = folder .. "/newer.deb";
		sh(("rm -rf %s/tree && dpkg-deb -R %s %s/tree && sed -i 's/^Version: \\(.*\\)~deb/Version: \\1.1~deb/' "
				.. "%s/tree/DEBIAN/control && dpkg-deb -b %s/tree %s")
			:format(folder, host.ROOT .. host.deb(), folder, folder, folder, newer));
		publish(newer);
		ok("apt-get update " .. OURS);
		local said = ok("DEBIAN_FRONTEND=noninteractive apt-get upgrade -y " .. OURS);
		assert.not_equal(before, version());
		assert.truthy(said:find("restart it at a quiet time", 1, true), said);
		assert.equal(process, host.pid());
		local _, bob = host.joins(game, "Bob", "tavern");
		assert.equal("available", bob.type);
	end);

	it("leaves nothing behind when the package is purged", function ()
		ok "apt-get purge -y prosody-mod-skotos-bridge";
		assert.falsy(host.read(host.CONFIG):find("skotos", 1, true));
		assert.not_equal(0, (host.run "test -e /etc/prosody/skotos-bridge"));
		assert.equal("", ok "debconf-get-selections 2>/dev/null | grep skotos || true");
	end);
end);
