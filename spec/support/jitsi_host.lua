-- A Jitsi host for the specs in spec/install: the Debian in $ROOT, booted by spec/install/run.sh, with Prosody and a
-- configuration as Jitsi's packages write it. What is done there is done as its administrator would: by a shell of
-- root's, and by its own systemd.
local rig = require "spec.support.rig";
local shell = require "spec.support.shell";
local tree = require "spec.support.jitsi_tree";

local M = { HOST = tree.HOST, CONFIG = "/etc/prosody/conf.avail/" .. tree.HOST .. ".cfg.lua",
	DROP_IN = "/etc/prosody/skotos-bridge/" .. tree.HOST .. ".cfg.lua", ROOT = os.getenv("ROOT") };

local ENTER = "timeout 120 nsenter --target " .. (os.getenv("INIT") or "0")
	.. " --mount --pid --uts --ipc --cgroup --root --wd "
	.. "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root ";

local function quoted(word) return "'" .. word:gsub("'", [['\'']]) .. "'"; end

-- Runs `command` in a shell of the host's; gives its exit status and all that it said.
function M.run(command)
	return shell.sh(ENTER .. "sh -c " .. quoted(command) .. " </dev/null");
end

-- The same, for a command that has to succeed; gives what it said.
function M.ok(command)
	local status, said = M.run(command);
	if status ~= 0 then error(("%s: status %d:\n%s"):format(command, status, said), 2); end
	return said;
end

function M.read(path) return tree.read(M.ROOT .. path); end

-- Writes `text` to the file `path` of the host, which is root's and Prosody's group's, with `rights`.
function M.put(path, text, rights)
	local file = assert(io.open(M.ROOT .. path, "wb"));
	file:write(text);
	file:close();
	M.ok(("chown root:prosody %s && chmod %s %s"):format(quoted(path), rights, quoted(path)));
end

-- Waits for what `test` gives.
function M.until_true(what, test)
	for _ = 1, 150 do
		local value = test();
		if value then return value; end
		os.execute("sleep 0.2");
	end
	error("waited 30 s for " .. what, 2);
end

-- The process of Prosody, as systemd knows it; "0" when it does not run.
function M.pid() return M.ok("systemctl show --property MainPID --value prosody"):match("%d+"); end

function M.answers()
	local pipe = io.popen("node -e \"require('http').get({ port: 5280, host: '127.0.0.1', path: '/http-bind' }, (r) => { "
		.. "r.resume(); console.log('answers'); }).on('error', () => {})\"");
	local text = pipe:read("a");
	pipe:close();
	return text:find("answers", 1, true);
end

-- Every file of Prosody's and Jitsi's configuration with its rights and a hash of its bytes.
function M.configuration()
	return M.ok("find /etc/prosody /etc/jitsi -printf '%p %m %u %g %l\\n' | sort; find /etc/prosody /etc/jitsi -type f "
		.. "-exec sha256sum {} + | sort");
end

-- The whole machine, but for what changes by itself: every file's rights, those below /etc with a hash of their bytes.
function M.files()
	return M.ok [[cd / && find . -xdev \( -path ./proc -o -path ./dev -o -path ./sys -o -path ./src -o -path ./tmp \
		-o -path ./run -o -path ./var/log -o -path ./var/cache -o -path ./var/tmp -o -path ./var/lib/dpkg \
		-o -path ./var/lib/apt -o -path ./var/lib/prosody -o -path ./var/lib/systemd -o -path ./root \) -prune \
		-o -printf '%p %m %u %g %l\n' | sort
		find /etc -type f -not -name ld.so.cache -exec sha256sum {} + | sort]];
end

-- Restarts Prosody as the administrator would, however often the specs did before (systemd allows five starts within 10
-- s).
function M.restart()
	M.ok "systemctl reset-failed prosody; systemctl restart prosody";
	M.until_true("Prosody", M.answers);
end

local JICOFO_UNIT = "[Unit]\nDescription=stands for Jicofo\n[Service]\nExecStart=/bin/bash -c 'exec -a \"java -jar "
	.. "jicofo.jar\" sleep infinity'\n";

