-- A program whose writes fail, or that is killed, at any of the system calls with which it changes a folder
-- (failing_writes.c).

local M = {};

local PROGRAM = "build/failing_writes";

-- What a command of the shell writes.
function M.text_of(command)
	local pipe = assert(io.popen(command));
	local text = pipe:read("a");
	pipe:close();
	return text;
end

-- Makes ready; for a spec's setup.
function M.prepare() assert(os.execute("make -s " .. PROGRAM)); end

-- A new folder; M.remove takes it away.
function M.folder() return M.text_of("mktemp -d"):match("[^\n]+"); end

-- A copy of the folder `from` with all rights, owners, times and second names.
function M.copy(from)
	local to = M.folder();
	assert(os.execute(("rmdir '%s' && cp -a '%s' '%s'"):format(to, from, to)));
	return to;
end

function M.remove(folder) os.execute(("rm -rf '%s'"):format(folder)); end

-- What stands before a shell's command so that `action` ("kill", "fail", "keep") comes over what it does below
-- `folder`, at its `nth` change; the changes are told in the file `log`.
function M.before(folder, action, nth, log)
	return ("%s '%s' %s %d '%s'"):format(PROGRAM, folder, action, nth, log);
end

-- The changes that were told in `log`: a list of "CALL PATH".
function M.changes(log)
	local list = {};
	for line in io.lines(log) do list[#list + 1] = line; end
	return list;
end

-- What `run(before)` (a function that runs the command behind the words `before`) leaves behind when it is killed
-- before any of its changes below `folder`: a list of folders, each { path =, at = the change's number, call = the
-- change }, and only the first of those that are the same; then the number of changes. `state(folder)`: what tells two
-- apart.
function M.left_by_kills(folder, state, run)
	local log = os.tmpname();
	run(M.before(folder, "keep", 0, log));
	local changes, left, seen = M.changes(log), {}, {};
	for nth, call in ipairs(changes) do
		local path = ("%s.%d"):format(log, nth);
		local told = state(path);
		if seen[told] then
			M.remove(path);
		else
			left[#left + 1], seen[told] = { path = path, at = nth, call = call }, true;
		end
	end
	os.remove(log);
	return left, #changes;
end

return M;
