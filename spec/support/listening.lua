-- A listener without a Prosody, for specs: its callers are sockets of this process.
local issuer_of = require "spec.support.issuer";
local socket = require "socket";
local json = require "util.json";
local bridge = require "skotos_bridge";

local M = {}; -- listener; said (what it has told its administrator)

function M.issuer(extra)
	local t = { any_member = true };
	for k, v in pairs(extra or {}) do t[k] = v; end
	return issuer_of(t);
end

function M.listen(options, extra)
	options = options or {};
	options.interface = options.interface or "127.0.0.1";
	M.listener = assert(bridge.listener(M.issuer(extra), options));
end

-- Before each test, and after it.
function M.begin() M.said = {}; end
function M.finish()
	if M.listener then M.listener:close(); end
	M.listener = nil;
end

-- Steps the listener until `done()` holds.
function M.run(done, what, seconds)
	local till = socket.gettime() + (seconds or 60);
	local handle = { getfd = function () return M.listener:fd(); end };
	repeat
		for _, note in ipairs(M.listener:step() or {}) do M.said[#M.said + 1] = note.text; end
		if done() then return; end
		socket.select({ handle }, nil, 0.01);
	until socket.gettime() > till;
	error("waited in vain for " .. (what or "it"), 2);
end

function M.told(text) return table.concat(M.said, "\n"):find(text, 1, true); end

function M.call()
	local caller = assert(socket.connect("127.0.0.1", M.listener:port()));
	caller:settimeout(0);
	return caller;
end

-- All that comes to the caller until `done(bytes)`; a closed connection ends it too. Returns the bytes and whether it
-- is closed.
function M.hear(caller, done)
	local bytes, closed = "", false;
	M.run(function ()
		local some, err, part = caller:receive(65536);
		bytes = bytes .. (some or part or "");
		closed = err == "closed";
		return closed or done(bytes);
	end, "the caller's replies");
	return bytes, closed;
end

function M.replies_in(bytes, ending)
	local list = {};
	for line in bytes:gmatch("(.-)" .. ending) do list[#list + 1] = json.decode(line); end
	return list;
end

function M.hear_replies(caller, count, ending)
	ending = ending or "\n";
	local bytes, closed = M.hear(caller, function (b) return select(2, b:gsub(ending, "")) >= count; end);
	return M.replies_in(bytes, ending), bytes, closed;
end

function M.request(more) return ('{"displayName":"Bob","channel":"tavern"%s}'):format(more or ""); end

return M;
