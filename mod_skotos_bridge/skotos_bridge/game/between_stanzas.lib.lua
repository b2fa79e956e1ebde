-- Prosody's loop comes back to a socket when it has served all others that are ready: with hundreds of people who join or
-- speak at once in a large room, that takes seconds, and a game's players wait for their tokens. So links have a turn
-- between two stanzas of players', too.

local monotonic = require "util.time".monotonic;

local M = {};

local EVERY = 0.002; -- seconds: between two turns by the clock, so that a stanza that costs nothing costs nothing more

-- Gives each of `links()` (name -> link of game_link.lib.lua) a turn before a stanza is read by anybody. `host`: the
-- module API of the players' VirtualHost.
function M.hook(host, links)
	local due = 0;
	local function stanza_comes()
		if monotonic() < due then return; end
		for _, link in pairs(links()) do link:take_turn(); end
		due = monotonic() + EVERY;
	end
	for _, kind in ipairs { "presence", "message" } do
		for _, to in ipairs { "full", "bare", "host" } do host:hook(("pre-%s/%s"):format(kind, to), stanza_comes, 10000); end
	end
end

return M;
