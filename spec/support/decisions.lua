-- What the specs of decisions have in common.
local M = {};

-- All that `decisions` (decisions.lib.lua) holds: a sorted list of "room kind person value".
function M.held(decisions)
	local list = {};
	decisions.each(function (...)
		local words = table.pack(...);
		for i = 1, words.n do words[i] = tostring(words[i]); end
		list[#list + 1] = table.concat(words, " ");
	end);
	table.sort(list);
	return list;
end

return M;
