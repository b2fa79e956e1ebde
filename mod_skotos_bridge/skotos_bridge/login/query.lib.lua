-- The parameters of a URL's query. As util.http's formdecode gives them, which goes through each of a token's hundreds of characters by
-- pattern, again and again.

local M = {};

local function decoded(text)
	if text:find("+", 1, true) then text = text:gsub("%+", " "); end
	if text:find("%", 1, true) then
		text = text:gsub("%%(%x%x)", function (code) return string.char(tonumber(code, 16)); end);
	end
	return text;
end

-- name -> value of what `query` ("name=value&name=value") holds; of a name that comes twice the last.
function M.parameters(query)
	local found, from = {}, 1;
	repeat
		local behind = query:find("&", from, true) or #query + 1;
		local equals = query:find("=", from, true);
		if equals and equals < behind then
			found[decoded(query:sub(from, equals - 1))] = decoded(query:sub(equals + 1, behind - 1));
		end
		from = behind + 1;
	until not equals or from > #query;
	return found;
end

return M;
