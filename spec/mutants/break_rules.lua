-- break_rules.lua TREE PART OF: breaks each rule of rules.lua once in the copy of the tree at TREE and looks whether
-- the spec that it names notices, a live one on both Prosodys. Does every OF-th rule from PART on.

package.path = "spec/mutants/?.lua;" .. package.path;
local rules = require "rules";
local tree = require "tree";

local TREE, PART, OF = arg[1], tonumber(arg[2]), tonumber(arg[3]);

-- The Prosodys on which `rule` is looked at: where `only` one of them needs it, that one.
local function versions(rule)
	if rule.only then return { rule.only }; end
	return rule.spec:find "^spec/prosody" and { "0.12", "13.0" } or { "0.12" };
end

-- The text of the rule's file with the rule broken; nil where what is to be changed does not stand there once.
local function broken(rule)
	local text = tree.contents(rule.file);
	local first, last = text:find(rule.was, 1, true);
	if not first or text:find(rule.was, last + 1, true) then return nil; end
	return text:sub(1, first - 1) .. rule.is .. text:sub(last + 1);
end

-- "dies", "LIVES" with where, or "STALE" for a rule that is written otherwise by now.
local function look(rule)
	local text = broken(rule);
	if not text then return "STALE", "what was to be changed does not stand there once"; end
	local path, verdict, where = TREE .. "/" .. rule.file, "dies", {};
	tree.write(path, text);
	if not tree.builds(TREE, rule.file) then
		verdict, where = "STALE", { "it does not build" };
	else
		for _, version in ipairs(versions(rule)) do
			if tree.runs(("SKOTOS_PROSODY=%s; export SKOTOS_PROSODY; %s"):format(version,
					tree.looking(TREE, rule.spec, false, rule.test))) then
				verdict = "LIVES";
				where[#where + 1] = version;
			end
		end
	end
	tree.write(path, tree.contents(rule.file));
	return verdict, table.concat(where, ", ");
end

io.stdout:setvbuf "line";
for i, rule in ipairs(rules) do
	if i % OF == PART % OF then
		local begun = os.time();
		local verdict, where = look(rule);
		print(("%-6s %s  %s  %s (%d s)"):format(verdict, rule.file, rule.rule, where, os.time() - begun));
	end
end