-- Jicofo's account on `domain`, and what makes a host of these files and no others: path below /etc/prosody -> text;
-- each file of conf.avail is linked from conf.d. Prosody runs with them.
function M.configure(files, domain)
	M.run "systemctl stop prosody; systemctl reset-failed prosody; rm -rf /etc/prosody/conf.d/* /etc/prosody/conf.avail/*";
	for path, text in pairs(files) do
		M.put("/etc/prosody/" .. path, text, "644");
		if path:find("^conf%.avail/") then M.ok(("ln -s ../%s /etc/prosody/conf.d/"):format(path)); end
	end
	M.ok(("prosodyctl register focus %s focus-password"):format(domain));
	M.ok "systemctl start prosody";
	M.until_true("Prosody", M.answers);
end

M.OF_THE_RIG = ('http_default_host = "%s"\nhttp_interfaces = { "127.0.0.1" }\n'):format(M.HOST);

-- The host as Jitsi's packages leave it, and without ours; Prosody runs, and a unit that stands for Jicofo. `files`:
-- another configuration, as path below /etc/prosody -> text; `domain`: that of Jicofo's account in it.
function M.prepare(files, domain)
	M.run("dpkg --purge prosody-mod-skotos-bridge; rm -rf /etc/prosody/certs/skotos /etc/prosody/skotos-bridge "
		.. "/etc/prosody/*.kept /var/lib/skotos-bridge /var/log/prosody/*; mkdir -p /etc/jitsi/jicofo");
	M.put("/etc/jitsi/jicofo/jicofo.conf", (tree.JICOFO:gsub("HOST", M.HOST)), "640");
	-- with Jicofo's own rights
	M.ok "id jicofo 2>/dev/null || { groupadd --system jitsi && useradd --system --gid jitsi jicofo; }";
	M.ok "chown -R jicofo:jitsi /etc/jitsi/jicofo && chmod 750 /etc/jitsi/jicofo";
	M.put("/etc/systemd/system/jicofo.service", JICOFO_UNIT, "644");
	M.ok "systemctl daemon-reload && systemctl start jicofo";
	M.configure(files or { ["conf.avail/" .. M.HOST .. ".cfg.lua"] = M.OF_THE_RIG .. tree.meet {} },
		domain or "auth." .. M.HOST);
end

-- The package's file.
function M.deb()
	return "/src/build/deb/" .. M.ok("cd /src/build/deb && ls prosody-mod-skotos-bridge_*.deb"):match("%S+");
end

-- Has Jicofo open `room`, as it does before the first player comes. Gives its client. `domain`: that of its account.
function M.focus(room, domain)
	local focus = rig.client { port = 5280, jid = "focus@" .. (domain or "auth." .. M.HOST), password = "focus-password" };
	if not focus.connected then error("Jicofo was not let in: " .. tostring(focus.condition), 2); end
	focus:join { room = room, nick = "focus" };
	return focus;
end

-- What became of the request `seq` that `game` was asked for, once it is known.
function M.told(game, seq)
	return M.until_true("what the game was told", function ()
		local told = game:result { seq = seq };
		return told.state ~= "pending" and told;
	end);
end

-- Has `game` ask for a token, as its avchat would for a player; gives what it was told.
function M.asks(game, name, room)
	local seq = game:command({ line = ("login %s %s"):format(rig.hex(name), rig.hex(room)) }).line:match("^asked (%d+)");
	return M.told(game, tonumber(seq));
end

-- A player who got his token from `game` logs in and joins; gives the client and its own first presence. `node`: the
-- room's in a tenant, or the room's JID on another MUC; `host`: where he logs in.
function M.joins(game, name, room, node, host)
	local told = M.asks(game, name, room);
	if not told.success then error(("%s got no token: %s"):format(name, told.message), 2); end
	local client = rig.client { port = 5280, jid = host or M.HOST, token = told.token, room = room };
	if not client.connected then error(("%s was not let in: %s"):format(name, client.condition), 2); end
	return client, client:join { room = node or room, nick = name };
end

return M;
