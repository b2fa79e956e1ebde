-- Which frames are whole requests of the game's, by their numbers alone.
local probes = require "skotos_probes";

-- Each batch as text: a number is a token's request, "c7" a command, "-" a frame without a number.
local function judged(text)
	local batches = {};
	for batch in text:gmatch("[^|]+") do
		local frames = {};
		for frame in batch:gmatch("%S+") do
			frames[#frames + 1] = { frame ~= "-" and tonumber(frame:match("%d+")), frame:sub(1, 1) == "c" };
		end
		batches[#batches + 1] = frames;
	end
	local out = {};
	for b, batch in ipairs(probes.judge(batches)) do
		local marks = {};
		for i, v in ipairs(type(batch) == "table" and batch or {}) do
			marks[i] = ({ ["not"] = "no", perhaps = "plain", proven = "whole" })[v[1]] .. (v[2] and "" or "/mute");
		end
		out[b] = type(batch) == "table" and (batch.gap and "gap: " or "") .. table.concat(marks, " ") or batch;
	end
	return table.concat(out, " | ");
end

describe("a frame", function ()
	local cases = {
		{ "that comes alone is whole", "0 | 1 | 2", "whole | whole | whole" },
		{ "among others that count up is served as a plain player's", "3 | 4 5 6", "whole | plain plain plain" },
		{ "that leaves a number out is waited behind, and a plain player's", "3 | 5 | 6 8",
			"whole | gap: plain | gap: plain plain" },
		{ "is refused when two decoys count up to the number that was lost with the fall", "5 | 3 4 5 6 | 7",
			"whole | no/mute no/mute no/mute no | whole" },
		{ "of an innocent is refused beside another's decoys, and told once", "5 | 6 4 5 6 7 | 8",
			"whole | no no/mute no/mute no/mute no | whole" },
		{ "of three decoys never has an answered number answered again", "5 | 6 | 5 6 6 7",
			"whole | whole | no/mute no/mute no/mute no" },
		{ "with its own number twice is refused, and told once", "3 | 4 4 | 5", "whole | no no/mute | whole" },
		{ "with a larger number inside locks nobody out", "3 | 999 4 | 5", "whole | no/mute no | whole" },
		{ "with a smaller number inside is refused", "3 | 1 4 | 5", "whole | no/mute no | whole" },
		{ "with a smaller number inside is refused on a new connection", "1 4 | 5", "no/mute no | whole" },
		{ "behind a broken half is refused", "3 | - 4 | 5", "whole | no/mute no | whole" },
		{ "in the first read is a plain player's when it is not alone", "4 5 | 6", "plain plain | whole" },
		{ "in the first read is told, whoever has put a small number between", "4 5 1 6", "no no no/mute no" },
		{ "that has no number, or an old one, is no request's last one", "3 | - | 3 | 2 | 4",
			"whole | no rest | no rest | no rest | whole" },
		{ "that is a command is whole before and behind those for tokens, and alone with one",
			"3 | c4 5 6 c7 | c8 9 c10 | c11 c12",
			"whole | whole plain plain whole | whole whole whole | whole whole" },
		{ "that is a command between two others may be out of a name", "3 | 4 c5 6", "whole | plain plain plain" },
		{ "that is a command is whole in a first read too, but not between two others", "c0 c1 | 2 c3 4",
			"whole whole | plain plain plain" },
	};
	for _, case in ipairs(cases) do
		it(case[1], function () assert.same(case[3], judged(case[2])); end);
	end
end);

describe("every stream of requests, split by their names in every way,", function ()
	-- Requests, decoys in all; up to three decoys in one. SPLITS=6 for more, SPLITS=7 takes minutes; where memory is
	-- looked at 4.
	local most = tonumber(os.getenv "SPLITS") or 5;
	for _, size in ipairs { { 1, 3 }, { 2, math.min(most, 6) }, { 3, most - 1 } } do
		it(("has no decoy and no tail served, and every innocent: %d requests, up to %d decoys"):format(size[1], size[2]),
				function ()
			local played, broken = probes.splits(size[1], size[2]);
			assert.is_nil(broken);
			assert.is_true(played > 4000);
		end);
	end
end);
