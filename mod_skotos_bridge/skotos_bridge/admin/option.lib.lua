-- One option: its value, or its default, checked. What is wrong is one line: the option, what came, what is wanted; never a secret's value.

local defaults = module:require "skotos_bridge/admin/defaults";

local M = {};

-- A value as such a line shows it.
function M.shown(value)
	if type(value) == "string" then return (("%q"):format(value:sub(1, 60)):gsub("\\\n", "\\n")); end
	return type(value) == "table" and "a table" or tostring(value);
end

-- The kinds: each is, or gives, a check(value), which gives the value as it counts, or nil and what is wanted.
function M.integer(least, most)
	return function (value)
		local number = math.tointeger(tonumber(value));
		if number and number >= least and number <= most then return number; end
		return nil, ("a whole number from %d to %d"):format(least, most);
	end
end

function M.boolean(value)
	if type(value) == "boolean" then return value; end
	return nil, "true or false";
end

function M.text(value)
	if type(value) == "string" and value ~= "" then return value; end
	return nil, "a string";
end

function M.one_of(...)
	local words, shown_words = {}, {};
	for i, word in ipairs { ... } do words[word], shown_words[i] = true, ("%q"):format(word); end
	return function (value)
		if words[value] then return value; end
		return nil, table.concat(shown_words, " or ");
	end
end

-- `allowed`: a set of the items there may be; nil: any.
function M.list_of(what, allowed)
	return function (value)
		if type(value) == "string" then value = { value }; end
		if type(value) ~= "table" then return nil, "a list of " .. what; end
		local list = {};
		for _, item in ipairs(value) do
			if type(item) ~= "string" or (allowed and not allowed[item]) then return nil, "a list of " .. what; end
			list[#list + 1] = item;
		end
		if next(value) ~= nil and #list == 0 then return nil, "a list of " .. what; end
		return list;
	end
end

-- Checks that more than one of the module's parts needs, by the option's name.
M.checks = { skotos_reconnect_grace = M.integer(0, 86400), skotos_token_max_validity = M.integer(1, 2147483647) };

-- The option `name` of what `raw(name)` gives, by `check` (default: M.checks'). Nil where it has neither value nor default; nil and the line,
-- which begins with `where`, where it is wrong.
function M.read(raw, name, check, where)
	local value = raw(name);
	if value == nil then return defaults[name]; end
	local good, wanted = (check or M.checks[name])(value);
	if good == nil then return nil, ("%s%s = %s: %s is wanted"):format(where or "", name, M.shown(value), wanted); end
	return good;
end

return M;
