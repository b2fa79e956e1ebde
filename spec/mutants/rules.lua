-- Rules that attackers have tried to get around, each broken once: `make mutants RULES=1` breaks them one by one and
-- sees that the named spec notices. file: where `was` stands once; `is`: what it becomes; spec, test: who has to notice
-- (a part of the tests' names, a Lua pattern); only: the one Prosody that is needed for it.
local rules = {};
for _, part in ipairs { "core", "room", "server" } do
	for _, rule in ipairs(require("rules." .. part)) do rules[#rules + 1] = rule; end
end
return rules;
