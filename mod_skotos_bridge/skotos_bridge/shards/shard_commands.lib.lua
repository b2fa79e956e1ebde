-- A game's commands where there are several shards: each goes to the shard that has the room, to both when two have it, and what is asked
-- of all rooms is gathered from all. A shard that does not answer in time fails its own rooms' commands by name, and nobody else's.
--
-- Commands and results are commands.lib.lua's tables. No command is sent twice: one that got no answer may have been carried out, and the
-- failure says so. A command that arrives after its time is not carried out.

local bridge = require "skotos_bridge";
local time = require "util.time".now;
local monotonic = require "util.time".monotonic;

local hearsay = module:require "skotos_bridge/shards/hearsay";
local portions = module:require "skotos_bridge/shards/portions";

local M = {};

local WITHIN = 1.9; -- seconds that another shard has, so that the game hears within 2
local TOO_LATE = 1900; -- milliseconds after which a command is not carried out any more
local LISTS = { rooms = "channel", occupants = "occupant" }; -- what is asked for a list -> the key of its items, the cursor to go on behind

local function failure(...) return { success = false, message = (...):format(select(2, ...)) }; end

-- Calls every one of `jobs` (name -> function (done)) and, when each has called done(result), `finish`(name -> result).
local function gather(jobs, finish)
	local results, waiting = {}, 0;
	for _ in pairs(jobs) do waiting = waiting + 1; end
	for name, job in pairs(jobs) do
		job(function (result)
			results[name] = result;
			waiting = waiting - 1;
			if waiting == 0 then finish(results); end
		end);
	end
end

