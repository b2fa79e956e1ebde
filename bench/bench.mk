# make bench: this module beside what it replaces, in one run on one machine. Everything it measures against comes from npm and Debian.
#   make bench                       all rows, 15 minutes (20 on a busy machine); writes bench/results.json and bench/plots/
#   make bench BENCH_QUICK=1         a look at the rows, but for 500 in a room, in three minutes; writes nothing
#   make bench ROWS="compute burst"  only these parts
#   make bench-instructions          instructions per request, the same on a busy machine
BENCH_PACKAGES := $(RUN_PACKAGES) valgrind
BENCH_SOURCES := bench/contenders.c bench/contenders_main.c bench/floor.c
BENCH_CFLAGS := -std=c11 -O2 -g $(C_WARNINGS) $(C_HARDENING) $(MODULE_INCLUDES)
CORE_OBJECTS = $(CORE_SOURCES:luaclib/%.c=$(BUILD)/obj/%.o)

build/bench/.ready: bench/package.json bench/package-lock.json
	@mkdir -p $(@D)
	cp bench/package.json bench/package-lock.json $(@D)/
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

build/bench/contenders: $(BENCH_SOURCES) bench/contenders.h bench/floor.h $(CORE_OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ $(BENCH_SOURCES) $(CORE_OBJECTS) $(MODULE_LIBS)

build/bench/wire: bench/wire.c
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ bench/wire.c

build/bench/least: bench/least.c bench/floor.c bench/floor.h bench/contenders.h
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ bench/least.c bench/floor.c -lcrypto

.PHONY: bench bench-packages bench-instructions
bench-packages:
	@packaging/need.sh $(BUILD_PACKAGES) $(BENCH_PACKAGES)

bench: bench-packages $(if $(filter 13.0,$(SKOTOS_PROSODY)),build/prosody13/.ready) $(BUILD)/skotos_bridge.so $(BUILD)/skotos_probes.so build/game build/bench/.ready build/bench/contenders build/bench/wire build/bench/least ## speed beside what it replaces: a table, bench/results.json, bench/plots
	@NODE_PATH=build/bench/node_modules node bench/run.js $(ROWS)

bench-instructions: bench-packages $(BUILD)/skotos_bridge.so build/game build/bench/.ready build/bench/contenders build/bench/wire build/bench/least ## instructions per request, token, join and login, by callgrind
	@bench/instructions.sh
	@NODE_PATH=build/bench/node_modules node bench/join_instructions.js
	@NODE_PATH=build/bench/node_modules node bench/shares.js
