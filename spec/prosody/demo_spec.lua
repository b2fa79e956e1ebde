-- make demo: its story, its exit status, and that it leaves nothing behind, whichever way it ends. In a pipe, so
-- without colour.
local lfs = require "lfs";
local socket = require "socket";

local COMMAND =
	"echo $$; exec env NODE_PATH=build/npm/node_modules SKOTOS_PROSODY=%s %s node spec/demo/main.js 2>&1 <%s";

local function contents(path)
	local file = io.open(path, "rb");
	local text = file and file:read("a");
	if file then file:close(); end
	return text;
end

-- Starts the demo; gives { pid =, pipe = }.
local function start(env, input)
	local demo = { pipe = io.popen(COMMAND:format(os.getenv("SKOTOS_PROSODY") or "0.12", env or "",
		input or "/dev/null")) };
	demo.pid = demo.pipe:read("l");
	return demo;
end

local function read_until(demo, text)
	for line in demo.pipe:lines() do
		if line:find(text, 1, true) then return line; end
	end
	error("the demo ended without saying: " .. text);
end

-- The command lines of its children: pid -> text.
local function children(demo)
	local found = {};
	for name in lfs.dir("/proc") do
		local stat = name:match("^%d+$") and contents("/proc/" .. name .. "/stat");
		if stat and stat:match("%) %a (%d+)") == demo.pid then found[name] = contents("/proc/" .. name .. "/cmdline"); end
	end
	return found;
end

local function folder_of(cmdlines)
	for _, text in pairs(cmdlines) do
		local folder = text:match("([^%z]+/build/run/prosody%-%w+)/");
		if folder then return folder; end
	end
end

-- Waits until it has started Prosody; gives its children and Prosody's folder.
local function started(demo)
	for _ = 1, 3000 do
		local pids = children(demo);
		local folder = folder_of(pids);
		if folder then return pids, folder; end
		socket.sleep(0.01);
	end
	error("the demo has started no Prosody");
end

local function assert_gone(pids, folder)
	for pid, cmdline in pairs(pids) do
		assert.are_not.equal(cmdline, contents("/proc/" .. pid .. "/cmdline"), "still runs");
	end
	assert.is_nil(lfs.attributes(folder));
end

-- Waits for its end; gives the rest of its output and its exit status.
local function finish(demo)
	local rest = demo.pipe:read("a");
	local _, _, status = demo.pipe:close();
	return rest, status;
end

describe("the demo", function ()
	-- As under Debian 12's Node 18, where crypto is no global.
	it("tells each step of its story in a pipe, plainly and without a token, and ends with 0", function ()
		local demo = start("NODE_OPTIONS=--no-experimental-global-webcrypto");
		read_until(demo, "3. Bob");
		local pids, folder = started(demo);
		local output, status = finish(demo);
		assert.equal(0, status, output);
		local at = 1;
		for _, wanted in ipairs {
			'{ "cmd": "jwt_token", "displayName": "Bob", "channel": "tavern",', '"success":true,"token":"(419 characters)"',
			"8192 bytes, in one read",
			"iss skotos · aud jitsi · sub meet.example.com · room tavern",
			"first presence of Bob: affiliation member, role participant",
			"Jicofo → room", "error: not-allowed", "no moderator's token", "✓ the bridge has refused it", '"displayName": "Ann"',
			"over WebSocket",
			'"displayName": "x", "moderator": true,', '"success":false,"token":""', '"displayName": "Cyril"',
			'"displayName": "Skott"',
			"context.user: id Skott, name Skott, moderator true, affiliation owner",
			"first presence of Skott: affiliation owner, role moderator",
			"each of them saw each join in exactly one presence", "✓ it holds no token and no secret", "expectations held",
		} do
			local first, last = output:find(wanted, at, true);
			assert(first, "does not tell, or not in this place: " .. wanted .. "\n" .. output);
			at = last;
		end
		assert.is_nil(output:find("\27", 1, true), "colour in a pipe");
		assert.is_nil(require "spec.support.rig".find_token(output), "a token on the terminal");
		assert.is_nil(output:find("✗", 1, true));
		assert_gone(pids, folder);
	end);

	for _, case in ipairs { { "INT", 130 }, { "TERM", 143 } } do
		it("leaves no process and no file behind when SIG" .. case[1] .. " comes in the middle", function ()
			local demo = start();
			read_until(demo, "3. Bob");
			local pids, folder = started(demo);
			os.execute(("kill -%s %s"):format(case[1], demo.pid));
			local output, status = finish(demo);
			assert.equal(case[2], status, output);
			assert.is_truthy(output:find("Nothing is left behind.", 1, true));
			assert_gone(pids, folder);
		end);
	end

	it("with KEEP=1 stays until it is interrupted, and gets a token for whoever's name is typed", function ()
		local names = os.tmpname();
		local file = assert(io.open(names, "w"));
		file:write("Dora hall\n"):close();
		local demo = start("KEEP=1", names);
		read_until(demo, "Still running, until Ctrl-C");
		local panel, port = read_until(demo, "http://127.0.0.1"):match "(http://127%.0%.0%.1:(%d+)/)";
		assert.truthy(read_until(demo, "ssh -L"):find(("ssh -L %s:127.0.0.1:%s "):format(port, port), 1, true));
		local page = io.popen("NODE_PATH=build/npm/node_modules node -e \"require('http').get('" .. panel
			.. "', (r) => r.pipe(process.stdout))\"");
		assert.is_truthy(page:read("a"):find("Two players and a game master", 1, true));
		page:close();
		local url = read_until(demo, "http-bind?token=eyJ");
		assert.is_truthy(url:match("^http://127%.0%.0%.1:%d+/http%-bind%?token=[%w%-_%.]+&room=hall$"), url);
		local pids, folder = started(demo);
		os.execute("kill -INT " .. demo.pid);
		local output, status = finish(demo);
		assert.equal(0, status);
		assert.is_nil(output:find("Interrupted", 1, true));
		assert_gone(pids, folder);
		os.remove(names);
	end);

	it("leaves nothing behind when it fails by a fault of its own", function ()
		local faulty = os.tmpname();
		local file = assert(io.open(faulty, "w"));
		file:write("process.on('SIGUSR2', () => { throw new Error('a fault from the spec'); });"):close();
		local demo = start("NODE_OPTIONS='--require " .. faulty .. "'");
		read_until(demo, "3. Bob");
		local pids, folder = started(demo);
		os.execute("kill -USR2 " .. demo.pid);
		local output, status = finish(demo);
		os.remove(faulty);
		assert.equal(1, status, output);
		assert.is_truthy(output:find("the demo itself failed: Error: a fault from the spec", 1, true), output);
		assert_gone(pids, folder);
	end);

	it("fails, and says at what, when an expectation does not hold", function ()
		local demo = start("SKOTOS_BUILD=spec"); -- where there is no C module
		local pids, folder = started(demo);
		local output, status = finish(demo);
		assert.equal(1, status, output);
		assert.is_truthy(output:match(
			"✗ Prosody's log has no complaint: that does not hold; found [^\n]*skotos_bridge%.so is not found"), output);
		assert.is_truthy(output:find("The demo has failed.", 1, true));
		assert_gone(pids, folder);
	end);
end);
