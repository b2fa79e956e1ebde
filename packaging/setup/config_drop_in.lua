-- What setup adds to Prosody's configuration: one file of its own for each host, and one line at the end of the file in which the host
-- stands, which includes it. It comes last, so what it says counts, whatever Jitsi's own packages and scripts do to the rest. No other
-- byte of anybody's is touched.

local files = require "files";
local lua_config = require "lua_config";

local M = {};

M.ABSENT = setmetatable({}, { __name = "absent" }); -- in the place of a value: the setting is not to count
M.UNSAID = setmetatable({}, { __name = "unsaid" }); -- in the place of a value: nothing is said of it here, others may

local MARK = "-- skotos-bridge-setup";
local NO_NEWLINE = MARK .. ", after a line without an end";

-- Modules that work against the bridge in the MUC: each with what it does there.
M.AGAINST = {
	{ "token_verification", "Jitsi's check of rooms, which the bridge makes; on Debian it stops with an error, and it writes whole tokens into the log" };
	{ "token_moderation", "the old plugin: it replaces the rooms' methods" };
	{ "token_affiliation", "decides about moderators a second time" };
	{ "muc_allowners", "keeps a player's own presence from him, so that his page hangs at \"joining\"" };
};

local order = {
	"main_muc", "authentication", "app_id", "app_secret", "skotos_secret_file", "signature_algorithm", "allow_empty_token", "skotos_domain";
	"skotos_host", "skotos_port", "skotos_tls", "skotos_allow_plaintext", "skotos_allow_moderator_tokens", "skotos_moderators", "skotos_listen";
	"skotos_old_tokens_before", "skotos_old_tokens_until", "skotos_games";
};

-- The folder of our files, and in it those of `host`; `root` as everywhere.
function M.folder(root) return root .. "/etc/prosody/skotos-bridge"; end
function M.path(root, host) return M.folder(root) .. "/" .. host .. ".cfg.lua"; end
function M.secret_path(root, host) return M.folder(root) .. "/" .. host .. ".secret"; end

