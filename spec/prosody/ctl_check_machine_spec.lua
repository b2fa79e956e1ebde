-- prosodyctl mod_skotos_bridge check: what is wrong on the machine around Prosody, from its clock to the old server, is
-- named too.
local ctl = require "spec.support.ctl";
local ctl_check = require "spec.support.ctl_check";
local check, named = ctl_check.check, ctl_check.named;

describe("prosodyctl mod_skotos_bridge check", function ()
	local game, prosody, folder;
	setup(function () prosody, game, folder = ctl_check.start(); end);
	teardown(function () ctl_check.stop(prosody, game); end);

	-- Where a process may have mounts of its own (not in a container without the right to, nor in a mere chroot).
	local function own_mounts()
		return os.execute("unshare -m true 2>/dev/null") == true;
	end

	it("names a clock that is off", function ()
		for _, case in ipairs { { -3600, "3600.0 s ahead of" }, { 45, "45.0 s behind" } } do
			local off = ctl_check.time_server(case[1]);
			local code, told = ctl.ask(prosody.dir, { "check", "--time-server", "127.0.0.1:" .. off.port });
			local line = named(told, "clock", "fail", "tokens begin and end at the wrong time", "timedatectl set-ntp true");
			assert.truthy(line.text:find(case[2], 1, true), line.text);
			assert.equal(2, code);
		end
	end);

	it("names a C module that does not load, and goes on with the rest", function ()
		ctl.write(folder .. "/skotos_bridge.so", "no library");
		local code, told = check(nil, nil, { cpath = folder .. "/?.so;;" });
		named(told, "module", "fail", "skotos_bridge.so does not load", "dpkg -i prosody-mod-skotos-bridge_*.deb");
		assert.equal(1, #ctl.lines(told, "muc", "ok"));
		assert.equal(2, code);
	end);

	it("names a C module that was cut short, without being ended by it", function ()
		assert(os.execute(("head -c 20000 build/skotos_bridge.so > %s/skotos_bridge.so"):format(folder)));
		local code, told = check(nil, nil, { cpath = folder .. "/?.so;;" });
		named(told, "module", "fail", folder .. "/skotos_bridge.so is cut short: 20000 bytes of ",
			"dpkg -i prosody-mod-skotos-bridge_*.deb");
		assert.equal(2, code);
		os.remove(folder .. "/skotos_bridge.so");
	end);

	it("names a disk that is full", function ()
		if not own_mounts() then pending("no mounts of its own are allowed here") return; end
		os.execute("mkdir -p " .. folder .. "/data");
		local code, told = check({ { 'data_path = "' .. prosody.dir .. '/data"', 'data_path = "' .. folder .. '/data"' } },
			nil, {
			before = (
				"unshare -m sh -c 'mount -t tmpfs -o size=64k none %s/data; "
					.. "head -c 65536 /dev/zero > %s/data/full; exec \"$@\"' sh"):format(folder, folder);
		});
		named(told, "disk", "fail", folder .. "/data is full (0 KiB left)", "df -h");
		assert.equal(2, code);
	end);

	-- A process with this command line, as far as /proc tells; what `test` gives for its number.
	local function while_there_is(command, test)
		local name, words = command:match "^(%S+) (.*)$";
		local pipe = io.popen(("exec bash -c 'echo $$; exec -a %s lua5.4 -e \"require[[socket]].sleep(60)\" -- %s'")
			:format(name, words));
		local pid = pipe:read("l");
		local ok, err = pcall(test, pid);
		os.execute("kill " .. pid);
		pipe:close();
		if not ok then error(err, 0); end
	end

	it("names the old server where it runs, as its own script starts it", function ()
		for _, command in ipairs { "node src/main.js ./chat_admin_config.json",
				"/usr/bin/nodejs /var/chat_admin_server/src/main.js my.json" } do
			while_there_is(command, function (pid)
				local _, told = check();
				named(told, "bridges", "fail", "the old chat_admin_server runs (process " .. pid, "kill " .. pid);
			end);
		end
	end);

	it("shows another user's process so that it can steer no terminal", function ()
		while_there_is("node chat_admin_config.json\27[2Jok \nok", function ()
			local _, told = check();
			local line = named(told, "bridges", "fail", "the old chat_admin_server runs", "kill");
			assert.truthy(line.text:find("\\x1b[2J", 1, true), line.text);
			assert.falsy(line.text:find("%c"));
		end);
	end);

	it("takes nobody for the old server who only reads its files", function ()
		for _, command in ipairs { "less /var/chat_admin_server/README.md",
				"skotos-bridge-setup --from /var/chat_admin_server/chat_admin_config.json" } do
			while_there_is(command, function ()
				local _, told = check();
				assert.equal(0, #ctl.lines(told, "bridges", "fail"));
			end);
		end
	end);

	it("names the line with which cron starts the old server", function ()
		if not own_mounts() then pending("no mounts of its own are allowed here") return; end
		ctl.write(folder .. "/cron", "* * * * * node /var/chat_admin_server/index.js\n");
		local spool = ("mount -t tmpfs none /var/spool && mkdir -p /var/spool/cron/crontabs && cp %s/cron "
			.. "/var/spool/cron/crontabs/root"):format(folder);
		local _, cron = check(nil, nil, { before = ("unshare -m sh -c '%s && exec \"$@\"' sh"):format(spool) });
		named(cron, "bridges", "fail", "cron starts the old chat_admin_server again and again "
			.. "(/var/spool/cron/crontabs/root)", "skotos-game-setup");
	end);

	it("names Jicofo's automatic owner, unless it is off", function ()
		for _, case in ipairs { { "jicofo { conference { } }", "warn" },
			{ "jicofo { conference { enable-auto-owner = true } }", "warn" },
			{ "jicofo { conference {\n  # enable-auto-owner = false\n} }", "warn" },
			{ "jicofo.conference.enable-auto-owner = false", "ok" },
			{ 'jicofo { conference { "enable-auto-owner" : "false" } }', "ok" },
			{ "other { enable-auto-owner = false }", "warn" },
			{ "jicofo.conference { enable-auto-owner = false, enable-auto-owner = ${?AUTO} }", "warn" } } do
			local path = ctl.write(folder .. "/jicofo.conf", case[1] .. "\n");
			local _, told = check(nil, { "--jicofo", path });
			assert.equal(1, #ctl.lines(told, "jicofo", case[2]), case[1]);
			if case[2] == "warn" then
				named(told, "jicofo", "warn", "owner", "hocon -f " .. path .. " set jicofo.conference.enable-auto-owner false");
			end
		end
	end);

	it("names peer-to-peer, unless Jitsi's settings for pages turn it off", function ()
		for _, case in ipairs { { "var config = { p2p: { enabled: false, x: 1 } };", "ok" },
			{ "var config = { p2p: { enabled: true } };", "warn" },
			{ "var config = { };", "warn" }, { "var config = {\n  // p2p: { enabled: false },\n};", "warn" },
			{ "var config = { /* p2p: { enabled: false } */ };", "warn" } } do
			local path = ctl.write(folder .. "/config.js", case[1] .. "\n");
			local _, told = check(nil, { "--meet", path });
			assert.equal(1, #ctl.lines(told, "p2p", case[2]), case[1]);
			if case[2] == "warn" then
				named(told, "p2p", "warn", "a voice passes no bridge", "p2p: { enabled: false } in " .. path);
			end
		end
	end);
end);
