-- One setting of Jicofo's configuration (HOCON, hocon.lib.lua) is changed or added, every other byte stays.

local hocon = require "hocon";

local M = {};

local MARK = "# skotos-bridge-setup";
local NO_NEWLINE = MARK .. ", after a line without an end";

-- `text` with the setting at `path` (as "jicofo.conference.enable-auto-owner") set to `value` (text as it is written), by one line at its
-- end, which counts since it is the last; the same text when it was so already.
function M.set(text, path, value)
	if hocon.get(text, path) == value then return text; end
	text = M.without_line(text);
	local body, brace = text, "";
	local first = text:gsub("#[^\n]*", ""):gsub("//[^\n]*", ""):match("%S");
	if first == "{" then body, brace = text:match("^(.*)(}[^}]*)$"); end
	local ended = body == "" or body:find("\n$");
	return body .. (ended and "" or "\n") .. path .. " = " .. value .. " " .. (ended and MARK or NO_NEWLINE) .. "\n" .. brace;
end

-- `text` without that line, to the byte as it was before M.set.
function M.without_line(text)
	local pattern = "[^\n]*" .. MARK:gsub("%p", "%%%0") .. "[^\n]*\n?";
	local from, to = text:find(pattern);
	while from do
		local unended = text:sub(from, to):find(NO_NEWLINE, 1, true);
		local rest = text:sub(to + 1);
		if unended then from = from - 1; end
		text = text:sub(1, math.max(from, 1) - 1) .. rest;
		from, to = text:find(pattern);
	end
	return text;
end

return M;
