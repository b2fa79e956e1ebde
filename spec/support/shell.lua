-- Commands of the shell, for the specs of scripts.
local M = {};

-- Runs the command; gives its exit status and all that it said.
function M.sh(command)
	local pipe = assert(io.popen(("(%s) 2>&1; echo \"status $?\""):format(command)));
	local text = pipe:read("a");
	pipe:close();
	local said, status = text:match("^(.*)status (%d+)\n$");
	return tonumber(status), said;
end

-- Runs it and holds that it succeeds; gives what it said.
function M.ok(command)
	local status, said = M.sh(command);
	assert(status == 0, command .. ":\n" .. said);
	return said;
end

return M;
