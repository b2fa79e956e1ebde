-- Text of the outside world as an administrator gets to see it, in the log, on a terminal and in XML: the one function for that. It is
-- installed for skotos-bridge-setup too, so it needs nothing of Prosody's.

local M = {};

-- Characters that no text shows: controls, those that turn the direction of what follows, and what XML 1.0 cannot hold.
local function is_shown(code)
	return code >= 0x20 and code ~= 0x7f and not (code >= 0x80 and code <= 0x9f) and not (code >= 0x200b and code <= 0x200f)
		and not (code >= 0x2028 and code <= 0x202e) and not (code >= 0x2060 and code <= 0x206f) and not (code >= 0xd800 and code <= 0xdfff)
		and code ~= 0xfeff and code & 0xfffe ~= 0xfffe;
end

local function hex(bytes)
	return (bytes:gsub(".", function (c) return ("\\x%02x"):format(c:byte()); end));
end

-- `text` in one line that can steer no terminal and break no XML: what is not shown, and what is no UTF-8, byte by byte as \xNN.
function M.text(text)
	text = tostring(text);
	if not text:find("[^\32-\126]") then return text; end
	local parts, at = {}, 1;
	while at <= #text do
		local character = text:match("^" .. utf8.charpattern, at);
		local good = character ~= nil and utf8.len(character) == 1;
		local piece = good and character or text:sub(at, at);
		parts[#parts + 1] = good and is_shown(utf8.codepoint(piece)) and piece or hex(piece);
		at = at + #piece;
	end
	return table.concat(parts);
end

return M;
