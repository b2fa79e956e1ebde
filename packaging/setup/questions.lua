-- Asks the person at the terminal. Without one, or with --yes, what would be asked has to have been said as an option.

local M = {};

-- A line of text; `default` is taken for an empty one. `check` gives the value, or nil and what is wrong, and then it is asked again.
function M.text(question, default, check)
	while true do
		io.write(question, default and default ~= "" and (" [%s]"):format(default) or "", ": ");
		io.flush();
		local line = io.read("l");
		if not line then return nil; end
		line = line:match("^%s*(.-)%s*$");
		if line == "" then line = default or ""; end
		local value, wrong = line, nil;
		if check then value, wrong = check(line); end
		if value ~= nil then return value; end
		io.write(wrong, "\n");
	end
end

-- Yes or no.
function M.yes(question, default)
	return M.text(question .. (default and " [Y/n]" or " [y/N]"), nil, function (line)
		line = line:lower();
		if line == "" then return default; end
		if line == "y" or line == "yes" then return true; end
		if line == "n" or line == "no" then return false; end
		return nil, "Please answer with y or n.";
	end) == true;
end

return M;
