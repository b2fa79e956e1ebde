-- A game that reads within the frames of its replies, as where a proxy or the network has parted them: game-side.md,
-- "A reply".

local SIZE = 8192; -- of a frame, and what the driver reads at most

-- What one read is to the game: the first number, and the first token that ends in it; nil where it makes no success.
local function scan(read)
	local seq = tonumber(read:match '"seq":(%d+)');
	return seq, seq and read:find('"success":true', 1, true) and read:match '"token":"([^"]*)"' or nil;
end

-- Has the frames read with a first read of 0 to 8191 bytes, and calls `given(seq, token)` for each token that a player
-- gets; an empty one is none.
return function (frames, given)
	local stream = table.concat(frames);
	for first = 0, SIZE - 1 do
		local from = 1;
		for till = first, #stream + SIZE - 1, SIZE do
			local seq, token = scan(stream:sub(from, till));
			if token and token ~= "" then given(seq, token); end
			from = till + 1;
		end
	end
end
