-- Which names a reader takes for one: letter case, width, what is not seen and how many blanks part two words do not count.

local nameprep = require "util.encodings".stringprep.nameprep;

local M = {};

-- Beside those of ASCII. RFC 3491 is of 2002, and refuses the whole name for some of each kind: so they are gone before it is asked.
local BLANKS = { { 0x85, 0x85 }, { 0xA0, 0xA0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200A }, { 0x2028, 0x2029 }, { 0x202F, 0x202F };
	{ 0x205F, 0x205F }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 } };
-- Unicode's Default_Ignorable_Code_Point, the controls of ISO 8859 and the marks of interlinear annotation.
local UNSEEN = { { 0x7F, 0x9F }, { 0xAD, 0xAD }, { 0x34F, 0x34F }, { 0x61C, 0x61C }, { 0x115F, 0x1160 }, { 0x17B4, 0x17B5 };
	{ 0x180B, 0x180F }, { 0x200B, 0x200F }, { 0x202A, 0x202E }, { 0x2060, 0x206F }, { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F };
	{ 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF } };

local function is_among(ranges, code)
	for _, range in ipairs(ranges) do
		if code >= range[1] and code <= range[2] then return true; end
	end
	return false;
end

-- What stands for one character in a name that is to be read; nil for itself.
local function seen(character)
	local code = utf8.codepoint(character);
	return is_among(BLANKS, code) and " " or is_among(UNSEEN, code) and "" or nil;
end

local function single_blanks(name) return (name:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")); end

-- Two names that a reader takes for one fold to the same text.
function M.fold(name)
	if not utf8.len(name) then return single_blanks(name:lower()); end
	name = single_blanks(name:gsub("[\x7F-\xF4][\x80-\xBF]*", seen));
	return single_blanks(nameprep(name) or name:lower());
end

return M;
