-- Jicofo's configuration (HOCON, as /etc/jitsi/jicofo/jicofo.conf is written): one setting is changed or added, every other byte stays.

local M = {};

-- The next piece at or after `at`: kind ("{", "}", "word", "end"), its first and last byte. Comments (# and //) and white space are skipped.
local function piece(text, at)
	while true do
		at = text:find("[^%s,]", at) or #text + 1;
		if text:sub(at, at) ~= "#" and text:sub(at, at + 1) ~= "//" then break; end
		at = (text:find("\n", at, true) or #text) + 1;
	end
	if at > #text then return "end", at, #text; end
	local c = text:sub(at, at);
	if c == "{" or c == "}" then return c, at, at; end
	if c == '"' then
		local to = at;
		repeat to = text:find('"', to + 1, true) or #text; until text:sub(to - 1, to - 1) ~= "\\" or to == #text;
		return "word", at, to;
	end
	if c == "=" or c == ":" then return "=", at, at; end
	if c == "+" then return "=", at, at + 1; end
	local _, to = text:find('^[^%s{}"=:,#]+', at);
	return "word", at, to or at;
end

-- All objects and values by their full path: list of { path =, from =, to = } of a value, or { path =, open = } of an object's "{".
local function walk(text)
	local found, prefix, depth_paths, at = {}, "", {}, 1;
	local key, wants_value;
	while true do
		local kind, from, to = piece(text, at);
		if kind == "end" then return found; end
		local path = key and (prefix == "" and key or prefix .. "." .. key) or (#depth_paths == 0 and "" or prefix .. ".?");
		if kind == "{" then
			found[#found + 1] = { path = path, open = from };
			depth_paths[#depth_paths + 1], prefix, key, wants_value = prefix, path, nil, nil;
		elseif kind == "}" then
			prefix, key, wants_value = table.remove(depth_paths) or "", nil, nil;
		elseif kind == "=" then
			wants_value = true;
		elseif wants_value then
			found[#found + 1] = { path = path, from = from, to = to };
			key, wants_value = nil, nil;
		else
			key = text:sub(from, to):gsub('^"(.*)"$', "%1");
		end
		at = to + 1;
	end
end

local MARK = "# skotos-bridge-setup";
local NO_NEWLINE = MARK .. ", after a line without an end";

-- `text` with the setting at `path` (as "jicofo.conference.enable-auto-owner") set to `value` (text as it is written), by one line at its
-- end, which counts since it is the last; the same text when it was so already.
function M.set(text, path, value)
	if M.get(text, path) == value then return text; end
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

-- The value at `path` as it is written, the last one that counts; nil where there is none.
function M.get(text, path)
	local value;
	for _, entry in ipairs(walk(text)) do
		if entry.from and entry.path == path then value = text:sub(entry.from, entry.to); end
	end
	return value;
end

return M;
