-- On the Jitsi host of two_hosts.sh: tries the firewall of the game's host, then logs players in through stunnel there.
-- Prints what came of it as one line of JSON. Arguments: how many players at once, and as many again while the game is
-- busy.
local rig = require "spec.support.rig";
local socket = require "socket";
local json = require "util.json";

local on_game_host = { "ip", "netns", "exec", os.getenv "SKOTOS_GAME_HOST" };
local at_once = tonumber(arg[1]);

local function there(command)
	return assert(io.popen(("%s %s"):format(table.concat(on_game_host, " "), command)));
end

-- Whether somebody at `from` gets through to `port` of the game's host, where somebody listens on all addresses.
local function reaches(from, port)
	local listener = there(([[lua5.4 -e 'local s = assert(require "socket".bind("0.0.0.0", %d)); print("ready"); ]]
		.. [[io.stdout:flush(); s:settimeout(5); s:accept()']]):format(port));
	assert(listener:read("l") == "ready");
	local connection = socket.tcp();
	connection:bind(from, 0);
	connection:settimeout(1.5);
	local reached = connection:connect("10.91.0.2", port) == 1;
	connection:close();
	-- Ends the listener where the firewall let nobody through to it.
	there(([[lua5.4 -e 'require "socket".connect("127.0.0.1", %d)']]):format(port)):close();
	listener:close();
	return reached;
end

local result = { open = reaches("10.91.0.1", 11091) };
-- The rules as they are shipped, with this Jitsi host's address put in.
local rules = assert(io.open("packaging/game-host/skotos-game.nft")):read("a");
local loaded = assert(io.popen(table.concat(on_game_host, " ") .. " nft -f -", "w"));
loaded:write((rules:gsub("192%.0%.2%.10", "10.91.0.1")));
assert(loaded:close());
result.game_port = reaches("10.91.0.1", 11091);
result.tls_port = reaches("10.91.0.1", 11092);
result.tls_port_from_elsewhere = reaches("10.91.0.3", 11092);

local dir = os.tmpname();
os.remove(dir);
assert(os.execute("packaging/game-host/make-certificates.sh " .. dir .. " game.test jitsi.test >/dev/null"));
local game = rig.game { prefix = on_game_host, port = 11091 };
local stunnel = rig.stunnel { prefix = on_game_host, game = 11091, address = "10.91.0.2", port = 11092,
	certificates = dir };
local prosody = rig.prosody { game_port = 11092, host_options = ([[skotos_host = "10.91.0.2"
	skotos_tls = { ca = "%s/ca.pem", certificate = "%s/jitsi.pem", key = "%s/jitsi.key", verify_name = "game.test"
		}]]):format(dir, dir, dir) };
game:connected {};
game:command { line = "burst " .. at_once };
result.calm = game:settled {}.understood;
game:command { line = "burst " .. at_once };
game:wait { what = "understood " .. result.calm + at_once // 10, seconds = 60 };
game:command { line = "busy 1400" };
local after = game:settled {};
result.busy, result.timeouts, result.unasked, result.connects = after.understood - result.calm, after.timeouts,
	after.unasked, after.connects;
result.complaints = rig.complaints(prosody);
prosody:stop();
stunnel:stop();
game:stop();
os.execute("rm -rf " .. dir);
print(json.encode(result));
