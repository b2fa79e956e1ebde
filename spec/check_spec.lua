-- How make check and make quick choose what they run: their shell functions, with a job that only says its name.
local function chosen(script)
	local pipe = assert(io.popen(([[SPEC= PROSODY= folder=spec/support/check bash -uc '
		. $folder/specs.sh; . $folder/quick.sh
		job() { echo "$1"; }; need() { :; }
		%s' 2>&1]]):format(script)));
	local text = pipe:read("a");
	assert.is_true(pipe:close(), text);
	return text;
end

describe("what is run", function ()
	it("is a job for each file", function ()
		assert.equal("core spec/one_spec.lua\ncore spec/two_spec.lua\n",
			chosen "specs core A=b spec/one_spec.lua spec/two_spec.lua");
	end);

	it("is nothing where there is no file", function ()
		assert.equal("", chosen "specs core A=b");
	end);

	local function quick(changed)
		return chosen(([[changed_files() { echo %s; }; stage_lint() { :; }; stage_core() { :; };
			stage_quick]]):format(changed));
	end

	it("is on one Prosody, for a change, what covers the changed file", function ()
		local text = quick "luaclib/core/token/jws.c";
		assert.matches("^Prosody 0%.12 spec/prosody/[%w_]+_spec%.lua\n", text);
		assert.not_matches("Prosody 13", text);
	end);

	it("is, for a live spec that changed, that one", function ()
		assert.equal("Prosody 0.12 spec/prosody/evening_spec.lua\n", quick "spec/prosody/evening_spec.lua");
	end);

	it("is no live spec for a change that none covers, and none for no change", function ()
		assert.equal("", quick "LICENSE");
		assert.equal("", quick "");
	end);

	local told = { SPEC = "is nosuch; no spec file has that in its name", PROSODY = "is 13; it is 0.12 or 13.0" };
	for name, wrong in pairs(told) do
		it(("is nothing for a %s that there is not, and that is told"):format(name), function ()
			local pipe = io.popen(("SPEC= PROSODY= %s=%s spec/support/check/check.sh core packaging prosody 2>&1"):format(name,
				wrong:match "is (%w+)"));
			assert.equal(("check.sh: %s %s\n"):format(name, wrong), pipe:read("a"));
			assert.same({ nil, "exit", 2 }, { pipe:close() });
		end);
	end
end);
