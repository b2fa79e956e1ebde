-- What the configuration of a Jitsi host becomes: its text with the bridge in it. Settings that stand there already are changed where they
-- stand; the others go into one marked block under the VirtualHost's head, which setup writes anew each time.

local lua_config = require "lua_config";
local module_list = require "module_list";

local M = {};

M.BEGIN = "-- skotos_bridge: written by skotos-bridge-setup; `skotos-bridge-setup --undo` takes it out";
M.END = "-- skotos_bridge: end";
M.ABSENT = setmetatable({}, { __name = "absent" }); -- in the place of a value: the setting is not to be there

-- The block in its section, from the line's first byte to the newline after it; nil where there is none.
local function block_of(text, section)
	local from = text:find(M.BEGIN, section.from, true);
	if not from or from > section.to then return nil; end
	local _, to = text:find(M.END, from, true);
	if not to then return nil; end
	while from > 1 and text:sub(from - 1, from - 1):find("[ \t]") do from = from - 1; end
	return { from = from, to = text:sub(to + 1, to + 1) == "\n" and to + 1 or to };
end

local order = {
	"main_muc", "authentication", "app_id", "app_secret", "skotos_secret_file", "allow_empty_token", "skotos_domain", "skotos_host", "skotos_port";
	"skotos_tls", "skotos_allow_plaintext", "skotos_allow_moderator_tokens", "skotos_moderators", "skotos_listen", "skotos_games", "modules_enabled";
};

local function same(a, b)
	if type(a) ~= "table" or type(b) ~= "table" then return a == b; end
	for key, item in pairs(a) do
		if not same(item, b[key]) then return false; end
	end
	for key in pairs(b) do
		if a[key] == nil then return false; end
	end
	return true;
end

-- The settings that count in the section now, by name; those that are no literals are true in the second table.
function M.current(section)
	local values, unreadable = {}, {};
	for _, setting in ipairs(section.settings) do
		values[setting.name] = setting.value;
		unreadable[setting.name] = setting.value == nil and true or nil;
	end
	return values, unreadable;
end

local function indent_of(text, section)
	local first = section.settings[1];
	return first and text:sub(1, first.from - 1):match("\n([ \t]+)$") or "    ";
end

-- The block's text from name -> the value as it is written.
local function block_text(written, indent)
	local lines, rest = { indent .. M.BEGIN }, {};
	local function put(name)
		lines[#lines + 1] = indent .. name .. " = " .. written[name];
		written[name] = nil;
	end
	for _, name in ipairs(order) do
		if written[name] then put(name); end
	end
	for name in pairs(written) do rest[#rest + 1] = name; end
	table.sort(rest);
	for _, name in ipairs(rest) do put(name); end
	lines[#lines + 1] = indent .. M.END;
	return table.concat(lines, "\n") .. "\n";
end

-- The edits of modules_enabled in `section`, so that it names all of `wanted` and none of `unwanted`; nil and why. `missing` tells that
-- the section has none.
local function module_edits(text, section, block, wanted, unwanted)
	local setting = lua_config.setting(section, "modules_enabled", block);
	if not setting then return {}, nil, true; end
	local edits = {};
	for _, module in ipairs(wanted) do
		local named = module_list.names(text, setting, module);
		if named == nil then
			return nil, ('modules_enabled of "%s" is not a plain list; put "%s" into it by hand'):format(section.name, module);
		end
		if not named then edits[#edits + 1] = module_list.add(text, setting, module); end
	end
	for _, module in ipairs(unwanted) do
		for _, edit in ipairs(module_list.remove(text, setting, module)) do edits[#edits + 1] = edit; end
	end
	return edits;
end

-- Takes modules out of the MUC's section. Gives the file's new text and whether something changed.
function M.without_modules(file, section, unwanted)
	local edits = module_edits(file.text, section, nil, {}, unwanted);
	if not edits or #edits == 0 then return file.text, false; end
	return lua_config.apply(file.text, edits), true;
end

-- The edit that takes a setting out with its line.
local function deletion(text, setting)
	local from, to = setting.from, text:match("^[ \t;]*\n?()", setting.to + 1) - 1;
	while from > 1 and text:sub(from - 1, from - 1):find("[ \t]") do from = from - 1; end
	return { from = from, to = to, text = "" };
end

-- The new text of `text`, in which `section` is the VirtualHost: with every one of `wanted` (name -> value; M.ABSENT: not to be there) set
-- and the module enabled. `unwanted`: modules that have to go. Nil and why where that cannot be done.
function M.host_text(text, section, wanted, unwanted)
	if section.has_table then return nil, ('VirtualHost "%s" { … } in one table is not understood; write its settings below it'):format(section.name); end
	local block, indent = block_of(text, section), indent_of(text, section);
	local edits, err, no_list = module_edits(text, section, block, { "skotos_bridge" }, unwanted);
	if not edits then return nil, err; end
	local written = {};
	for _, setting in ipairs(section.settings) do
		if block and setting.from >= block.from and setting.to <= block.to then
			written[setting.name] = text:sub(setting.value_from, setting.value_to);
		end
	end
	if no_list then written.modules_enabled = lua_config.written({ "skotos_bridge" }, indent); end
	for name, value in pairs(wanted) do
		local setting = lua_config.setting(section, name, block);
		written[name] = nil;
		if value == M.ABSENT then
			if setting then edits[#edits + 1] = deletion(text, setting); end
		elseif not setting then
			written[name] = lua_config.written(value, indent);
		elseif not same(setting.value, value) then
			edits[#edits + 1] = { from = setting.value_from, to = setting.value_to, text = lua_config.written(value, indent) };
		end
	end
	local from = block and block.from or (text:match("^[^\n]*\n()", section.head_to + 1) or #text + 1);
	local gap = from > #text and not text:find("\n$") and "\n" or "";
	edits[#edits + 1] = { from = from, to = block and block.to or from - 1, text = gap .. block_text(written, indent) };
	return lua_config.apply(text, edits);
end

return M;
