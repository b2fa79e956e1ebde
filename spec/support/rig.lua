-- The specs' hands: a live Prosody, the stand-in game, real clients. All children belong to one Node process
-- (rig/server.js), which ends with this one. Debian packages: nodejs, lua-socket, prosody; npm packages:
-- spec/package.json in build/npm.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local socket = require "socket";
local unix = require "socket.unix";
local json = require "util.json";
local lfs = require "lfs";

local rig = { SECRET = "a-secret-for-the-specs-of-40-characters!", version = os.getenv("SKOTOS_PROSODY") or "0.12" };

local connection;
local enclosed; -- the command by which all children run in a network of their own

-- Has the Node process do `op`; raises what went wrong there.
function rig.call(op, args)
	if not connection then
		local command = "LD_PRELOAD= NODE_PATH=build/npm/node_modules exec %s node spec/support/rig/server.js %s";
		local path = ""; -- of the socket, in place of a port
		if enclosed then
			path = os.tmpname();
			os.remove(path);
		end
		local pipe = assert(io.popen(command:format(enclosed or "", path)));
		local where = pipe:read("l");
		rig.pipe = pipe; -- kept, so that it is not closed by the collector
		if enclosed then
			connection = unix();
			assert(connection:connect(where));
			os.remove(where);
		else
			connection = assert(socket.connect("127.0.0.1", tonumber(where)));
		end
		connection:settimeout(150);
	end
	local request = { op = op };
	for k, v in pairs(args or {}) do request[k] = v; end
	assert(connection:send(json.encode(request) .. "\n"));
	local line = assert(connection:receive("*l"));
	local answer = json.decode(line);
	if not answer.ok then error(answer.error, 2); end
	return answer;
end

-- An object whose methods are the operations of `kind` on the thing that `answer` names.
local function object(kind, answer)
	return setmetatable(answer, { __index = function (_, method)
		return function (self, args)
			args = args or {};
			args.id = self.id;
			return rig.call(kind .. "." .. method, args);
		end;
	end });
end

-- Puts everything that is started from now on into a network namespace of its own, where shards can have addresses. Nil
-- and why, where that is not allowed.
function rig.enclose()
	for _, command in ipairs { "unshare -n", "unshare -rn" } do
		local pipe = io.popen(command .. " sh -c 'ip link add br0 type bridge && ip link add m1 type veth peer name m2 && "
			.. "unshare -n true' 2>&1");
		local said = pipe:read("a");
		if pipe:close() then
			enclosed = command;
			return true;
		end
		if command:find("-rn", 1, true) then
			return nil, "network namespaces are not allowed here: " .. said:match("[^\n]*");
		end
	end
end

-- Shards (rig/shards.js): `prosodys` in their order, `game`; cut { a =, b = }, heal { a =, b = }, kill { shard = },
-- restart { shard = }.
function rig.shards(options)
	if type(options.versions) ~= "table" then options.versions = { rig.version, rig.version, rig.version }; end
	local answer = rig.call("shards.start", options);
	for n, prosody in ipairs(answer.prosodys) do answer.prosodys[n] = object("prosody", prosody); end
	answer.game = answer.game and object("game", answer.game);
	function answer.restart(self, args)
		args.id = self.id;
		self.prosodys[args.shard] = object("prosody", rig.call("shards.restart", args));
	end
	return object("shards", answer);
end

function rig.prosody(options)
	options.version = options.version or rig.version;
	return object("prosody", rig.call("prosody.start", options));
end

-- Another MUC component of such a Prosody, for its `muc_options`, with rooms that open as those of the main one do.
function rig.muc(host, options)
	return ([[
Component "%s" "muc"
  muc_room_locking = false; muc_room_default_public_jids = true; restrict_room_creation = false
  %s
]]):format(host, options or "");
end

function rig.game(options) return object("game", rig.call("game.start", options)); end

function rig.tls_peer(options) return object("tls_peer", rig.call("tls_peer.start", options)); end

function rig.stunnel(options) return object("stunnel", rig.call("stunnel.start", options)); end

function rig.client(options)
	options.port = options.port or options.prosody.http;
	options.prosody = nil;
	return object("client", rig.call("client.connect", options));
end

-- A bare stream over WebSocket (rig/stream.js) that can be cut off, and resumed by another with its id as `previd`.
function rig.stream(options) return object("stream", rig.call("stream.connect", options)); end

-- Jicofo: the MUC's admin.
function rig.focus(prosody)
	return rig.client { port = prosody.http, jid = "focus@auth.meet.test", password = "focus-password" };
end

function rig.token(o)
	local now = os.time();
	return rig.call("token", { secret = o.secret, payload = {
		iss = "skotos", aud = "jitsi", sub = o.domain or "meet.test", room = o.room or "tavern", iat = now, nbf = now,
		exp = o.exp or now + 600;
		moderator = o.moderator, context = { user = { id = o.person or o.name, name = o.name or o.person } };
	} }).token;
end

-- Logs a player in with a token and joins; gives the client and its own first presence.
function rig.player(prosody, o)
	local room = o.room or "tavern";
	local token = o.token; -- o.shown: the name that the page says; o.name: the token's
	if token == nil then
		token = rig.token { room = o.token_room or room, name = o.name, person = o.person, moderator = o.moderator or false };
	end
	local client = rig.client { port = prosody.http, host = prosody.host, transport = o.transport, token = token or nil,
		room = room };
	assert(client.connected, client.condition);
	return client, client:join { room = room, nick = o.nick or o.name, name = o.shown or o.name, manner = o.manner,
		muted = o.muted };
end

-- How many descriptors the process of `prosody` has open. One is the rig's own connection, which Node closes when it
-- was idle for 5 s: a request sees to it that it is always there.
function rig.descriptors(prosody)
	prosody:lua { code = "return true" };
	local count = 0;
	for _ in lfs.dir(("/proc/%d/fd"):format(prosody.pid)) do count = count + 1; end
	return count;
end

-- What is no complaint of the module's: of a host without certificates, and that the machine under the specs has much
-- to do.
local of_the_machine = { "certificate", "portmanager", "Prosody's loop was held up for" };

local function is_of_the_machine(line)
	for _, text in ipairs(of_the_machine) do
		if line:find(text, 1, true) then return true; end
	end
	return false;
end

-- Lines of the log that an administrator would have to act on.
function rig.complaints(prosody)
	local found = {};
	for line in prosody:log().text:gmatch("[^\n]+") do
		local level = line:match("%s(warn)%s") or line:match("%s(error)%s");
		if level and not is_of_the_machine(line) then found[#found + 1] = line; end
	end
	return found;
end

-- Where `text` holds the beginning of a token: base64url of {" and more than the 12 characters of Prosody's random
-- names, which may hold those three letters too. Nil when it holds none.
function rig.find_token(text) return text:find("eyJ" .. ("[%w_-]"):rep(14)); end

local HEX = {};
for byte = 0, 255 do HEX[string.char(byte)] = ("%02x"):format(byte); end

function rig.hex(bytes) return bytes == "" and "-" or (bytes:gsub(".", HEX)); end

return rig;
