-- The Debian package in a debootstrapped Debian ($CHROOT, made by packaging/check-install.sh), each step after the one before: installed, set
-- up with one line, players in a room, upgraded while Prosody runs, removed, purged.
local chroot = os.getenv "CHROOT";
if not chroot then return; end

local rig = require "spec.support.rig";
local tree_lib = require "spec.support.jitsi_tree";

local HOST, CONFIG = tree_lib.HOST, "/etc/prosody/conf.avail/" .. tree_lib.HOST .. ".cfg.lua";

local function run(command)
	local pipe = assert(io.popen(("timeout 120 chroot '%s' sh -c '%s' 2>&1 </dev/null; echo \"status $?\""):format(chroot, command:gsub("'", [['\'']]))));
	local text = pipe:read("a");
	pipe:close();
	return tonumber(text:match("status (%d+)\n$")), text;
end

local function ok(command)
	local status, text = run(command);
	assert.equal(0, status, command .. ":\n" .. text);
	return text;
end

local function put(path, text, rights)
	local file = assert(io.open(chroot .. path, "wb"));
	file:write(text);
	file:close();
	ok(("chown root:prosody '%s' && chmod %s '%s'"):format(path, rights, path));
end

-- The machine, but for what changes by itself: every file's rights, those below /etc with a hash of their bytes.
local function machine()
	return ok [[cd / && find . -xdev \( -path ./proc -o -path ./dev -o -path ./sys -o -path ./src -o -path ./tmp -o -path ./run -o -path ./var/log -o -path ./var/cache \
		-o -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/lib/prosody -o -path ./root \) -prune -o -printf '%p %m %u %g %l\n' | sort
		find /etc -type f -not -name ld.so.cache -exec sha256sum {} + | sort]];
end

local function configuration() return ok "find /etc/prosody /etc/jitsi -printf '%p %m %u %g %l\\n' | sort; find /etc/prosody /etc/jitsi -type f -exec sha256sum {} + | sort"; end

local function pid() return ok("cat /run/prosody/prosody.pid"):match("%d+"); end

-- Waits for what `test` gives.
local function until_true(what, test)
	for _ = 1, 100 do
		local value = test();
		if value then return value; end
		os.execute("sleep 0.2");
	end
	error("waited 20 s for " .. what);
end

local function answers()
	local pipe = io.popen("node -e \"require('http').get({ port: 5280, host: '127.0.0.1', path: '/http-bind' }, (r) => { r.resume(); console.log('answers'); }).on('error', () => {})\"");
	local text = pipe:read("a");
	pipe:close();
	return text:find("answers", 1, true);
end

