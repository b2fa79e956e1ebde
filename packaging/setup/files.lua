-- Files, read and written whole. A new file is made beside the one that it is to replace, read back, and only then takes its place in one
-- step, so that a full disk, a power cut or a kill leaves the old one; owner, group and rights stay those it had.

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
	ok, why = command.output { "sync", path };
	if not ok then return nil, why; end
	if M.read(path) ~= text then return nil, "what was written cannot be read back; is the disk full?"; end
	return true;
end

M.STAGED = ".skotos-setup-"; -- in the names of files that are made ready

-- Away with what a setup that was killed had made ready in `folders`. Only for who has the lock.
function M.sweep(folders)
	local words = { "find" };
	for _, folder in ipairs(folders) do
		if command.run { "test", "-d", folder } then words[#words + 1] = folder; end
	end
	for _, word in ipairs { "-maxdepth", "1", "-type", "f", "-name", ".*" .. M.STAGED .. "??????", "-delete" } do words[#words + 1] = word; end
	command.run(words);
end

-- Makes the file that is to stand at `path`, beside it: with the rights of the one that is there, else `rights` = { mode = "0640",
-- owner = "root:prosody" or nil }. Gives its path, and that of the file that it is to replace; nil and why, nothing being left.
function M.stage(path, text, rights)
	local real = M.real(path);
	local folder, name = real:match("^(.*)/([^/]*)$");
	local temporary, err = command.output { "mktemp", "-p", folder, "." .. name .. M.STAGED .. "XXXXXX" };
	if not temporary then return nil, err; end
	local ok;
	if M.exists(real) then
		ok, err = command.output { "sh", "-c", 'chown --reference="$1" "$2" && chmod --reference="$1" "$2"', "sh", real, temporary };
	else
		ok, err = command.output { "chmod", rights.mode, temporary };
		if ok and rights.owner then ok, err = command.output { "chown", rights.owner, temporary }; end
	end
	if ok then ok, err = fill(temporary, text); end
	if ok then return temporary, real; end
	os.remove(temporary);
	return nil, err;
end

-- A second name of the file at `path`, beside it, by which it can be put back without taking room; nil and why.
function M.keep(path)
	local folder, name = path:match("^(.*)/([^/]*)$");
	local kept, err = command.output { "mktemp", "-u", "-p", folder, "." .. name .. M.STAGED .. "XXXXXX" };
	local ok;
	if kept then ok, err = command.output { "ln", "-T", path, kept }; end
	return ok and kept or nil, err;
end

-- Has the staged file take its place. True, or nil and why.
function M.commit(temporary, real)
	local ok, err = os.rename(temporary, real);
	if ok then command.run { "sync", real:match("^(.*)/[^/]*$") }; end
	return ok, err;
end

-- Away with the file; true also when it is not there.
function M.remove(path)
	local ok, err = os.remove(path);
	return ok or not M.exists(path), err;
end

-- `text` without what may be a secret in it: the values of settings whose name says so.
local function without_secrets(text)
	text = text:gsub("([Ss][Ee][Cc][Rr][Ee][Tt]%s*=%s*)%b{}", "%1(not shown)");
	return (text:gsub("[^\n]+", function (line)
		for _, name in ipairs { "[Ss][Ee][Cc][Rr][Ee][Tt]", "[Pp][Aa][Ss][Ss][%w_%-]*" } do
			line = line:gsub("(" .. name .. "\"?%s*[=:]%s*)([^%s(].*)", function (head, value)
				if not value:find("^true") and not value:find("^false") and not value:find("^nil") then return head .. "(not shown)"; end
			end);
		end
		return line;
	end));
end

local function lines_of(text)
	local lines = {};
	for line in text:gmatch("([^\n]*)\n?") do lines[#lines + 1] = line; end
	if lines[#lines] == "" then lines[#lines] = nil; end
	return lines;
end

local AROUND = 3; -- lines shown before and after a change

-- What changes from `before` to `after` (nil: the file is not there), in the manner of diff -u, without secrets and without what could
-- steer a terminal.
function M.difference(path, before, after)
	local old, new = lines_of(without_secrets(before or "")), lines_of(without_secrets(after or ""));
	local first, old_last, new_last = 1, #old, #new;
	while first <= old_last and first <= new_last and old[first] == new[first] do first = first + 1; end
	while old_last >= first and new_last >= first and old[old_last] == new[new_last] do old_last, new_last = old_last - 1, new_last - 1; end
	local shown = { "--- " .. (before and path or "/dev/null"), "+++ " .. (after and path or "/dev/null") };
	local function put(sign, list, from, to)
		for i = math.max(from, 1), math.min(to, #list) do shown[#shown + 1] = sign .. command.escaped(list[i]); end
	end
	put(" ", old, first - AROUND, first - 1);
	put("-", old, first, old_last);
	put("+", new, first, new_last);
	put(" ", old, old_last + 1, old_last + AROUND);
	return table.concat(shown, "\n") .. "\n";
end

return M;