-- The hosts that have such a file, by name.
function M.hosts(root)
	local found = {};
	for _, path in ipairs(files.list(M.folder(root), "*.cfg.lua")) do found[#found + 1] = path:match("([^/]*)%.cfg%.lua$"); end
	return found;
end

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

-- A new file for `site`: its two sections, to be filled.
local function frame(site)
	return ('%s writes this file, and keeps what you add to it; skotos-bridge-setup --undo takes it out.\n'
		.. "-- It is read after Jitsi's own file, so what stands here counts.\n\n"
		.. 'VirtualHost "%s"\n\nComponent "%s" "muc"\n'):format(MARK, site.host, site.muc);
end

local function section_of(text, kind, name)
	for _, section in ipairs(lua_config.sections(text)) do
		if section.kind == kind and section.name:lower() == name then return section; end
	end
end

-- The edit that puts the line `name = value` behind the last setting of the section that stands before it in `order`.
local function insertion(section, names, name, value)
	local rank, after = {}, section.head_to;
	for i, other in ipairs(names) do rank[other] = i; end
	for _, setting in ipairs(section.settings) do
		if (rank[setting.name] or 0) < rank[name] and rank[setting.name] then after = math.max(after, setting.to); end
	end
	return { from = after + 1, to = after, text = "\n    " .. name .. " = " .. value, rank = rank[name] };
end

local function deletion(text, setting)
	local from, to = setting.from, text:match("^[ \t;]*\r?\n?()", setting.to + 1) - 1;
	while from > 1 and text:sub(from - 1, from - 1):find("[ \t]") do from = from - 1; end
	return { from = from, to = to, text = "" };
end

-- `text` with every one of `wanted` (name -> value; M.ABSENT) set in its section `kind` "name"; whatever else stands there stays.
-- `elsewhere(name)`: what counts without this file.
local function with_settings(text, kind, name, names, wanted, elsewhere)
	for _, option in ipairs(names) do
		local value, section = wanted[option], section_of(text, kind, name);
		local setting = value ~= nil and lua_config.setting(section, option);
		local edit;
		if value == M.ABSENT and elsewhere(option) ~= nil then
			if not setting then edit = insertion(section, names, option, "nil"); end
		elseif value == M.ABSENT or value == M.UNSAID then
			if setting then edit = deletion(text, setting); end
		elseif value ~= nil and not setting then
			edit = insertion(section, names, option, lua_config.written(value, "    "));
		elseif value ~= nil and not same(setting.value, value) then
			edit = { from = setting.value_from, to = setting.value_to, text = lua_config.written(value, "    ") };
		end
		if edit then text = lua_config.apply(text, { edit }); end
	end
	return text;
end

-- The file of `site` ({ host =, muc = }) as it is to be: `text` (nil: there is none) with `wanted`. `elsewhere(host, name)`: what counts
-- without it.
function M.text(text, site, wanted, elsewhere)
	if not text or not section_of(text, "VirtualHost", site.host) then text = (text or "") .. frame(site); end
	if not section_of(text, "Component", site.muc) then text = text .. ('\nComponent "%s" "muc"\n'):format(site.muc); end
	text = with_settings(text, "VirtualHost", site.host, order, wanted, function (name) return elsewhere(site.host, name); end);
	local disabled, listed = {}, {};
	local function disable(name)
		if type(name) == "string" and not listed[name] then disabled[#disabled + 1], listed[name] = name, true; end
	end
	for _, against in ipairs(M.AGAINST) do disable(against[1]); end
	local others = elsewhere(site.muc, "modules_disabled");
	for _, name in ipairs(type(others) == "table" and others or { others }) do disable(name); end
	return with_settings(text, "Component", site.muc, { "modules_disabled" }, { modules_disabled = disabled }, function () end);
end

-- The line that includes the file of `host` in the file that Prosody opens at `path`.
local function line_of(root, path, host)
	local folder = path:match("^(.*)/[^/]*$");
	local to = M.path(root, host);
	if folder == root .. "/etc/prosody" then
		to = "skotos-bridge/" .. host .. ".cfg.lua";
	elseif folder:match("^(.*)/[^/]*$") == root .. "/etc/prosody" then
		to = "../skotos-bridge/" .. host .. ".cfg.lua";
	end
	return ('Include "%s" '):format(to);
end

local function pattern_of(host)
	local name = host:gsub("%p", "%%%0");
	return "[Ii]nclude[%s(]*([\"'])[^\"'\n]*skotos%-bridge/" .. name .. "%.cfg%.lua%1[ \t)]*;?[ \t]*";
end

-- Whether `text` includes the file of `host`.
function M.is_included(text, host)
	for line in text:gmatch("[^\n]+") do
		local at = line:find(pattern_of(host));
		if at and not line:sub(1, at):find("--", 1, true) then return true; end
	end
	return false;
end

-- `text`, which Prosody opens at `path`, with the line at its end.
function M.with_line(text, root, path, host)
	text = M.without_line(text, host);
	local ended = text == "" or text:find("\n$");
	return text .. (ended and "" or "\n") .. line_of(root, path, host) .. (ended and MARK or NO_NEWLINE) .. "\n";
end

-- `text` without the line, wherever it stands now and whether somebody made a remark of it; to the byte as it was before with_line.
function M.without_line(text, host)
	local pattern = pattern_of(host);
	while true do
		local from, to = text:find(pattern);
		if not from then return text; end
		local begun = from;
		while begun > 1 and text:sub(begun - 1, begun - 1):find("[ \t%-]") do begun = begun - 1; end
		local at_start = begun == 1 or text:sub(begun - 1, begun - 1) == "\n";
		local remark = text:match("^" .. MARK:gsub("%p", "%%%0") .. "[^\r\n]*()", to + 1);
		local unended = text:sub(to + 1, to + #NO_NEWLINE) == NO_NEWLINE;
		local rest = remark or to + 1;
		local newline = text:match("^[ \t]*\r?\n()", rest) or rest > #text and rest;
		if at_start and newline then
			if unended and newline > #text and begun > 1 then begun = begun - (text:sub(begun - 2, begun - 1) == "\r\n" and 2 or 1); end
			text = text:sub(1, begun - 1) .. text:sub(newline);
		else
			text = text:sub(1, from - 1) .. text:sub(rest);
		end
	end
end

-- The lines of `text` that were not in `written` (nil: nobody knows what setup wrote, so that all count), in their order.
function M.added(text, written)
	local ours, added = {}, {};
	for line in (written or ""):gmatch("[^\n]*") do
		line = line:match("^%s*(.-)%s*$");
		ours[line] = (ours[line] or 0) + 1;
	end
	for line in text:gmatch("[^\n]+") do
		local bare = line:match("^%s*(.-)%s*$");
		if bare ~= "" then
			if ours[bare] and ours[bare] > 0 then ours[bare] = ours[bare] - 1; else added[#added + 1] = line; end
		end
	end
	return added;
end

return M;
