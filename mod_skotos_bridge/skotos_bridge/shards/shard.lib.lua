-- This shard among the others, or alone: then a tenth of the module's memory is saved by loading nothing else of theirs.

local M = {};

local ties; -- shard_ties.lib.lua
local shards; -- as peers.lib.lua joins them; nil: there is one shard only
local options; -- { own =, list = }, of those that were joined

-- Joins the shards of `how.shards` (shard_ties.lib.lua, join, tells of `how`).
function M.attach(how)
	ties = module:require "skotos_bridge/shards/shard_ties";
	shards, options = ties.join(how), how.shards;
end

function M.detach()
	if shards then shards:stop(); end
end

-- Whether the shards are those of the options as they are now (nil: one only): they count from the module's start on.
function M.is_in_force(wanted)
	if not wanted or not options then return wanted == options; end
	return wanted.own == options.own and table.concat(wanted.list, "\n") == table.concat(options.list, "\n");
end

-- For a reload of the module.
function M.save() return shards and shards:save(); end

function M.restore(saved)
	if shards then shards:restore(saved); end
end

-- For a restart: what is lasting at `now`, and to take an item of it back (shard_ties.lib.lua); only where there are several.
function M.lasting(now) return ties.lasting(now); end

function M.recall(item) ties.recall(item); end

-- As peers.lib.lua tells, nil where there is one shard only.
function M.status() return shards and shards:status(); end

-- What the games here want to be told of has changed.
function M.want_events()
	if shards then shards:beat(); end
end

-- Whether another shard wants to be told of the event `name`.
function M.wants(name) return shards ~= nil and shards:wanting(name)[1] ~= nil; end

-- Whether another shard answers now.
function M.has_others() return shards ~= nil and #shards:everybody() > 0; end

return M;
