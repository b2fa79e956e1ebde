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

-- The value at the path `wanted` as it is written, the last one that counts; nil where there is none.
function M.get(text, wanted)
	local outer, prefix, at = {}, "", 1; -- outer: the paths of the objects around the one whose path is `prefix`
	local key, wants_value, value;
	while true do
		local kind, from, to = piece(text, at);
		if kind == "end" then return value; end
		local path = key and (prefix == "" and key or prefix .. "." .. key) or (at == 1 and "" or prefix .. ".?"); -- one around all has no path
		if kind == "{" then
			outer[#outer + 1], prefix, key, wants_value = prefix, path, nil, nil;
		elseif kind == "}" then
			prefix, key, wants_value = table.remove(outer) or "", nil, nil;
		elseif kind == "=" then
			wants_value = true;
		elseif wants_value then
			if path == wanted then value = text:sub(from, to); end
			key, wants_value = nil, nil;
		else
			key = text:sub(from, to):gsub('^"(.*)"$', "%1");
		end
		at = to + 1;
	end
end

return M;
