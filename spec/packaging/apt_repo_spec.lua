-- packaging/apt-repo.sh: what it makes is a repository that apt takes over http, with its signature; a newer package is
-- an upgrade; what somebody changed on the way is refused.
local rig = require "spec.support.rig";
local shell = require "spec.support.shell";

describe("the apt repository", function ()
	local folder, port;

	local sh, ok = shell.sh, shell.ok;

	-- A package of ours with nothing in it.
	local function deb(version)
		ok(("cd %s && rm -rf tree && mkdir -p tree/DEBIAN && printf 'Package: prosody-mod-skotos-bridge\\nVersion: "
				.. "%s\\nArchitecture: amd64\\nMaintainer: x <x@example.com>\\nDescription: x\\n' >tree/DEBIAN/control && "
				.. "dpkg-deb -b tree 'p_%s_amd64.deb'")
			:format(folder, version, version));
		return ("%s/p_%s_amd64.deb"):format(folder, version);
	end
	local function publish(...)
		return ("GNUPGHOME=%s/gpg APT_KEY=packages@example.com packaging/apt-repo.sh %s/repo '%s'"):format(folder, folder,
			table.concat({ ... }, "' '"));
	end

	-- apt with a root of its own, for the release `suite`.
	local function apt(command, suite)
		ok(("mkdir -p %s/apt/lists/partial %s/apt/archives/partial %s/apt/etc && touch %s/apt/status"):format(folder, folder,
			folder, folder));
		local file = assert(io.open(folder .. "/apt/etc/sources.list", "w"));
		file:write(("deb [arch=amd64 signed-by=%s/repo/skotos-bridge.asc] http://127.0.0.1:%d %s main\n"):format(folder, port,
			suite or "bookworm"));
		file:close();
		local o = { "Dir::State=A", "Dir::State::status=A/status", "Dir::State::lists=A/lists", "Dir::Cache=A",
			"Dir::Cache::archives=A/archives",
			"Dir::Etc=A/etc", "Dir::Etc::sourcelist=A/etc/sources.list", "Dir::Etc::sourceparts=-", "Dir::Etc::parts=-",
			"APT::Architecture=amd64", "APT::Sandbox::User=root",
			"Acquire::http::Proxy=false" };
		for i, option in ipairs(o) do o[i] = "-o " .. option:gsub("=A", "=" .. folder .. "/apt"); end
		return sh(("cd %s/apt && %s"):format(folder, command:gsub("APT", table.concat(o, " "))));
	end
	local function candidate(suite)
		local status, said = apt("apt-get APT update", suite);
		assert.equal(0, status, said);
		local _, policy = apt("apt-cache APT policy prosody-mod-skotos-bridge", suite);
		return policy:match("Candidate: (%S+)"), said;
	end

	setup(function ()
		folder = io.popen("mktemp -d"):read("l");
		ok(("chmod 755 %s && mkdir -m 700 %s/gpg"):format(folder, folder));
		ok(("GNUPGHOME=%s/gpg gpg --batch --pinentry-mode loopback --passphrase '' --quick-gen-key 'packages "
			.. "<packages@example.com>' ed25519 sign never"):format(folder));
		port = rig.call("files.start", { folder = folder .. "/repo" }).port;
		ok(publish(deb "0.1.0+20261129.120000.aaaaaaaa~deb12", deb "0.1.0+20261129.120000.aaaaaaaa~deb13"));
	end);
	teardown(function ()
		sh(("GNUPGHOME=%s/gpg gpgconf --kill all; rm -rf %s"):format(folder, folder));
	end);

	it("is taken by apt, for each release its own package", function ()
		assert.equal("0.1.0+20261129.120000.aaaaaaaa~deb13", (candidate "trixie"));
		assert.equal("0.1.0+20261129.120000.aaaaaaaa~deb12", (candidate "bookworm"));
		local status, said = apt("apt-get APT download prosody-mod-skotos-bridge");
		assert.equal(0, status, said);
	end);

	it("offers the newest package, and keeps the older ones", function ()
		local newer = folder .. "/any-name.deb";
		ok(("mv '%s' %s"):format(deb "0.1.0+20261130.080000.bbbbbbbb~deb12", newer));
		ok(publish(newer));
		assert.equal("0.1.0+20261129.120000.aaaaaaaa~deb13", (candidate "trixie"));
		assert.equal("0.1.0+20261130.080000.bbbbbbbb~deb12", (candidate "bookworm"));
		local _, versions = apt("apt-cache APT madison prosody-mod-skotos-bridge");
		assert.equal(2, select(2, versions:gsub("deb12", "")));
	end);

	it("is refused when somebody changed it on the way", function ()
		ok(("cd %s/repo/dists/bookworm && cp InRelease ../kept && sed -i 's/^Origin: .*/Origin: somebody else/' InRelease "
			.. "&& cp Release ../kept2 && rm Release Release.gpg"):format(folder));
		local _, said = apt("apt-get APT update");
		ok(("cd %s/repo/dists/bookworm && mv ../kept InRelease && mv ../kept2 Release"):format(folder));
		assert.truthy(said:find("not signed", 1, true) or said:find("BADSIG", 1, true)
			or said:find("couldn't be verified", 1, true), said);
	end);

	it("says what is missing, and changes nothing then", function ()
		local before = ok(("find %s/repo -type f -exec sha256sum {} + | sort"):format(folder));
		local status, said = sh(("GNUPGHOME=%s/gpg APT_KEY= packaging/apt-repo.sh %s/repo"):format(folder, folder));
		assert.equal(1, status);
		assert.truthy(said:find("APT_KEY is missing", 1, true), said);
		status, said = sh(publish(deb "1.0"));
		assert.equal(1, status);
		assert.truthy(said:find("names no release of Debian", 1, true), said);
		assert.equal(before, ok(("find %s/repo -type f -exec sha256sum {} + | sort"):format(folder)));
	end);
end);
