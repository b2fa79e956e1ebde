-- How long a secret has to be, and how a file holds them. It is installed for skotos-bridge-setup too, so it needs nothing of Prosody's.

local M = { LEAST = 16 }; -- bytes; a shorter secret is refused

-- The secrets in the text of a file, in their order: one a line; white space around it is not part of it.
function M.secrets(text)
	local list = {};
	for line in text:gmatch("[^\r\n]+") do
		line = line:match("^%s*(.-)%s*$");
		if line ~= "" then list[#list + 1] = line; end
	end
	return list;
end

return M;
