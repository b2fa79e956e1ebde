-- mutants.lua COUNT SEED TREE PART OF [PATTERN]: changes one line at a time of the C core, the link and the module's
-- Lua in the copy of the tree at TREE, builds it, and runs the spec files that cover the changed file until one fails.
-- Of the COUNT mutants that SEED chooses, it does every OF-th from PART on. PATTERN: only files whose path has it. A
-- mutant that no spec notices is told as "LIVES", with what it was.

package.path = "spec/mutants/?.lua;" .. package.path;
local operators = require "operators";
local tree = require "tree";
local contents, write, runs = tree.contents, tree.write, tree.runs;

local COUNT, SEED, TREE, PART, OF, PATTERN = tonumber(arg[1]), tonumber(arg[2]), arg[3], tonumber(arg[4]),
	tonumber(arg[5]), arg[6] or "";

local function lines_of(command)
	local lines, pipe = {}, assert(io.popen(command));
	for line in pipe:lines() do lines[#lines + 1] = line; end
	pipe:close();
	return lines;
end

-- A number by chance that a mutant has by SEED and by itself alone, so that a change elsewhere leaves the choice of the
-- others as it is: FNV-1a of 64 bits, mixed.
local function lot(text)
	local hash = 0xcbf29ce484222325 ~ SEED;
	for i = 1, #text do hash = (hash ~ text:byte(i)) * 0x100000001b3; end
	hash = (hash ~ (hash >> 33)) * 0x7fb5d329728ea185;
	return hash ~ (hash >> 29);
end

-- What may be changed: { file =, number =, was =, is =, lot = }, by lot.
local function candidates()
	local all, seen = {}, {}; -- seen: the same change -> how often it came

	for _, file in ipairs(lines_of "git ls-files luaclib mod_skotos_bridge") do
		local is_c = file:find "^luaclib/core/.*%.c$" or file:find "^luaclib/link/.*%.c$";
		if (is_c or file:find "%.lua$") and not file:find "/ctl/" and file:find(PATTERN) then
			local number, long = 0, false; -- whether within a comment of many lines
			for line in contents(file):gmatch "([^\n]*)\n" do
				number = number + 1;
				if line:find "^%s*/%*" then long = true; end
				for _, is in ipairs(long and {} or operators.mutants_of(line, is_c)) do
					local key = file .. "\n" .. line .. "\n" .. is;
					seen[key] = (seen[key] or 0) + 1;
					all[#all + 1] = { file = file, number = number, was = line, is = is, lot = lot(key .. "\n" .. seen[key]) };
				end
				if line:find "%*/" then long = false; end
			end
		end
	end
	table.sort(all, function (a, b) return math.ult(a.lot, b.lot); end);
	return all;
end

local function changed(mutant)
	local number = 0;
	return (contents(mutant.file):gsub("([^\n]*)\n", function (line)
		number = number + 1;
		return (number == mutant.number and mutant.is or line) .. "\n";
	end));
end

local all_specs = {};
for _, spec in ipairs(lines_of "find spec/luaclib spec/mod_skotos_bridge -name '*_spec.lua'") do
	all_specs[spec] = true;
end

-- The spec files that cover `file`, the nearest first; and how many of them are of the same room.
local function specs_of(file)
	local list = {};
	local own = file:gsub("%.lib%.lua$", "_spec.lua"):gsub("%.c$", "_spec.lua"):gsub("^", "spec/"):gsub("/skotos_bridge/",
		"/", 1);
	local room, part = own:match "^(.*)/", own:match "^spec/[^/]+/[^/]+";
	local function distance(spec)
		return spec == own and 0 or spec:find(room, 1, true) == 1 and 1 or spec:find(part, 1, true) == 1 and 2
			or spec:find "/link/" and 4 or 3;
	end
	for spec in pairs(all_specs) do
		if (file:find "^luaclib" ~= nil) == (spec:find "^spec/luaclib" ~= nil) then list[#list + 1] = spec; end
	end
	table.sort(list, function (a, b)
		if distance(a) ~= distance(b) then return distance(a) < distance(b); end
		return a < b;
	end);
	local near = 0;
	for _, spec in ipairs(list) do near = near + (distance(spec) < 2 and 1 or 0); end
	for line in contents("spec/support/check/covers"):gmatch "[^\n]+" do
		local pattern, names = line:match "^([^#\t]+)\t(.+)$";
		-- The pattern is one of grep's.
		if pattern and runs(("printf '%%s' '%s' | grep -qE '%s'"):format(file, pattern)) then
			for name in names:gmatch "%S+" do list[#list + 1] = ("spec/prosody/%s_spec.lua"):format(name); end
			break;
		end
	end
	return list, near;
end

-- How `file` is looked at, the quickest first: { spec =, sanitized = }. Under the sanitizers it is what drives C code
-- of the same room, or, where its room has no spec, all.
local function looks_at(file)
	local quick, slow, live = {}, {}, {};
	local specs, near = specs_of(file);
	for i, spec in ipairs(specs) do
		local list = spec:find "^spec/prosody" and live or quick;
		list[#list + 1] = { spec = spec };
		if file:find "%.c$" and list == quick and (near == 0 or i <= near) then
			slow[#slow + 1] = { spec = spec, sanitized = true };
		end
	end
	if slow[1] then slow[#slow + 1] = { spec = "spec/support/memory/allocation.lua" }; end -- make check's stage allocation
	table.move(slow, 1, #slow, #quick + 1, quick);
	return table.move(live, 1, #live, #quick + 1, quick);
end

local sound = {}; -- spec file, and how -> whether it was seen to pass with nothing changed

local function passes(look, file, built)
	local how = look.sanitized == true;
	if not built[how] then built[how] = tree.builds(TREE, file, how) and "yes" or "no"; end
	if built[how] == "no" or tree.passes(TREE, look.spec, how) then return true; end
	-- A live one may have failed since the machine had too much to do.
	return look.spec:find "^spec/prosody" ~= nil and tree.passes(TREE, look.spec, how);
end

-- The spec that notices `mutant`, nil if none does; false when it does not build.
local function noticed_by(mutant)
	local path, built, noticed = TREE .. "/" .. mutant.file, {}, nil;
	write(path, changed(mutant));
	if not tree.builds(TREE, mutant.file, false) then
		noticed = false;
	else
		for _, look in ipairs(looks_at(mutant.file)) do
			local key = look.spec .. (look.sanitized and " sanitized" or "");
			if sound[key] ~= false and not passes(look, mutant.file, built) then
				if sound[key] == nil then
					write(path, contents(mutant.file));
					sound[key] = passes(look, mutant.file, {});
					write(path, changed(mutant));
					built = {};
				end
				if sound[key] then
					noticed = key;
					break;
				end
				print(("%s fails with nothing changed: it is left out"):format(key));
			end
		end
	end
	write(path, contents(mutant.file));
	return noticed;
end

local function spared()
	local list = {};
	for line in contents "spec/mutants/spared":gmatch "[^\n]+" do
		local file, was, is = line:match "^([^#\t]+)\t([^\t]+)\t([^\t]+)\t.";
		if file then list[file .. "\t" .. was .. "\t" .. is] = true; end
	end
	return list;
end

local function trimmed(text) return (text:match "^%s*(.-)%s*$"); end

local all, named, died, lived = candidates(), spared(), 0, 0;
io.stdout:setvbuf "line";
for n = 1, COUNT do
	local mutant = table.remove(all, 1);
	if n % OF == PART % OF then
		local begun = os.time();
		local noticed = noticed_by(mutant);
		while noticed == false do -- this one says nothing: another of the same file
			local next_one;
			for i, other in ipairs(all) do
				if not next_one and i > COUNT - n and other.file == mutant.file then next_one = i; end
			end
			if not next_one then break; end
			mutant = table.remove(all, next_one);
			noticed = noticed_by(mutant);
		end
		local key = mutant.file .. "\t" .. trimmed(mutant.was) .. "\t"
			.. (trimmed(mutant.is) == "" and "(left out)" or trimmed(mutant.is));
		if noticed then
			died = died + 1;
			print(("dies   %s:%d  %s (%d s)"):format(mutant.file, mutant.number, noticed, os.time() - begun));
		elseif noticed == nil and named[key] then
			print(("spared %s:%d  %s"):format(mutant.file, mutant.number, trimmed(mutant.was)));
		elseif noticed == nil then
			lived = lived + 1;
			print(("LIVES  %s (line %d, %d s)"):format(key, mutant.number, os.time() - begun));
		end
	end
end
print(("part %d: %d died, %d live"):format(PART, died, lived));
