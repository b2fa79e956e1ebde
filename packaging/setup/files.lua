-- Files, read and written whole. A new file is made beside the one that it is to replace, read back, and only then takes its place in one
-- step, so that a full disk, a power cut or a kill leaves the old one; owner, group and rights stay those it had.

local command = require "command";
local file_lib = require "file";

local M = { read = file_lib.read };

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

return M;
