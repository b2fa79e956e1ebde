-- Lists between shards go in portions that a stanza holds. Counted are bytes as they go over the wire, where each quote of the JSON is six:
-- a server ends the connection at whose stanza is too large (s2s_stanza_size_limit, by default 512 KiB), and would do so for ever.

local escaped = require "util.stanza".xml_escape;

local hearsay = module:require "skotos_bridge/shards/hearsay";

local M = {};

M.BYTES = 131072; -- of one message's JSON
M.PORTION = 16384; -- of a list's portion: C reads it (lua_json.c), and a line with a limit (mod_limits) has it over soon
local AROUND = 1024; -- bytes for what stands around the list
local LONGER = 6; -- times, at most, that a byte gets longer: &quot;

local function on_wire(text) return #escaped(text); end

-- Whether one stanza may hold this JSON.
function M.fits(text) return #text * LONGER <= M.BYTES or on_wire(text) <= M.BYTES; end

-- The first of `items`, from the number `first` on, that go together into one message, the number of the next one (nil: that was all),
-- and how many were left out because not even a message of its own holds them. What is larger than a portion goes alone.
function M.from(items, first)
	local portion, bytes, left_out = {}, AROUND, 0;
	for i = first, #items do
		local size = on_wire(hearsay.written { items[i] });
		if size > M.BYTES - AROUND then
			left_out = left_out + 1;
		elseif portion[1] and bytes + size > M.PORTION then
			return portion, i, left_out;
		else
			bytes = bytes + size;
			portion[#portion + 1] = items[i];
		end
	end
	return portion, nil, left_out;
end

-- All of `items` in portions, at least one, and how many were left out.
function M.all(items)
	local portions, next_one, left_out = {}, 1, 0;
	repeat
		local left;
		portions[#portions + 1], next_one, left = M.from(items, next_one);
		left_out = left_out + left;
	until not next_one;
	return portions, left_out;
end

-- One portion of `items` in the order of `key_of(item)`, which is a string, behind the key `after` (nil: from the first one on); the last
-- key in it when there is more behind it; and how many were left out. So a list that changes meanwhile is told without gaps.
function M.behind(items, key_of, after)
	local keys, rest = {}, {};
	for _, item in ipairs(items) do
		keys[item] = key_of(item);
		if not after or keys[item] > after then rest[#rest + 1] = item; end
	end
	table.sort(rest, function (a, b) return keys[a] < keys[b]; end);
	local portion, more, left_out = M.from(rest, 1);
	return portion, more and keys[rest[more - 1]], left_out;
end

-- The event; where no message holds it, one whose text is cut, as a game's frame does too.
function M.event(event)
	if not event.text or M.fits(hearsay.written(event)) then return event; end
	local shorter = {};
	for name, value in pairs(event) do shorter[name] = value; end
	while shorter.text ~= "" and not M.fits(hearsay.written(shorter)) do
		shorter.text = shorter.text:sub(1, utf8.offset(shorter.text, 0, #shorter.text // 2 + 1) - 1);
	end
	return shorter;
end

-- What an answer says of where it goes on, when it says that, and goes on: nil otherwise.
function M.next_after(said, before)
	return type(said) == "string" and (not before or said > before) and said or nil;
end

return M;
