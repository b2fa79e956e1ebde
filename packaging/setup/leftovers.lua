-- What names the bridge in somebody else's lines (moved there, or written by hand), which would be the name of a module that is gone once the
-- package is: `authentication = "skotos_bridge"`, and "skotos_bridge" in a list of modules. Each such line becomes a remark, or
-- loses the word, and goes where nothing else stands on it.

local lua_config = require "lua_config";

local M = {};

local REMARK = "-- taken out by skotos-bridge-setup --undo: ";

local function line_start(text, at)
	while at > 1 and text:sub(at - 1, at - 1) ~= "\n" do at = at - 1; end
	return at;
end

-- The edit that takes an item out of its list: with its line, where nothing else stands on that, else with the blanks before it.
local function without_item(text, item)
	local to = text:match("^%s*[,;]()", item.to + 1) or item.to + 1;
	local from, next_line = line_start(text, item.from), text:match("^[ \t\r]*\n()", to);
	if next_line and text:sub(from, item.from - 1):find("^[ \t]*$") then return { from = from, to = next_line - 1, text = "" }; end
	from = item.from;
	while text:sub(from - 1, from - 1):find("^[ \t]$") do from = from - 1; end
	return { from = from, to = to - 1, text = "" };
end

-- The edits for one setting of a section.
local function edits_of(text, setting, edits)
	if setting.name == "authentication" and setting.value == "skotos_bridge" then
		local from, to = line_start(text, setting.from), (text:find("\n", setting.to, true) or #text + 1) - 1;
		local alone = text:sub(from, setting.from - 1):find("^%s*$") and text:sub(setting.to + 1, to):find("^[%s;]*%-?%-?[^\n]*$")
			and not text:sub(setting.to + 1, to):find("^[%s;]*[%w_]");
		local what = text:sub(setting.from, setting.to);
		edits[#edits + 1] = { from = setting.from, to = setting.to, text = alone and REMARK .. what or "--[[ " .. REMARK:sub(4) .. what .. " ]]" };
	elseif setting.name == "modules_enabled" then
		for _, item in ipairs(lua_config.items(text, setting.value_from, setting.value_to) or {}) do
			if item.value == "skotos_bridge" then
				edits[#edits + 1] = without_item(text, item);
			end
		end
	end
end

-- `text` without them.
function M.without(text)
	local edits = {};
	for _, section in ipairs(lua_config.sections(text)) do
		for _, setting in ipairs(section.settings) do edits_of(text, setting, edits); end
	end
	return lua_config.apply(text, edits);
end

return M;
