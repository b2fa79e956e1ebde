# make fuzz: each of fuzz/targets for a minute; SECONDS=3600 for longer, TARGETS="frame path" for some, JOBS=2 for two at a time.
# Inputs come from fuzz/seeds and from what earlier runs grew in build/fuzz/corpus; finds stay in build/fuzz/finds.
FUZZ_PACKAGES := clang libclang-rt-14-dev
FUZZ_TARGETS := $(patsubst fuzz/targets/%.c,%,$(wildcard fuzz/targets/*.c))
FUZZ_OBJECTS := $(CORE_SOURCES:luaclib/%.c=build/fuzz/obj/%.o) build/fuzz/obj/oracle.o
FUZZ_CFLAGS := -std=c11 -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all $(C_WARNINGS) $(MODULE_INCLUDES) -Ifuzz

build/fuzz/obj/%.o: luaclib/%.c | $(C_HEADERS)
	@mkdir -p $(@D)
	@clang $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<

build/fuzz/obj/%.o: fuzz/%.c | $(C_HEADERS)
	@mkdir -p $(@D)
	@clang $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<

build/fuzz/target/%: fuzz/targets/%.c $(FUZZ_OBJECTS)
	@mkdir -p $(@D)
	@clang $(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined -MMD -MP -MF $@.d -o $@ $< $(FUZZ_OBJECTS) $(MODULE_LIBS)

.PRECIOUS: build/fuzz/obj/%.o
.PHONY: fuzz fuzz-packages fuzz-targets
fuzz-targets: $(addprefix build/fuzz/target/,$(FUZZ_TARGETS))

fuzz-packages:
	@packaging/need.sh $(BUILD_PACKAGES) $(FUZZ_PACKAGES)

fuzz: fuzz-packages ## each fuzz target for SECONDS (60), JOBS (1) at a time; TARGETS chooses some
	@$(MAKE) --no-print-directory -j2 $(addprefix build/fuzz/target/,$(or $(TARGETS),$(FUZZ_TARGETS)))
	@fuzz/run.sh $(or $(SECONDS),60) $(or $(JOBS),1) $(or $(TARGETS),$(FUZZ_TARGETS))

-include $(FUZZ_OBJECTS:.o=.d) $(FUZZ_TARGETS:%=build/fuzz/target/%.d)
