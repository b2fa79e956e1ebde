local probes = require "skotos_probes";

describe("the guard over the count", function ()
	local function judged(reads)
		local out = {};
		for r, read in ipairs(probes.judge(reads)) do
			local marks = {};
			for i, v in ipairs(read) do marks[i] = (v[1] and "refused" or "served") .. (v[2] and "+reply" or ""); end
			out[r] = table.concat(marks, " ");
		end
		return out;
	end
	local cases = {
		{ "serves numbers that grow", { { { 0, true }, { 1, true } }, { { 2, true } }, { { 5, true } } }, { "served+reply served+reply", "served+reply", "served+reply" } },
		{ "refuses both halves with one number, answers once", { { { 3, true } }, { { 4, true }, { 4, true } }, { { 5, true } } },
			{ "served+reply", "refused refused+reply", "served+reply" } },
		{ "refuses a larger number in the first half, and locks nobody out", { { { 3, true } }, { { 999, true }, { 4, true } }, { { 5, true } } },
			{ "served+reply", "refused refused+reply", "served+reply" } },
		{ "refuses a smaller number in the first half", { { { 3, true } }, { { 1, true }, { 4, true } }, { { 5, true } } },
			{ "served+reply", "refused refused+reply", "served+reply" } },
		{ "refuses a smaller number on a new connection", { { { 1, true }, { 4, true } }, { { 5, true } } }, { "refused refused+reply", "served+reply" } },
		{ "refuses a broken half and what follows it", { { { 3, true } }, { { false, false }, { 4, true } }, { { 5, true } } },
			{ "served+reply", "refused refused+reply", "served+reply" } },
		{ "refuses three halves that count up and fall back", { { { 3, true } }, { { 4, true }, { 5, true }, { 4, true } }, { { 5, true } } },
			{ "served+reply", "refused refused refused+reply", "served+reply" } },
		{ "spares those further off", { { { 3, true }, { 4, true }, { 5, false }, { 6, true }, { 7, true } } },
			{ "refused+reply refused+reply refused+reply refused+reply refused+reply" } },
		{ "spares those further off once the count is known", { { { 2, true } }, { { 3, true }, { 4, true }, { 5, false }, { 6, true }, { 7, true } } },
			{ "served+reply", "served+reply refused+reply refused+reply refused+reply served+reply" } },
		{ "leaves nobody without an answer for a small number inside another's name", { { { 3, true } }, { { 4, true }, { 1, false }, { false, false }, { 5, false } }, { { 6, true } } },
			{ "served+reply", "refused+reply refused refused refused+reply", "served+reply" } },
		{ "leaves nobody without an answer for a number of the same read inside another's name", { { { 3, true } }, { { 4, true }, { 5, true }, { 4, true }, { 6, true } } },
			{ "served+reply", "refused refused+reply refused+reply refused+reply" } },
		{ "leaves nobody without an answer on a new connection either", { { { 4, true }, { 5, true }, { 1, false }, { 6, true } } },
			{ "refused+reply refused+reply refused refused+reply" } },
		{ "answers no number twice", { { { 3, true } }, { { 3, true } } }, { "served+reply", "refused" } },
	};
	for _, case in ipairs(cases) do
		it(case[1], function () assert.same(case[3], judged(case[2])); end);
	end
end);
