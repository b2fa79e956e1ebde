-- One source of the version: the newest number of CHANGELOG.md with the commit's date and hash, in everything that
-- tells one, so that a newer build is a newer package.
local function said(command)
	local pipe = assert(io.popen(command .. " 2>&1"));
	local text = pipe:read("a");
	pipe:close();
	return (text:gsub("\n$", ""));
end

describe("the version", function ()
	local version = said "packaging/version.sh";

	it("is CHANGELOG.md's newest number, with the commit's date and hash", function ()
		local number = said [[sed -n 's/^## \([0-9][0-9.]*\)$/\1/p' CHANGELOG.md | head -n 1]];
		local date, hash = said "TZ=UTC git log -1 --date=format-local:%Y%m%d.%H%M%S --format=%cd",
			said "git log -1 --format=%h --abbrev=7";
		assert.equal(("%s+%s.%s"):format(number, date, hash), version);
	end);

	it("is what the C module and both commands tell", function ()
		assert(os.execute "make -s build/skotos_bridge.so");
		assert.equal(version, said [[LUA_CPATH='build/?.so;;' lua5.4 -e 'print(require "skotos_bridge".version)']]);
		assert.equal("skotos-bridge-setup " .. version, said "packaging/bin/skotos-bridge-setup --version");
		assert.equal("skotos-game-setup " .. version, said "packaging/bin/skotos-game-setup --version");
	end);

	it("goes up with every commit, as dpkg orders versions", function ()
		local function older(a, b) return os.execute(("dpkg --compare-versions '%s' lt '%s'"):format(a, b)) == true; end
		local number = version:match("^[^+]*");
		assert.is_true(older(number .. "~deb12", version .. "~deb12"));
		assert.is_true(older(number .. "+20260101.000000.fffffff~deb12", version .. "~deb12"));
		assert.is_true(older(version .. "~deb12", version .. "~deb13"));
	end);

	it("is what the file VERSION says in a copy of the tree without git", function ()
		local folder = said "mktemp -d";
		assert(os.execute(("mkdir %s/packaging && cp packaging/version.sh %s/packaging/ && cp CHANGELOG.md %s/")
			:format(folder, folder, folder)));
		assert.equal(version:match("^[^+]*"), said(folder .. "/packaging/version.sh"));
		assert(os.execute(("echo 1.2.3 >%s/VERSION"):format(folder)));
		assert.equal("1.2.3", said(folder .. "/packaging/version.sh"));
		os.execute("rm -r " .. folder);
	end);
end);
