-- What another shard says, looked at before anything is done with it. A shard is trusted with its own rooms and people; it cannot break
-- this one: neither with text that no stanza can hold, nor with a table of another shape than the game's replies have.

local bridge = require "skotos_bridge";
local nodeprep = require "util.encodings".stringprep.nodeprep;
local hex = require "util.hex";
local json = require "util.json";

local M = {};

local DEEPEST = 16; -- levels of tables
local AHEAD = 86400; -- seconds by which another shard's clock may be ahead
local NODE = 1023; -- bytes of the longest local part of a JID, and of the longest domain
local PERSON = 1024; -- bytes of the longest id of a person: 256 characters (luaclib/core/request/field_faults.h)
local LATEST = 1 << 45; -- milliseconds since the epoch, of any clock: the year 3084
local FAR = 1 << 40; -- seconds since the epoch, or sessions: beyond all there are

local function is_clean(value, depth)
	if type(value) == "string" then return bridge.is_printable(value); end
	if type(value) ~= "table" then return true; end
	if depth == DEEPEST then return false; end
	for key, inner in pairs(value) do
		if not is_clean(key, depth) or not is_clean(inner, depth + 1) then return false; end
	end
	return true;
end

-- C is some ten times as fast as Prosody's JSON, and leaves to that what is not quite plain.
local function to_json(content) return bridge.to_json(content) or json.encode(content); end

-- A table as JSON that every stanza can hold: without the characters that none can, which would make the whole unreadable.
function M.written(content) return bridge.printable(to_json(content)); end

-- The table that JSON stands for; nil when it is none, or holds text that no stanza can.
function M.read(text)
	local plain = bridge.from_json(text);
	if plain then return plain; end
	-- What is nested too deeply raises an error.
	local ok, content = pcall(json.decode, text);
	return ok and type(content) == "table" and is_clean(content, 0) and content or nil;
end

-- A command as a game's would be read, or nil and why it is none.
function M.command(command)
	if type(command) ~= "table" then return nil, "no command came"; end
	return bridge.read_command(to_json(command));
end

local function is_count(value) return math.type(value) == "integer" and value >= 0 and value < FAR; end

-- Whether it is a time that can be reckoned with: milliseconds since the epoch.
function M.is_clock(value) return math.type(value) == "integer" and value >= 0 and value < LATEST; end

local function is_name(value, longest) return type(value) == "string" and value ~= "" and #value <= longest and bridge.is_printable(value); end

-- Whether it is a room as rooms are called here: the local part of its JID.
function M.is_room(name) return is_name(name, NODE) and nodeprep(name) == name; end

local function is_switch(value) return type(value) == "boolean"; end

-- What may be decided (decisions.lib.lua, apply) -> whether that is a value of it.
local KINDS = { audio = is_switch, video = is_switch, desktop = is_switch };
function KINDS.ban(value) return is_switch(value) or is_count(value); end
function KINDS.moderator(value) return is_switch(value) or (math.type(value) == "integer" and value == 0); end

-- Whether that can be decided about the person in the room on all shards.
function M.is_decidable(room, kind, person, value)
	return M.is_room(room) and type(kind) == "string" and KINDS[kind] ~= nil and KINDS[kind](value) and is_name(person, PERSON);
end

-- Whether another shard can have decided that by `now` (milliseconds since the epoch). What is decided here is always dated later than what
-- was heard, so a time far ahead would take the others' place for ever.
function M.is_decision(decision, now)
	return type(decision) == "table" and M.is_decidable(decision.room, decision.kind, decision.person, decision.value)
		and (decision.ends == nil or is_count(decision.ends))
		and is_name(decision.shard, NODE) and math.type(decision.time) == "integer" and decision.time > 0
		and decision.time <= (now + AHEAD * 1000) * 1024;
end

-- The use of a token: its fingerprint, when it was used last (seconds since the epoch), on how many sessions it lives; nil when it is none,
-- or was used long after `now`.
function M.token(item, now)
	if type(item) ~= "table" or type(item[1]) ~= "string" or #item[1] ~= 64 or item[1]:find("%X") then return nil; end
	if not is_count(item[2]) or not is_count(item[3]) or item[2] > now + AHEAD then return nil; end
	return hex.from(item[1]), item[2], item[3];
end

local function can_be_told(members) return pcall(bridge.check_members, members); end

-- Whether it is nil, or a list of nothing but what is_item lets pass.
local function is_list(value, is_item)
	if value == nil then return true; end
	if type(value) ~= "table" then return false; end
	local count = 0;
	for _, item in ipairs(value) do
		if type(item) ~= "table" or not is_item(item) then return false; end
		count = count + 1;
	end
	for _ in pairs(value) do count = count - 1; end
	return count == 0;
end

local function is_occupant(item) return type(item.occupant) == "string"; end

local function is_room(item)
	return type(item.channel) == "string" and math.type(item.occupants) == "integer"
		and (item.since == nil or math.type(item.since) == "integer");
end

local function is_grant(grant)
	return grant == nil or (type(grant) == "table" and type(grant.id) == "string" and type(grant.name) == "string");
end

-- Whether it is a result as commands.lib.lua makes them.
function M.is_result(result)
	return type(result) == "table" and type(result.success) == "boolean" and (result.message == nil or type(result.message) == "string")
		and is_grant(result.grant) and is_list(result.occupants, is_occupant) and is_list(result.rooms, is_room) and can_be_told(result);
end

-- Whether it is an event as events.lib.lua makes them.
function M.is_event(event)
	return type(event) == "table" and type(event.event) == "string" and type(event.channel) == "string"
		and (event.text == nil or type(event.text) == "string") and can_be_told(event);
end

return M;
