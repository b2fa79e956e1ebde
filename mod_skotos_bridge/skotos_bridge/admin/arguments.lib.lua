-- Reads a command line by what a command takes. (Prosody's util.argparse knows no unknown option on 0.12, takes "-" for one, and has no word
-- for what is wanted.) It is installed for skotos-bridge-setup too, so it needs nothing of Prosody's.

local M = {};

-- The value of the option `name`; nil and a line.
local function value_of(name, kind, text)
	if text == nil or text == "" then return nil, ("--%s wants a value"):format(name); end
	if kind ~= "number" then return text; end
	local n = math.tointeger(tonumber(text));
	if n and n > 0 then return n; end
	return nil, ("--%s %s: a whole number above 0 is wanted"):format(name, text);
end

-- Takes the list `arg` and `takes` = { options = { name = "flag" | "text" | "number" | "list" }, short = { letter = name } or nil,
-- words = most words besides them }. Gives name -> value (a flag's is true, a list's the values in their order), the words at 1, 2, …; or
-- nil and a line. "--" ends the options, "--name=value" works too.
function M.parse(arg, takes)
	local found, i, options_end = {}, 1, false;
	while arg[i] do
		local word = arg[i];
		local name, value = word:match("^%-%-([%w-]+)=(.*)$");
		name = name or word:match("^%-%-([%w-]+)$") or takes.short and takes.short[word:match("^%-(%a)$")];
		if options_end or not (name or word == "--") then
			if not options_end and word:match("^%-.") then return nil, ("%s: no such option"):format(word); end
			found[#found + 1] = word;
			if #found > takes.words then return nil, ("%q is one word too many"):format(word); end
		elseif word == "--" then
			options_end = true;
		else
			local kind = takes.options[name];
			if not kind then return nil, ("--%s: no such option"):format(name); end
			if kind == "flag" then
				if value then return nil, ("--%s takes no value"):format(name); end
				value = true;
			else
				if not value then
					i = i + 1;
					value = arg[i];
				end
				local err;
				value, err = value_of(name, kind, value);
				if err then return nil, err; end
			end
			if kind == "list" then
				found[name] = found[name] or {};
				table.insert(found[name], value);
			else
				found[name] = value;
			end
		end
		i = i + 1;
	end
	return found;
end

return M;
