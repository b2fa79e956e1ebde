# make coverage: lines and branches of the C core that the core specs, a live Prosody and the allocation run reach. The core is every file
# of luaclib but the binding.
COVERAGE_PACKAGES := gcovr
COVERAGE_SPECS = $(shell find spec/luaclib spec/mod_skotos_bridge -name '*_spec.lua') $(or $(FILES),$(wildcard spec/prosody/evening_spec.lua \
	spec/prosody/link_spec.lua spec/prosody/lifecycle_spec.lua spec/prosody/command_spec.lua spec/prosody/command_refused_spec.lua \
	spec/prosody/event_spec.lua spec/prosody/games_spec.lua spec/prosody/listener_spec.lua spec/prosody/tls_spec.lua spec/prosody/ctl_check_spec.lua spec/prosody/ctl_tls_spec.lua))

build/coverage/memory/allocation: $(wildcard spec/support/memory/*.[ch]) $(MODULE_SOURCES) | $(C_HEADERS) $(BUILD)/obj/version.h
	@mkdir -p $(@D)/obj
	@cd $(@D)/obj && gcc $(subst -I,-I$(CURDIR)/,$(filter-out -Wno-reserved-identifier,$(ALLOCATION_FLAGS))) --coverage -O0 $(ALLOCATION_WRAP) \
		-o ../allocation $(addprefix $(CURDIR)/,$(ALLOCATION_SOURCES) $(MODULE_SOURCES)) $(MODULE_LIBS) -llua5.4

# The fuzz targets' seeds, played on the same objects.
COVERAGE_TARGETS = $(FUZZ_TARGETS:%=build/coverage/fuzz/%)
build/coverage/fuzz/%: fuzz/targets/%.c fuzz/replay.c fuzz/oracle.c fuzz/oracle.h build/coverage/skotos_bridge.so
	@mkdir -p $(@D)
	@gcc -std=c11 -O0 -g $(MODULE_INCLUDES) -Ifuzz -o $@ $< fuzz/replay.c fuzz/oracle.c $(CORE_SOURCES:luaclib/%.c=build/coverage/obj/%.o) --coverage $(MODULE_LIBS)

.PHONY: coverage
coverage: build/game build/npm/.ready ## lines and branches of the C core that the specs reach
	@packaging/need.sh $(BUILD_PACKAGES) $(RUN_PACKAGES) $(COVERAGE_PACKAGES)
	@$(MAKE) --no-print-directory -j2 BUILD=build/coverage CC=gcc COVERAGE=--coverage CFLAGS=-O0 C_HARDENING= build/coverage/skotos_bridge.so build/coverage/skotos_probes.so >/dev/null
	@$(MAKE) --no-print-directory -j2 build/coverage/memory/allocation $(COVERAGE_TARGETS) >/dev/null
	@spec/support/coverage.sh $(COVERAGE_SPECS)
