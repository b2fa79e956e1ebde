-- A Prosody configuration as text: where its sections and settings stand, so that they can be changed without touching another byte.
-- Nothing in it is run. Positions are bytes from 1, both ends included. Prosody's configuration is Lua (prosody.im/doc/configure); what a
-- person usually writes there is understood: VirtualHost, Component, Include, name = value, comments. Other statements are passed over.

local M = {};

local continuing = {}; -- what makes an expression go on
for op in (".. + - * / // % ^ == ~= < > <= >= and or & | ~ << >>"):gmatch("%S+") do continuing[op] = true; end
local unary = { ["-"] = true, ["not"] = true, ["#"] = true, ["~"] = true };
local closing = { ["{"] = "}", ["("] = ")", ["["] = "]" };

-- The end of a long bracket ([[ … ]], [=[ … ]=]) that begins at `at`, or nil when none does.
local function long_bracket(text, at)
	local level = text:match("^%[(=*)%[", at);
	if not level then return nil; end
	local _, to = text:find("]" .. level .. "]", at, true);
	return to or #text;
end

local function skip_blank(text, at)
	while true do
		at = text:find("%S", at) or #text + 1;
		if text:sub(at, at + 1) ~= "--" then return at; end
		local to = long_bracket(text, at + 2);
		at = (to or (text:find("\n", at, true) or #text)) + 1;
	end
end

local function quoted_end(text, at)
	local quote, i = text:sub(at, at), at + 1;
	while i <= #text do
		local c = text:sub(i, i);
		if c == "\\" then
			i = i + 1;
		elseif c == quote then
			return i;
		end
		i = i + 1;
	end
	return #text;
end

local function token_at(text, at)
	local c = text:sub(at, at);
	if c == '"' or c == "'" then return "string", quoted_end(text, at); end
	local to = long_bracket(text, at);
	if to then return "string", to; end
	local _;
	_, to = text:find("^[%a_][%w_]*", at);
	if to then
		local word = text:sub(at, to);
		return (continuing[word] or unary[word]) and "symbol" or "name", to;
	end
	_, to = text:find("^%.?%d[%w.]*", at);
	if to then return "number", to; end
	for length = 3, 2, -1 do
		local symbol = text:sub(at, at + length - 1);
		if continuing[symbol] or symbol == "..." then return "symbol", at + length - 1; end
	end
	return "symbol", at;
end

local function tokens_of(text)
	local tokens, at = {}, skip_blank(text, 1);
	if text:sub(1, 1) == "#" then at = skip_blank(text, text:find("\n", 1, true) or #text + 1); end
	while at <= #text do
		local kind, to = token_at(text, at);
		tokens[#tokens + 1] = { kind = kind, from = at, to = to, text = text:sub(at, to) };
		at = skip_blank(text, to + 1);
	end
	return tokens;
end

-- The index of the token that closes the bracket at index `i`.
local function closed(tokens, i)
	local open, close, depth = tokens[i].text, closing[tokens[i].text], 0;
	for k = i, #tokens do
		if tokens[k].kind == "symbol" then
			if tokens[k].text == open then depth = depth + 1; end
			if tokens[k].text == close then depth = depth - 1; end
			if depth == 0 then return k; end
		end
	end
	return #tokens;
end

-- The index of the last token of the expression that begins at index `i`.
local function expression_end(tokens, i)
	while tokens[i] and unary[tokens[i].text] do i = i + 1; end
	if not tokens[i] then return #tokens; end
	local callable = tokens[i].kind == "name" or tokens[i].text == "(";
	if closing[tokens[i].text] then i = closed(tokens, i); end
	while tokens[i + 1] do
		local following = tokens[i + 1];
		if continuing[following.text] and following.kind == "symbol" then return expression_end(tokens, i + 2); end
		if following.text == "." or following.text == ":" then
			i = i + 2;
		elseif callable and following.kind == "symbol" and closing[following.text] then
			i = closed(tokens, i + 1);
		elseif callable and following.kind == "string" then
			i = i + 1;
		else
			break;
		end
	end
	return math.min(i, #tokens);
end

local function literal(text)
	local chunk = load("return " .. text, "=value", "t", {});
	local ok, value = pcall(chunk or error);
	if ok then return value; end
end

local heads = { VirtualHost = true, Component = true, Host = true };

-- A section's head at index `i`, as VirtualHost "name" or Component "name" "module", also with parentheses. Gives it and the index of
-- its last token.
local function head_at(tokens, i)
	local arguments, k = {}, i + 1;
	while tokens[k] and #arguments < 2 do
		if tokens[k].kind == "string" then
			arguments[#arguments + 1] = literal(tokens[k].text);
			k = k + 1;
		elseif tokens[k].text == "(" and tokens[k + 1] and tokens[k + 1].kind == "string" and tokens[k + 2] and tokens[k + 2].text == ")" then
			arguments[#arguments + 1] = literal(tokens[k + 1].text);
			k = k + 3;
		else
			break;
		end
	end
	if not arguments[1] then return nil; end
	local section = { kind = tokens[i].text, name = arguments[1], module = arguments[2], settings = {}, from = tokens[i].from, head_to = tokens[k - 1].to };
	section.has_table = tokens[k] ~= nil and tokens[k].text == "{";
	return section, k - 1;
end

-- The sections of a configuration in their order, the first one being what stands above them all (kind "global"). Each has kind, name,
-- module (of a Component), from, head_to (the end of its head), to, includes (list) and settings: a list of
-- { name =, from =, to =, value_from =, value_to =, value = } with value nil where it is no literal.
function M.sections(text)
	local tokens = tokens_of(text);
	local sections = { { kind = "global", settings = {}, from = 1, head_to = 0, includes = {} } };
	local i = 1;
	while i <= #tokens do
		local token, following, current = tokens[i], tokens[i + 1], sections[#sections];
		local section, last;
		if token.kind == "name" and heads[token.text] then section, last = head_at(tokens, i); end
		if section then
			current.to, section.includes = section.from - 1, {};
			sections[#sections + 1] = section;
			i = last;
		elseif token.kind == "name" and token.text == "Include" and following and following.kind == "string" then
			current.includes[#current.includes + 1] = literal(following.text);
			i = i + 1;
		elseif token.kind == "name" and following and following.text == "=" and tokens[i + 2] then
			last = expression_end(tokens, i + 2);
			local from, to = tokens[i + 2].from, tokens[last].to;
			table.insert(current.settings, {
				name = token.text, from = token.from, to = to, value_from = from, value_to = to, value = literal(text:sub(from, to));
			});
			i = last;
		end
		i = i + 1;
	end
	sections[#sections].to = #text;
	return sections;
end

-- The section's setting of that name that counts, which is the last one; `outside` = { from, to }: not one from between these.
function M.setting(section, name, outside)
	for i = #section.settings, 1, -1 do
		local setting = section.settings[i];
		if setting.name == name and not (outside and setting.from >= outside.from and setting.to <= outside.to) then return setting; end
	end
end

-- The items of the table that begins at `from`: list of { from =, to =, value = (a string item's) }, and the table's last byte. Nil where
-- no table stands.
function M.items(text, from, to)
	local tokens = tokens_of(text:sub(from, to));
	if not tokens[1] or tokens[1].text ~= "{" or closed(tokens, 1) ~= #tokens then return nil; end
	local items, begun, i = {}, nil, 2;
	while i < #tokens do
		local token = tokens[i];
		if token.text == "," or token.text == ";" then
			begun = nil;
		elseif begun then
			begun.to, begun.value = token.to + from - 1, nil;
		else
			begun = { from = token.from + from - 1, to = token.to + from - 1, value = token.kind == "string" and literal(token.text) or nil };
			items[#items + 1] = begun;
		end
		if closing[token.text] and token.kind == "symbol" then
			i = closed(tokens, i);
			begun.to = tokens[i].to + from - 1;
		end
		i = i + 1;
	end
	return items, to;
end

local function key_of(key)
	return key:find("^[%a_][%w_]*$") and key or ("[%q]"):format(key);
end

-- `value` as it is written in a configuration: strings, numbers, booleans, lists and tables of them; `indent` is that of its line.
function M.written(value, indent)
	if type(value) == "string" then return (("%q"):format(value):gsub("\\\n", "\\n")); end
	if type(value) ~= "table" then return tostring(value); end
	if next(value) == nil then return "{}"; end
	local parts = {};
	for _, item in ipairs(value) do parts[#parts + 1] = M.written(item, indent); end
	if #parts > 0 then return "{ " .. table.concat(parts, ", ") .. " }"; end
	local keys = {};
	for key in pairs(value) do keys[#keys + 1] = key; end
	table.sort(keys);
	local deeper = indent .. (indent:find("\t") and "\t" or "    ");
	for _, key in ipairs(keys) do parts[#parts + 1] = key_of(key) .. " = " .. M.written(value[key], deeper); end
	local line = "{ " .. table.concat(parts, ", ") .. " }";
	if #line <= 80 and not line:find("\n") then return line; end
	return "{\n" .. deeper .. table.concat(parts, ";\n" .. deeper) .. ";\n" .. indent .. "}";
end

-- Applies edits, each { from =, to =, text = } (to = from - 1: inserts before `from`), which do not overlap.
function M.apply(text, edits)
	table.sort(edits, function (a, b) return a.from > b.from; end);
	for _, edit in ipairs(edits) do text = text:sub(1, edit.from - 1) .. edit.text .. text:sub(edit.to + 1); end
	return text;
end

-- True, or nil and what is wrong with it as Lua.
function M.is_lua(text, name)
	local chunk, err = load(text, "=" .. name, "t", {});
	return chunk and true or nil, err;
end

return M;
