-- Files, read and written whole. A file is replaced in one step, by renaming a finished one over it, so that a full disk or a power cut
-- leaves the old one; owner, group and rights stay those it had.

local command = require "command";

local M = {};

-- Bytes of the file, or nil and why.
function M.read(path)
	local file, err = io.open(path, "rb");
	if not file then return nil, err; end
	local text, why = file:read("a");
	file:close();
	return text, why;
end

function M.exists(path)
	local file = io.open(path, "rb");
	if file then file:close(); end
	return file ~= nil;
end

-- The file that a path leads to in the end, through links.
function M.real(path)
	return command.output { "readlink", "-f", path } or path;
end

-- The paths that fit a shell's pattern `name` in `folder`, sorted.
function M.list(folder, name)
	local paths = {};
	local text = command.output { "find", "-H", folder, "-mindepth", "1", "-maxdepth", "1", "-name", name } or "";
	for path in text:gmatch("[^\n]+") do
		if path:sub(1, 1) == "/" then paths[#paths + 1] = path; end
	end
	table.sort(paths);
	return paths;
end

local function fill(path, text)
	local file, err = io.open(path, "wb");
	if not file then return nil, err; end
	local ok, why = file:write(text);
	local closed, close_why = file:close();
	if not ok or not closed then return nil, why or close_why; end
	return command.output { "sync", path };
end

-- Replaces or makes the file at `path`. A new one gets `rights` = { mode = "0640", owner = "root:prosody" }. True, or nil and why, the
-- old file being there as it was.
function M.write(path, text, rights)
	local real = M.real(path);
	local folder, name = real:match("^(.*)/([^/]*)$");
	local temporary, err = command.output { "mktemp", "-p", folder, "." .. name .. ".XXXXXX" };
	if not temporary then return nil, err; end
	local steps = {};
	if M.exists(real) then
		steps = { { "chown", "--reference=" .. real, temporary }, { "chmod", "--reference=" .. real, temporary } };
	elseif rights then
		steps = { { "chmod", rights.mode, temporary } };
		if rights.owner then table.insert(steps, 1, { "chown", rights.owner, temporary }); end
	end
	local ok = true;
	for _, step in ipairs(steps) do
		if ok then ok, err = command.output(step); end
	end
	if ok then ok, err = fill(temporary, text); end
	if ok then ok, err = command.output { "mv", "-fT", temporary, real }; end
	if not ok then
		os.remove(temporary);
		return nil, err;
	end
	command.run { "sync", folder };
	return true;
end

-- `text` without what may be a secret in it: the values of settings whose name says so.
local function without_secrets(text)
	text = text:gsub("([Ss][Ee][Cc][Rr][Ee][Tt]%s*=%s*)%b{}", "%1(not shown)");
	return (text:gsub("[^\n]+", function (line)
		for _, name in ipairs { "[Ss][Ee][Cc][Rr][Ee][Tt]", "[Pp][Aa][Ss][Ss][%w_%-]*" } do
			line = line:gsub("(" .. name .. "\"?%s*[=:]%s*)([^%s(].*)", function (head, value)
				if not value:find("^true") and not value:find("^false") then return head .. "(not shown)"; end
			end);
		end
		return line;
	end));
end

-- What changes from `before` to `after` (nil: the file is not there), as diff -u shows it, without secrets.
function M.difference(path, before, after)
	local folder = assert(command.output { "mktemp", "-d" });
	local old, new = folder .. "/old", folder .. "/new";
	fill(old, without_secrets(before or ""));
	fill(new, without_secrets(after or ""));
	local _, text = command.run { "diff", "-u", "--label", before and path or "/dev/null", "--label", after and path or "/dev/null", old, new };
	os.remove(old);
	os.remove(new);
	os.remove(folder);
	return text;
end

-- The changes from `older` to `yours` made in `mine` as well (diff3 -m). Nil where they touch the same lines.
function M.merged(mine, older, yours)
	if mine == older then return yours; end
	local folder = assert(command.output { "mktemp", "-d" });
	local paths = { folder .. "/mine", folder .. "/older", folder .. "/yours" };
	for i, text in ipairs { mine, older, yours } do fill(paths[i], text); end
	local ok, text = command.run { "diff3", "-m", paths[1], paths[2], paths[3] };
	for _, path in ipairs(paths) do os.remove(path); end
	os.remove(folder);
	return ok and text or nil;
end

return M;
