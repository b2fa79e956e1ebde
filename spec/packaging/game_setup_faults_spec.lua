-- skotos-game-setup where the disk is full, or it is killed, at any of the system calls with which it changes a file:
-- the game's instance file and cron's tables keep every line, the next run ends where a first one would, and undo where
-- nothing was done. FAULTS=all: undo after each kill and a disk that is full from each call on, else every third.
local shell = require "spec.support.shell";
local folder_lib = require "spec.support.folder";
local faults = require "spec.support.faults";

local INSTANCE = "portbase 12000\nhostname game.example.com\nfreemote +emote \xe9\n";
local CRON = "MAILTO=x\n* * * * * skotos /var/chat_admin_server/start.sh\n@reboot root /usr/bin/true\n";
local FILE, TABLE = "/var/skotos/skoot/usr/System/data/instance", "/etc/cron.d/chat";

local EVERY = os.getenv "FAULTS" == "all" and 1 or 3;

describe("skotos-game-setup under faults", function ()
	local root, fresh, done, log;

	local text_of = faults.text_of;
	local function read(path) return folder_lib.read(root, path); end
	local function put(path, text) folder_lib.put(root, path, text); end

	-- Names and rights of all files, and the bytes of those that are the same each time: not so keys and certificates.
	local function state(folder)
		return text_of(("cd '%s' && find . -printf '%%p %%m %%u %%g\\n' | sort && find . -type f -not -name '*.pem' "
			.. "-not -name '*.key' -not -name 'skotos-dev-tunnel*' -exec sha256sum {} + | sort"):format(folder));
	end
	-- Has the tree be as `folder` is; always the same place, since its path stands in files.
	local function become(folder)
		assert(os.execute(("rm -rf '%s' && cp -a '%s' '%s'"):format(root, folder, root)));
	end
	local function run(arguments, before)
		return shell.sh((
				"HOME=/home/me XDG_STATE_HOME= %s timeout 60 dash packaging/bin/skotos-game-setup --root '%s' %s </dev/null")
			:format(before or "", root, arguments));
	end
	local function ok(arguments, before)
		local status, text = run(arguments, before);
		assert.equal(0, status, text);
	end

	-- No line is lost, whatever happened.
	local function is_whole(where, host)
		local text = read(FILE);
		assert.is_true(text == INSTANCE or text == ("jitsi_host %s\n"):format(host) .. INSTANCE,
			where .. "\n" .. tostring(text));
		text = read(TABLE);
		local out = CRON:gsub("(%* [^\n]*)", "# %1 # taken out by skotos-game-setup");
		assert.is_true(text == CRON or text == out, where .. "\n" .. tostring(text));
	end
	-- The certificates that stunnel has are a set.
	local function certificates_fit(where)
		if not read "/etc/stunnel/skotos/game.pem" then return; end
		local made, at = root .. "/var/lib/skotos-game-setup/certificates", root .. "/etc/stunnel/skotos";
		local look = ("cd '%s' && cmp game.pem '%s/game.pem' && cmp game.key '%s/game.key' && cmp ca.pem '%s/ca.pem' "
			.. "&& openssl verify -CAfile ca.pem game.pem jitsi.pem >/dev/null && test -s jitsi.key"):format(made, at, at, at);
		assert.truthy(os.execute(look), where);
	end

	local function clear(list)
		for _, one in ipairs(list) do faults.remove(one.path); end
	end

	setup(function ()
		faults.prepare();
		root, log = faults.folder(), os.tmpname();
		put(FILE, INSTANCE);
		put(TABLE, CRON);
		put("/var/chat_admin_server/chat_admin_config.json", "{}");
		put("/etc/systemd/system/of-somebody-else.service", "");
		local folders = { "/var/lib", "/etc/stunnel", "/home/me/.ssh", "/home/me/.local/state",
			"/home/me/.config/systemd/user" };
		for _, folder in ipairs(folders) do
			assert(os.execute(("mkdir -p '%s'"):format(root .. folder)));
		end
		fresh = faults.copy(root);
	end);
	teardown(function ()
		for _, folder in ipairs { root, fresh, done } do faults.remove(folder); end
		os.remove(log);
	end);
	after_each(function ()
		if done then faults.remove(done); end
		done = nil;
	end);

	for _, case in ipairs {
		{ name = "a game's host with TLS", set_up = "--tls game.example.com meet.example.com", undo = "--undo";
			host = "meet.example.com" };
		{ name = "a builder's own machine", set_up = "--dev meet.example.com", undo = "--dev --undo";
			host = "meet.example.com/dev" };
	} do
		local function is_done(where)
			assert.equal(state(done), state(root), where);
			is_whole(where, case.host);
			certificates_fit(where);
		end
		local function is_undone(where) assert.equal(state(fresh), state(root), where); end
		-- What becomes of each of `left` by another run, and by undo.
		local function goes_on(left)
			for i, one in ipairs(left) do
				local where = ("killed at %d, %s"):format(one.at, one.call);
				become(one.path);
				is_whole(where, case.host);
				ok(case.set_up);
				is_done(where .. ", and again");
				if i % EVERY == 0 then
					become(one.path);
					ok(case.undo);
					is_undone(where .. ", and undone");
				end
			end
		end

		it("prepares " .. case.name .. " soundly or not at all when it is killed, and mends it the next time", function ()
			become(fresh);
			local left, changes = faults.left_by_kills(root, state, function (before) ok(case.set_up, before); end);
			done = faults.copy(root);
			assert.is_true(changes > 20, changes);
			goes_on(left);
			clear(left);
			become(done);
			left = faults.left_by_kills(root, state, function (before) ok(case.undo, before); end);
			is_undone "undone";
			for _, one in ipairs(left) do
				local where = ("undo killed at %d, %s"):format(one.at, one.call);
				become(one.path);
				is_whole(where, case.host);
				ok(case.undo);
				is_undone(where);
			end
			clear(left);
		end);

		it("loses no line of " .. case.name .. " on a full disk, and mends it the next time", function ()
			become(fresh);
			ok(case.set_up, faults.before(root, "count", 0, log));
			local changes = #faults.changes(log);
			done = faults.copy(root);
			local seen = {};
			for nth = 1, changes, EVERY do
				become(fresh);
				local _, text = run(case.set_up, faults.before(root, "fail", nth, log));
				local where = ("full from %d, %s: %s"):format(nth, faults.changes(log)[nth] or "", text);
				is_whole(where, case.host);
				local left = state(root);
				if not seen[left] then
					ok(case.set_up);
					is_done(where);
				end
				seen[left] = true;
			end
		end);
	end
end);
