-- How make check and make quick choose what they run: their shell functions, with a job that only says its name.
local function chosen(script)
	local pipe = assert(io.popen(([[SPEC= folder=spec/support/check bash -uc '
		. $folder/specs.sh; . $folder/quick.sh
		job() { echo "$1"; }; need() { :; }
		%s' 2>&1]]):format(script)));
	local text = pipe:read("a");
	return (pipe:close()), text;
end

describe("what is run", function ()
	it("is a job for each file", function ()
		local well, text = chosen "specs core A=b spec/one_spec.lua spec/two_spec.lua";
		assert.is_true(well);
		assert.equal("core spec/one_spec.lua\ncore spec/two_spec.lua\n", text);
	end);

	it("is nothing where there is no file", function ()
		local well, text = chosen "specs core A=b";
		assert.is_true(well);
		assert.equal("", text);
	end);

	local function quick(changed)
		return chosen(([[changed_files() { echo %s; }; stage_lint() { :; }; stage_core() { :; };
			stage_quick]]):format(changed));
	end

	it("is on one Prosody, for a change, what covers the changed file", function ()
		local well, text = quick "luaclib/core/token/jws.c";
		assert.is_true(well);
		assert.matches("^Prosody 0%.12 spec/prosody/[%w_]+_spec%.lua\n", text);
		assert.not_matches("Prosody 13", text);
	end);

	it("is, for a live spec that changed, that one", function ()
		local well, text = quick "spec/prosody/evening_spec.lua";
		assert.is_true(well);
		assert.equal("Prosody 0.12 spec/prosody/evening_spec.lua\n", text);
	end);

	it("is no live spec for a change that none covers, and none for no change", function ()
		for _, changed in ipairs { "LICENSE", "" } do
			local well, text = quick(changed);
			assert.is_true(well);
			assert.equal("", text);
		end
	end);
end);
