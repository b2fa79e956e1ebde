-- A link to a game without a Prosody, for specs: the game is a socket of this process.
local new_issuer = require "spec.support.issuer";
local socket = require "socket";
local json = require "util.json";
local bridge = require "skotos_bridge";

local M = { SIZE = 2048 }; -- a frame; link, server, said (the lines that the link has told), wants_address (how often)

function M.issuer(extra)
	local options = { commands = true, request_members = { "id", "validUntil" } };
	for name, value in pairs(extra or {}) do options[name] = value; end
	return new_issuer(options);
end

-- Before each test, and after it.
function M.begin()
	M.server = assert(socket.bind("127.0.0.1", 0));
	M.server:settimeout(0);
	M.said, M.wants_address = {}, 0;
end
function M.finish()
	if M.link then M.link:close(); end
	M.server:close();
	M.link = nil;
end

function M.port() return math.tointeger(select(2, M.server:getsockname()) + 0); end
function M.new(options, extra)
	options = options or {};
	options.reply_size, options.reply_interval = options.reply_size or M.SIZE, options.reply_interval or 0;
	M.link = assert(bridge.link(M.issuer(extra), options));
	return M.link;
end

function M.step()
	local notes, wants = M.link:step();
	for _, note in ipairs(notes or {}) do M.said[#M.said + 1] = note.text; end
	if wants then M.wants_address = M.wants_address + 1; end
end
function M.told(text) return table.concat(M.said, "\n"):find(text, 1, true) ~= nil; end

-- Steps the link until `done()` holds: once, as its owner does who has added to it, and then when its descriptor says
-- so.
function M.run(done, what)
	local till, handle = socket.gettime() + 30, { getfd = function () return M.link:fd(); end };
	M.step();
	while not done() do
		if socket.gettime() > till then
			error("waited in vain for " .. (what or "it") .. "\n" .. table.concat(M.said, "\n"), 2);
		end
		if socket.select({ handle }, nil, 0.005)[1] then M.step(); end
	end
end

-- The game's end of a connection that stands.
function M.connected()
	local before = M.link:stats().connects;
	assert(M.link:connect("127.0.0.1", M.port()));
	local game;
	M.run(function ()
		game = game or M.server:accept();
		return game and M.link:stats().connects > before;
	end, "a connection");
	game:settimeout(0);
	return game;
end

-- The next `count` frames that come to the game, and what came behind them.
function M.frames(game, count)
	local parts, came, list = {}, 0, {};
	M.run(function ()
		local some, _, part = game:receive(65536);
		parts[#parts + 1] = some or part;
		came = came + #(some or part or "");
		return came >= count * M.SIZE;
	end, count .. " frames");
	local bytes = table.concat(parts);
	for i = 1, count do
		local frame = bytes:sub((i - 1) * M.SIZE + 1, i * M.SIZE);
		list[i] = json.decode((frame:gsub("%z+$", "")));
	end
	return list, bytes:sub(count * M.SIZE + 1);
end

function M.ask(game, seq, more)
	assert(game:send(('{"displayName":"Bob","channel":"tavern"%s,"seq":%d}\0'):format(more or "", seq)));
end
-- Has the game send a command, and takes it: its ticket and what came.
function M.command(game, text)
	assert(game:send(text .. "\0"));
	local ticket, came;
	M.run(function ()
		ticket, came = bridge.next_command(M.link);
		return ticket ~= nil;
	end, "a command");
	return ticket, came;
end
function M.subscribed(game, seq, more)
	local ticket = M.command(game, ('{"cmd":"subscribe","events":["joined","left"]%s,"seq":%d}'):format(more or "", seq));
	assert(bridge.reply(M.link, ticket, { success = true }));
	return M.frames(game, 1)[1];
end

return M;