describe("the Debian package", function ()
	local game, untouched, clean, deb, focus;

	local function log_of_prosody() return ok "cat /var/log/prosody/prosody.log"; end

	-- A player asks the game for a token, as the game's avchat would for him.
	local function token_for(name, room)
		local seq = game:command({ line = ("login %s %s"):format(rig.hex(name), rig.hex(room)) }).line:match("^asked (%d+)");
		local result = until_true("the answer for " .. name, function ()
			local told = game:result { seq = tonumber(seq) };
			return told.state ~= "pending" and told;
		end);
		assert.is_true(result.success, result.message);
		return result.token;
	end

	local function joins(name, room)
		local client = rig.client { port = 5280, jid = HOST, token = token_for(name, room), room = room };
		assert.is_true(client.connected, client.condition);
		return client, client:join { room = room, nick = name };
	end

	setup(function ()
		run "dpkg --purge prosody-mod-skotos-bridge; rm -rf /etc/prosody/conf.d/* /etc/prosody/conf.avail/*; mkdir -p /etc/jitsi/jicofo; rm -f /var/log/prosody/*";
		put(CONFIG, 'http_default_host = "' .. HOST .. '"\nhttp_interfaces = { "127.0.0.1" }\n' .. tree_lib.meet {}, "644");
		put("/etc/jitsi/jicofo/jicofo.conf", (tree_lib.JICOFO:gsub("HOST", HOST)), "640");
		ok("ln -s ../conf.avail/" .. HOST .. ".cfg.lua /etc/prosody/conf.d/");
		ok("prosodyctl register focus auth." .. HOST .. " focus-password");
		ok "/etc/init.d/prosody start";
		until_true("Prosody", answers);
		deb = ok("cd /src/build/deb && ls prosody-mod-skotos-bridge_*.deb"):match("%S+");
		game = rig.game { port = 11091 };
		untouched, clean = configuration(), machine();
	end);
	teardown(function ()
		if game then game:stop(); end
		run "kill $(cat /run/prosody/prosody.pid)";
	end);

	it("changes no configuration when it is installed, and Prosody goes on", function ()
		local before = pid();
		ok("dpkg -i /src/build/deb/" .. deb);
		assert.equal(untouched, configuration());
		assert.equal(before, pid());
		assert.truthy(answers());
	end);

	it("is set up with one line", function ()
		local text = ok "skotos-bridge-setup --yes --game 127.0.0.1 --moderator Skott";
		assert.truthy(text:find("ok    skotos_bridge runs on " .. HOST, 1, true), text);
		assert.truthy(text:find('ok    the game "game" is connected', 1, true), text);
		assert.truthy(ok("stat -c '%a %U %G' /etc/prosody/skotos-bridge.secret"):find("640 root prosody", 1, true));
	end);

	it("brings a player into a room with the token that the game asked for, as a participant, and the moderator as one", function ()
		focus = rig.client { port = 5280, jid = "focus@auth." .. HOST, password = "focus-password" };
		assert.is_true(focus.connected, focus.condition);
		focus:join { room = "tavern", nick = "focus" };
		local _, bob = joins("Bob", "tavern");
		assert.equal("available", bob.type, bob.condition);
		assert.equal("participant", bob.role);
		local _, skott = joins("Skott", "tavern");
		assert.equal("moderator", skott.role);
	end);

	it("has nothing that prosodyctl mod_skotos_bridge check finds wrong, but that nobody keeps the clock here", function ()
		local _, text = run "prosodyctl mod_skotos_bridge check";
		for line in text:gmatch("[^\n]+") do
			assert.falsy(line:find("^fail"), text);
			assert.falsy(line:find("^warn") and not line:find("^warn  clock"), text);
		end
		assert.truthy(text:find("\nok    game ", 1, true), text);
	end);

	it("lets nobody in without a token", function ()
		local client = rig.client { port = 5280, jid = HOST };
		assert.is_false(client.connected);
	end);

	it("is set up already when setup runs again, and nobody has to leave", function ()
		local before, process = configuration(), pid();
		assert.truthy(ok("skotos-bridge-setup --yes --game 127.0.0.1 --moderator Skott"):find("nothing changes", 1, true));
		assert.equal(before, configuration());
		assert.equal(process, pid());
	end);

	it("takes a changed setting over without a restart", function ()
		local process = pid();
		ok "skotos-bridge-setup --yes --moderator Zoe --moderator Skott";
		assert.equal(process, pid());
		local _, zoe = joins("Zoe", "tavern");
		assert.equal("moderator", zoe.role);
	end);

	it("is upgraded while Prosody runs, which goes on serving, before and after its restart", function ()
		local process, before = pid(), configuration();
		local client = joins("Carla", "tavern");
		ok(("rm -rf /tmp/newer && dpkg-deb -R /src/build/deb/%s /tmp/newer && sed -i 's/^Version: .*/&+newer/' /tmp/newer/DEBIAN/control "
			.. "&& dpkg-deb -b /tmp/newer /tmp/newer.deb"):format(deb));
		local text = ok "dpkg -i /tmp/newer.deb";
		assert.truthy(text:find("restart it at a quiet time", 1, true), text);
		assert.equal(process, pid());
		assert.equal(before, configuration());
		local _, dave = joins("Dave", "tavern");
		assert.equal("available", dave.type);
		client:wait { from = "/Dave" };
		ok "kill -HUP $(cat /run/prosody/prosody.pid)";
		local _, eve = joins("Eve", "tavern");
		assert.equal("available", eve.type);
	end);

	it("adds a walled-off game", function ()
		local dev = rig.game { port = 11092 };
		local text = ok "skotos-bridge-setup --yes --add-game dev --rooms 'dev-*'";
		assert.truthy(text:find('ok    the game "dev" is connected', 1, true), text);
		dev:command { line = ("login %s %s"):format(rig.hex("Bob"), rig.hex("tavern")) };
		local refused = until_true("the refusal", function ()
			local told = dev:result { seq = 0 };
			return told.state ~= "pending" and told;
		end);
		assert.is_false(refused.success);
		ok "skotos-bridge-setup --yes --remove-game dev";
		dev:stop();
	end);

	it("leaves the configuration byte for byte as it was when it is removed, and a Prosody that runs and starts", function ()
		ok "dpkg --remove prosody-mod-skotos-bridge";
		assert.equal(untouched, configuration());
		until_true("Prosody", answers);
		local process = pid();
		ok "kill $(cat /run/prosody/prosody.pid)";
		until_true("the end of Prosody", function () return run("kill -0 " .. process) ~= 0; end);
		ok "/etc/init.d/prosody start";
		until_true("Prosody", answers);
		ok "dpkg --purge prosody-mod-skotos-bridge";
		assert.equal(clean, machine());
	end);

	it("leaves no trace when it is purged at once", function ()
		ok("dpkg -i /src/build/deb/" .. deb);
		ok "skotos-bridge-setup --yes --game 127.0.0.1";
		assert.not_equal(untouched, configuration());
		ok "dpkg --purge prosody-mod-skotos-bridge";
		assert.equal(clean, machine());
		until_true("Prosody", answers);
	end);

	it("never wrote a token, a secret or a traceback of ours into Prosody's log", function ()
		local log = log_of_prosody();
		assert.falsy(log:find("eyJ" .. ("[%w_-]"):rep(14)));
		assert.falsy(log:find("skotos[^\n]*\n%s*stack traceback"));
	end);
end);
