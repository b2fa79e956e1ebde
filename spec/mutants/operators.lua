-- What a slip of the hand could make of a line: each way gives the lines that it can be turned into. Comments, strings
-- and what the preprocessor reads stay as they are.

local M = {};

-- The places of `line` that are code, as the line with everything else blanked out, byte for byte.
local function code_of(line, is_c)
	local blank = function (text) return (" "):rep(#text); end;
	local code = line:gsub('\\.', blank):gsub('"[^"]*"', blank):gsub("'[^']*'", blank);
	if is_c then return (code:gsub("/%*.-%*/", blank):gsub("/%*.*$", blank):gsub("//.*$", blank)); end
	return (code:gsub("%-%-.*$", blank));
end

-- Each is a pattern for code, and what comes in its place; what the captures hold stays.
local SHARED = {
	{ "(%s)<(%s)", "<=" }, { "(%s)<=(%s)", "<" }, { "(%s)>(%s)", ">=" }, { "(%s)>=(%s)", ">" }, { "(%s)==(%s)", "!=" };
	{ "(%s)%+(%s)", "-" }, { "(%s)%-(%s)", "+" }, { "([^%w_])true([^%w_])", "false" }, { "([^%w_])false([^%w_])", "true" };
	{ "([^%w_.x])([2-9])([^%w_.])", "1" }, { "([^%w_.x])([1-9]%d+)([^%w_.])", "7" };
};
local C = { { "(%s)!=(%s)", "==" }, { "(%s)&&(%s)", "||" }, { "(%s)||(%s)", "&&" }, { "([%(%s])!([%w_(])", "" } };
local LUA = { { "(%s)~=(%s)", "==" }, { "(%s)and(%s)", "or" }, { "(%s)or(%s)", "and" }, { "([%s(])not (%S)", "" } };

local function replaced(line, code, operator, is_c, found)
	local with = (operator[2] == "!=" and not is_c) and "~=" or operator[2];
	local at = 1;
	while true do
		local first, last, before, after, third = code:find(operator[1], at);
		if not first then return; end
		after = third or after;
		found[#found + 1] = line:sub(1, first - 1) .. before .. with .. after .. line:sub(last + 1);
		at = first + 1;
	end
end

-- All that `line` of a C file (else Lua) can be turned into; "" stands for a statement that is left out.
function M.mutants_of(line, is_c)
	local found, code = {}, code_of(line, is_c);
	if is_c and line:find "^%s*[#*]" or is_c and line:find "^%s*/%*" then return found; end
	for _, list in ipairs { SHARED, is_c and C or LUA } do
		for _, operator in ipairs(list) do replaced(line, code, operator, is_c, found); end
	end
	if code:find "^%s+[%w_.:>%-]+%b();%s*$" or code:find "^%s+[%w_.>%-]+ [%+%-|]?= [^;{]+;%s*$"
			or code:find "^%s+continue;%s*$" then
		found[#found + 1] = line:match "^%s*"; -- a call, or an assignment, that is forgotten
	end
	-- C's NULL and false are 0.
	local nothing = code:find "return 0;" or code:find "return nil;" or is_c
		and (code:find "return NULL;" or code:find "return false;");
	if code:find "^%s+return [^;]*[%w_][^;]*;%s*$" and not nothing then
		found[#found + 1] = line:match "^%s*" .. (is_c and "return 0;" or "return nil;");
	end
	return found;
end

return M;
