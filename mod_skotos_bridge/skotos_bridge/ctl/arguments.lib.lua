-- Reads a command line by what a subcommand takes.

local M = {};

local function number_of(text)
	local n = math.tointeger(tonumber(text));
	return n and n > 0 and n or nil, "a whole number above 0";
end

local function text_of(text)
	return text ~= "" and text or nil, "a text";
end

local kinds = { number = number_of, text = text_of };

-- Takes the list `arg` and `takes` = { options = { name = "flag" | "text" | "number" }, words = most words besides them }. Gives
-- name -> value (a flag's is true), the words at 1, 2, …; or nil and a line. "--" ends the options, "--name=value" works too.
function M.parse(arg, takes)
	local found, i, options_end = {}, 1, false;
	while arg[i] do
		local word = arg[i];
		local name, value = word:match("^%-%-([%w-]+)=(.*)$");
		name = name or word:match("^%-%-([%w-]+)$");
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
				found[name] = true;
			else
				if not value then
					i = i + 1;
					value = arg[i];
				end
				if value == nil then return nil, ("--%s wants a value"):format(name); end
				local good, wanted = kinds[kind](value);
				if good == nil then return nil, ("--%s %s: %s is wanted"):format(name, value, wanted); end
				found[name] = good;
			end
		end
		i = i + 1;
	end
	return found;
end

return M;
