-- A test that needs a page to obey, or a bridge or another shard to answer, within the second or two that the module
-- gives it: it is run again, five times at most, where the module's own words, in what the test fails with, say that it
-- was too slow, as on a busy machine. Its rooms are its own.

local TIMES, TOO_SLOW = 5, { "did not confirm within 1 s", "did not answer within 1 s", "does not answer" };

local function is_too_slow(err)
	for _, words in ipairs(TOO_SLOW) do
		if tostring(err):find(words, 1, true) then return true; end
	end
	return false;
end

return function (test)
	return function ()
		for _ = 2, TIMES do
			local ok, err = pcall(test);
			if ok then return; end
			if not is_too_slow(err) then error(err, 0); end
		end
		test();
	end;
end;
