-- skotos-game-setup --dev with a real sshd on loopback, with keys and a configuration of its own.
local shell = require "spec.support.shell";
local socket = require "socket";
local free_port = require "spec.support.free_port";

local function output(command)
	local status, text = shell.sh(command);
	return text, status;
end

-- Waits until something accepts on the port; gives the connection.
local function connected(port, seconds)
	for _ = 1, seconds * 20 do
		local connection = socket.connect("127.0.0.1", port);
		if connection then return connection; end
		socket.sleep(0.05);
	end
	error(("nothing listens on port %d after %d s"):format(port, seconds));
end

describe("the tunnel of skotos-game-setup --dev", function ()
	local root, user, ssh_port, port, game, game_port, said, command, pids = nil, nil, nil, nil, nil, nil, nil, nil, {};
	local home = os.getenv("HOME");

	local function start(words)
		local pid = output(words .. " >/dev/null 2>&1 & echo $!"):match("%d+");
		pids[#pids + 1] = pid;
		return pid;
	end

	lazy_setup(function ()
		root, user, ssh_port, port = output("mktemp -d"):match("[^\n]+"), output("id -un"):match("[^\n]+"), free_port(),
			free_port();
		game = assert(socket.bind("127.0.0.1", 0));
		game:settimeout(60);
		game_port = tonumber((select(2, game:getsockname())));
		assert(os.execute(("mkdir -p %s/ssh && printf 'portbase %d\\n' >%s/instance"):format(root, game_port - 91, root)));
		local status;
		said, status = output(("timeout 60 dash packaging/bin/skotos-game-setup --dev --root %s --instance %s/instance "
				.. "--port %d --ssh-port %d --user %s 127.0.0.1")
			:format(root, root, port, ssh_port, user));
		assert.equal(0, status, said);
		local line = said:match("echo '(restrict[^\n]*)' >>");
		local file = assert(io.open(root .. "/ssh/authorized_keys", "wb"));
		file:write(line, "\n");
		file:close();
		assert(os.execute(("ssh-keygen -q -t ed25519 -N '' -f %s/ssh/host && mkdir -p /run/sshd"):format(root)));
		file = assert(io.open(root .. "/ssh/sshd_config", "wb"));
		file:write(("ListenAddress 127.0.0.1\nPort %d\nHostKey %s/ssh/host\nAuthorizedKeysFile "
			.. "%s/ssh/authorized_keys\nPidFile none\nUsePAM no\n"
			.. "StrictModes no\nPasswordAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n"):format(ssh_port,
				root, root));
		file:close();
		start(("$(command -v sshd || echo /usr/sbin/sshd) -D -f %s/ssh/sshd_config -E %s/ssh/log"):format(root, root));
		connected(ssh_port, 10):close();
		local unit = assert(io.open(root .. home .. "/.config/systemd/user/skotos-dev-tunnel.service", "rb"));
		command = unit:read("a"):match("ExecStart=([^\n]*)");
		unit:close();
	end);
	lazy_teardown(function ()
		for _, pid in ipairs(pids) do os.execute("kill " .. pid .. " 2>/dev/null"); end
		if game then game:close(); end
		if root then os.execute("rm -rf '" .. root .. "'"); end
	end);

	-- ssh with the tunnel's key and other wishes.
	local function ssh(wishes)
		return output(("timeout 20 %s %s"):format(command:gsub(" %-R %S+ ", " "):gsub(" %-N %-T", ""), wishes));
	end

	it("keeps its unit with the key for the game's port, and the key to itself", function ()
		assert.truthy(command:find(("-R 127.0.0.1:%d:127.0.0.1:%d "):format(port, game_port), 1, true));
		assert.equal("600", output(("stat -c %%a %s%s/.ssh/skotos-dev-tunnel"):format(root, home)):match("%d+"));
	end);

	it("brings the Jitsi host's connections to the game, both ways", function ()
		start("exec " .. command);
		local bridge = connected(port, 15);
		local inside = assert(game:accept());
		assert(inside:send("a request\n"));
		bridge:settimeout(60);
		assert.equal("a request", bridge:receive("*l"));
		assert(bridge:send("a token\n"));
		inside:settimeout(60);
		assert.equal("a token", inside:receive("*l"));
		bridge:close();
		inside:close();
	end);

	it("has a key that runs nothing on the Jitsi host", function ()
		local text, status = ssh("echo secret-$((20 + 2))");
		assert.falsy(text:find("secret-22", 1, true));
		assert.not_equal(0, status);
	end);

	it("has a key that copies nothing", function ()
		local _, status = ssh("-s sftp");
		assert.not_equal(0, status);
	end);

	it("has a key that opens no other port there, and none to the world", function ()
		for _, wish in ipairs { ("127.0.0.1:%d"):format(free_port()), ("0.0.0.0:%d"):format(port), ("*:%d"):format(port) } do
			local text, status = ssh(("-N -R %s:127.0.0.1:%d"):format(wish, game_port));
			assert.not_equal(0, status, text);
			assert.truthy(text:find("forwarding failed", 1, true), text);
		end
	end);

	it("has a key that reaches nothing from there", function ()
		local out = free_port();
		local secret_service = assert(socket.bind("127.0.0.1", 0));
		local _, service_port = secret_service:getsockname();
		secret_service:settimeout(3);
		start(("timeout 20 %s -N -L 127.0.0.1:%d:127.0.0.1:%d"):format(command:gsub(" %-R %S+ ", " "), out, service_port));
		local connection = connected(out, 15);
		connection:settimeout(60);
		local _, err = connection:receive(1);
		assert.equal("closed", err);
		assert.is_nil((secret_service:accept()));
		secret_service:close();
	end);

	it("does the same twice as once, and --undo takes key and unit away", function ()
		local function state()
			return (output((
				"cd %s && find . -name 'skotos-dev-tunnel*' -not -name '*.hosts' -type f -exec sha256sum {} + | sort")
				:format(root)));
		end
		local before = state();
		local words = ("timeout 60 dash packaging/bin/skotos-game-setup --dev --root %s "):format(root);
		output(words .. ("--instance %s/instance --port %d --ssh-port %d --user %s 127.0.0.1"):format(root, port, ssh_port,
			user));
		assert.equal(before, state());
		local text, status = output(words .. "--undo");
		assert.equal(0, status, text);
		assert.equal("", state());
		local file = assert(io.open(root .. "/instance"));
		assert.equal(("portbase %d\n"):format(game_port - 91), file:read("a"));
		file:close();
	end);
end);
