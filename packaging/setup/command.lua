-- Other programs. An argument is one word for them whatever is in it; a secret is never one, since everybody on the machine can read
-- the arguments of a running program.

local escaped = require "escaped".text;

local M = {};

local function quoted(word)
	return "'" .. word:gsub("'", [['\'']]) .. "'";
end

local function line_of(words)
	local line = {};
	for i, word in ipairs(words) do line[i] = quoted(word); end
	return table.concat(line, " ");
end

-- Runs a program, a list of words, at most `seconds` (default 60). Gives true or false for its exit status 0 or another, what it wrote
-- on both its outputs, and the status.
function M.run(words, seconds)
	local pipe = assert(io.popen(("timeout %d %s 2>&1 </dev/null"):format(seconds or 60, line_of(words))));
	local output = pipe:read("a");
	local ok, _, status = pipe:close();
	return ok == true, output, status;
end

-- Its output without the last newline, or nil and what it said when it failed.
function M.output(words, seconds)
	local ok, output = M.run(words, seconds);
	output = output:gsub("\n$", "");
	if not ok then return nil, output; end
	return output;
end

-- Whether there is a program of that name.
function M.exists(name)
	return (M.run({ "sh", "-c", 'command -v "$1"', "sh", name }));
end

-- `text` as it may be shown at a terminal (the module's own function for that), but for its tabs.
function M.escaped(text)
	return (text:gsub("[^\t]+", escaped));
end

-- Whether a person sits there to be asked.
function M.at_terminal()
	return os.execute("test -t 0 && test -t 1") == true;
end

function M.is_root()
	return M.output { "id", "-u" } == "0";
end

return M;
