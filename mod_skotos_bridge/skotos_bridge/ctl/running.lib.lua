-- Asks the running Prosody through its admin socket (mod_admin_socket, which mod_admin_shell brings; both versions), where
-- console.lib.lua answers. Waits, since prosodyctl has nothing else to do.

local json = require "util.json";
local new_xmpp_stream = require "util.xmppstream".new;
local paths = require "util.paths";
local socket = require "socket";
local st = require "util.stanza";
local _, unix = pcall(require, "socket.unix");

local M = {};

local adminstream_ns = "xmpp:prosody.im/admin";

local WITHIN = 10; -- seconds for the whole answer
-- Bytes of an answer: what a Jitsi with many modules, or two of them, tells is more than the 10000 that Prosody takes from a stranger.
local ANSWER_MAX = 16 * 1024 * 1024;

local function connect()
	local name = module:context("*"):get_option_string("admin_socket", "prosody.sock");
	local path = paths.resolve_relative_path(prosody.paths.data, name);
	local open = type(unix) == "function" and unix or type(unix) == "table" and unix.stream;
	if not open then return nil, "no-sockets", "lua-socket has no UNIX sockets here"; end
	local connection = open();
	connection:settimeout(WITHIN);
	local ok, err = connection:connect(path);
	if ok then return connection; end
	connection:close();
	return nil, "not-running", ("nothing answers at its admin socket %s (%s)"):format(path, err);
end

-- Sends `request` and reads stanzas until one is the answer.
local function exchange(connection, request)
	local answer, broken;
	local session = { notopen = true };
	local stream = new_xmpp_stream(session, {
		default_ns = adminstream_ns;
		streamopened = function () session.notopen = nil; end, streamclosed = function () broken = "it closed the stream"; end;
		error = function (_, what) broken = tostring(what); end, handlestanza = function (_, stanza) answer = stanza; end;
	}, ANSWER_MAX);
	connection:send(("<?xml version='1.0'?><stream:stream xmlns='%s' xmlns:stream='http://etherx.jabber.org/streams'>"):format(adminstream_ns)
		.. tostring(request));
	connection:settimeout(0); -- from here on: what is there
	local enough = socket.gettime() + WITHIN;
	while not answer and not broken do
		if #socket.select({ connection }, nil, math.max(0, enough - socket.gettime())) == 0 then return nil, ("nothing for %d s"):format(WITHIN); end
		local all, err, some = connection:receive(4096);
		local bytes = all or some;
		if bytes and bytes ~= "" then
			local ok, why = stream:feed(bytes);
			if not ok then broken = why; end
		elseif err and err ~= "timeout" then
			broken = err;
		end
	end
	return answer, broken;
end

-- What the bridge of the running Prosody says to `operation` ("status", "verify", …) with `arguments` (a table): a table. Or nil, a code
-- ("not-running": no Prosody, or none with an admin socket; "no-bridge": it runs without the bridge; "broken") and a line.
function M.ask(operation, arguments)
	local connection, code, why = connect();
	if not connection then return nil, code, why; end
	local answer, broken = exchange(connection, st.stanza("skotos-bridge", { operation = operation }):text(json.encode(arguments or {})));
	connection:close();
	if not answer then return nil, "broken", "the admin socket gives no answer: " .. tostring(broken); end
	if answer.name ~= "skotos-bridge-answer" then return nil, "no-bridge", "skotos_bridge is not loaded in the running Prosody"; end
	local told = json.decode(answer:get_text());
	if type(told) ~= "table" then return nil, "broken", "the running Prosody's answer is no JSON"; end
	if told.error then return nil, "broken", told.error; end
	return told;
end

return M;
