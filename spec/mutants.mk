# make mutants: whether the specs see what a slip of the hand would do; MUTANTS=100 of them, chosen by SEED, JOBS=2 at a time, IN=core/token: there only.
# RULES=1: each rule of spec/mutants/rules.lua broken once instead.
.PHONY: mutants
mutants: build/npm/.ready build/prosody13/.ready ## changes a line at a time and looks whether a spec notices; fails under 95 of 100
	@spec/mutants/run.sh $(if $(RULES),rules,$(or $(MUTANTS),100) $(or $(SEED),1)) $(or $(JOBS),2) $(IN)
