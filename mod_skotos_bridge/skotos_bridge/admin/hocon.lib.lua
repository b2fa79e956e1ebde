-- Reads HOCON, as Jicofo's configuration (/etc/jitsi/jicofo/jicofo.conf) is written. It is installed for skotos-bridge-setup too, so it needs
-- nothing of Prosody's.

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
	local _, substitution = text:find("^%${[^}\n]*}", at);
	if substitution then return "word", at, substitution; end
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

-- The value at `path` as it is written, the last one that counts; nil where there is none.
function M.get(text, path)
	local value;
	for _, entry in ipairs(walk(text)) do
		if entry.from and entry.path == path then value = text:sub(entry.from, entry.to); end
	end
	return value;
end

return M;