local function sorted_keys(of)
	local keys = {};
	for key in pairs(of) do keys[#keys + 1] = key; end
	table.sort(keys);
	return keys;
end

-- The items of all results, in the order of their key.
local function joined(results, field, key, wanted)
	local all = {};
	for _, shard in ipairs(sorted_keys(results)) do
		for _, item in ipairs(results[shard][field] or {}) do
			if wanted(item) then all[#all + 1] = item; end
		end
	end
	table.sort(all, function (a, b) return a[key] < b[key]; end);
	return all;
end

-- One room on two shards is one room.
local function rooms_joined(list)
	local rooms = {};
	for _, room in ipairs(list) do
		local last = rooms[#rooms];
		if last and last.channel == room.channel then
			last.occupants = last.occupants + room.occupants;
			last.since = math.min(last.since or math.huge, room.since or math.huge);
			if last.since == math.huge then last.since = nil; end
		else
			rooms[#rooms + 1] = room;
		end
	end
	return rooms;
end

-- `execute`(game, command, done, here) carries out a command on this shard; `get_shards` gives peers.lib.lua's. Gives { take =, answer = }.
function M.new(execute, get_shards)
	local self = {};

	local function here(game, command)
		return function (done) execute(game, command, done, true); end;
	end

	-- Asks the shard within `seconds`. result.unanswered: nothing came back. The second result of done is where the list goes on.
	local function ask(shard, game, command, seconds, done)
		local content = { command = command, game = game.name, clock = math.floor(time() * 1000) };
		get_shards().channel:ask(shard, "command", content, seconds, function (answer, why)
			if answer and hearsay.is_result(answer.result) then
				return done(answer.result, LISTS[command.cmd] and portions.next_after(answer.after, command.cursor));
			end
			if answer then return done(failure("what %s answered is no result; whether it did what was asked is not known", shard)); end
			local result = failure("%s does not answer (%s); whether it did what was asked is not known", shard, tostring(why));
			result.unanswered = true;
			done(result);
		end);
	end

	-- A list that no message holds is asked for portion by portion; what has not come by then is missing.
	local function there(shard, game, command)
		return function (done)
			local ends, all = monotonic() + WITHIN, nil;
			local function go_on(asked, seconds)
				ask(shard, game, asked, seconds, function (result, further)
					local list = result[command.cmd];
					if all and type(list) == "table" then
						table.move(list, 1, #list, #all + 1, all);
						result[command.cmd] = all;
					end
					if not further or type(list) ~= "table" then return done(result); end
					all = result[command.cmd];
					local next_one = {};
					for name, value in pairs(command) do next_one[name] = value; end
					next_one.cursor = further;
					go_on(next_one, math.max(0, ends - monotonic()));
				end);
			end
			go_on(command, WITHIN);
		end;
	end

	-- name of the shard -> its job; and the shards that have the room but are down.
	local function jobs_for_room(game, command)
		local shards = get_shards();
		local room = bridge.room_node(command.channel);
		local up, down = {}, {};
		if room then up, down = shards:where(room); end
		local jobs = {};
		for _, shard in ipairs(up) do jobs[shard] = there(shard, game, command); end
		if next(jobs) or #down > 0 then
			if shards.rooms:is_open_on(shards.own, room) then jobs[shards.own] = here(game, command); end
		end
		return jobs, down;
	end

	-- One reply of several: a success if one of them is, and who it came from.
	local function one_of(results, down)
		local names, best = sorted_keys(results), nil;
		for _, name in ipairs(names) do
			local result = results[name];
			if not best or (result.success and not best.success) then best = result; end
			if result.unanswered then table.insert(down, name); end
		end
		best.unanswered = nil;
		if #names > 1 or #down > 0 then
			best.shards = names;
			best.missing = #down > 0 and down or nil;
		end
		return best;
	end

	local function lists_of(results, missing)
		for _, name in ipairs(sorted_keys(results)) do
			if results[name].unanswered then
				results[name] = nil;
				table.insert(missing, name);
			end
		end
		table.sort(missing);
		return #missing > 0 and missing or nil;
	end

	local function rooms(game, command, done)
		local shards = get_shards();
		local up, missing = shards:everybody();
		local jobs = { [shards.own] = here(game, command) };
		for _, shard in ipairs(up) do jobs[shard] = there(shard, game, command); end
		gather(jobs, function (results)
			-- Whoever refuses, as he does what comes too late, has told of no room.
			for _, result in pairs(results) do result.unanswered = result.unanswered or not result.success or nil; end
			local list = joined(results, "rooms", "channel", function (room) return game.covers(room.channel); end);
			done { success = true, rooms = rooms_joined(list), missing = lists_of(results, missing) };
		end);
		return true;
	end

	local function occupants(results, down)
		local missing = lists_of(results, down);
		local best;
		for _, name in ipairs(sorted_keys(results)) do
			if not best or results[name].success then best = results[name]; end
		end
		if not best or not best.success then
			return missing and failure("the room is on %s, which does not answer", table.concat(missing, ", ")) or best;
		end
		return {
			success = true, channel = best.channel, missing = missing, shards = #sorted_keys(results) > 1 and sorted_keys(results) or nil;
			occupants = joined(results, "occupants", "occupant", function () return true; end);
		};
	end

	-- Whether the command is taken over: it is when another shard has a part in it. Calls done(result) once then.
	function self.take(game, command, done)
		if command.cmd == "rooms" then return rooms(game, command, done); end
		if not command.channel or command.cmd == "subscribe" then return nil; end
		local jobs, down = jobs_for_room(game, command);
		if not next(jobs) then
			if #down == 0 then return nil; end
			done(failure("the room is on %s, which does not answer", table.concat(down, ", ")));
			return true;
		end
		gather(jobs, function (results) done(command.cmd == "occupants" and occupants(results, down) or one_of(results, down)); end);
		return true;
	end

	-- The answer to a command, of a list as much as a message holds, and where to go on.
	local function told(command, result)
		local key = LISTS[command.cmd];
		if not key or type(result[command.cmd]) ~= "table" then return { result = result }; end
		local part = {};
		for name, value in pairs(result) do part[name] = value; end
		local further;
		part[command.cmd], further = portions.behind(result[command.cmd], function (item) return item[key]; end, command.cursor);
		return { result = part, after = further };
	end

	-- Another shard's question "command".
	function self.answer(shard, content, answer)
		local command, why = hearsay.command(content.command);
		if not command or type(content.game) ~= "string" or not hearsay.is_clock(content.clock) then
			return answer { result = failure("that is no command: %s", why or "it says neither whose it is nor when it was given") };
		end
		local age = get_shards():age(shard, content.clock);
		if age > TOO_LATE then return answer { result = failure("it came %d ms after it was given: not carried out", math.floor(age)) }; end
		execute({ name = content.game, covers = function () return true; end }, command, function (result) answer(told(command, result)); end, true);
	end

	return self;
end

return M;
