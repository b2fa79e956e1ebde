-- What the specs of a game's commands have in common: a Prosody, a game that may command, Jicofo, rooms of the game's.
local rig = require "spec.support.rig";

local M = {};
local prosody, game, focus;
local rooms = 0;

local HOST = [[allow_empty_token = true;
	skotos_games = { marrach = { skotos_port = %d, rooms = { "hall*", "crypt*" }, skotos_commands = true } }]];

-- Gives the Prosody, the game and the focus. `o`: host (options of the VirtualHost, with %d where the game's port
-- goes), muc (what stands behind those of the MUC), game (the stand-in game's own).
function M.start(o)
	o = o or {};
	game = rig.game(o.game or {});
	prosody = rig.prosody { host_options = (o.host or HOST):format(game.port), muc_options = o.muc };
	focus = rig.focus(prosody);
	game:connected {};
	return prosody, game, focus;
end

-- A room that nobody has used, with the focus in it.
function M.new_room(without_focus)
	rooms = rooms + 1;
	local room = "hall" .. rooms;
	if not without_focus then focus:join { room = room, nick = "focus" }; end
	return room;
end

function M.ask(command) return game:ask { command = command }; end

-- Asks, and holds that it succeeds.
function M.done(command)
	local reply = M.ask(command);
	assert(reply.success, reply.message);
	return reply;
end

-- Asks, and holds that it fails with a message that has `text` in it.
function M.fails(text, command)
	local reply = M.ask(command);
	assert(reply.success == false, "it succeeds");
	assert(reply.message:find(text, 1, true), reply.message);
	assert(reply.length == 8192, reply.length);
end

-- How many events the game has heard.
function M.told() return game:stats().events; end

-- The `count` events since number `from`, without their frames.
function M.events(from, count)
	local list = game:events({ from = from, count = count }).list;
	for _, event in ipairs(list) do
		assert(event.length == 8192, event.length);
		assert(not event.raw:find('"seq":', 1, true), event.raw);
		event.raw, event.length, event.pad = nil, nil, nil;
	end
	return list;
end

-- Holds that nothing was said that an administrator would have to act on; refusals that the cases provoke are none.
function M.no_complaints()
	for _, line in ipairs(rig.complaints(prosody)) do
		assert(line:find("may not enter", 1, true) or line:find(" refused (", 1, true), line);
	end
end

function M.finish()
	assert(game:stats().unasked == 0, "unasked replies");
	assert(prosody:stop().code == 0, "Prosody's exit code");
	game:stop();
end

return M;
