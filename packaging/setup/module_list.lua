-- modules_enabled = { … } in a configuration's text: one module in, another out, everything else as it stands.

local lua_config = require "lua_config";

local M = {};

local function line_of(text, at)
	local from = at;
	while from > 1 and text:sub(from - 1, from - 1) ~= "\n" do from = from - 1; end
	return from, text:find("\n", at, true) or #text;
end

-- Whether the list `setting` (lua_config) names `module`; nil where it is no list that can be read.
function M.names(text, setting, module)
	local items = lua_config.items(text, setting.value_from, setting.value_to);
	if not items then return nil; end
	for _, item in ipairs(items) do
		if item.value == module then return true; end
	end
	return false;
end

-- The edit (lua_config.apply) that puts `module` at the head of the list.
function M.add(text, setting, module)
	local items = lua_config.items(text, setting.value_from, setting.value_to);
	local entry = ("%q"):format(module);
	if not items[1] then return { from = setting.value_from + 1, to = setting.value_from, text = " " .. entry .. "; " }; end
	local from = line_of(text, items[1].from);
	if from > setting.value_from then
		local indent = text:match("^[ \t]*", from);
		return { from = from, to = from - 1, text = indent .. entry .. ";\n" };
	end
	return { from = items[1].from, to = items[1].from - 1, text = entry .. "; " };
end

-- The edits that take `module` out: its whole line where it has one to itself.
function M.remove(text, setting, module)
	local edits = {};
	for _, item in ipairs(lua_config.items(text, setting.value_from, setting.value_to) or {}) do
		if item.value == module then
			local from, to = line_of(text, item.from);
			local before, after = text:sub(from, item.from - 1), text:sub(item.to + 1, to);
			if before:find("^%s*$") and after:find("^[%s,;]*$") or before:find("^%s*$") and after:find("^[%s,;]*%-%-[^%[]") then
				edits[#edits + 1] = { from = from, to = to, text = "" };
			else
				local rest = text:match("^%s*[,;]?[ \t]*", item.to + 1);
				edits[#edits + 1] = { from = item.from, to = item.to + #rest, text = "" };
			end
		end
	end
	return edits;
end

return M;
