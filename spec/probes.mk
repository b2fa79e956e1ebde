# The specs' and the bench's look into the core: a library of its own (spec/support/probes), so that nothing of it is installed.
PROBE_SOURCES := $(wildcard spec/support/probes/*.c)
PROBE_OBJECTS := $(PROBE_SOURCES:spec/support/probes/%.c=$(BUILD)/obj/probes/%.o)
PROBE_CORE = $(filter-out %/lua_bridge.o,$(MODULE_OBJECTS))

$(BUILD)/obj/probes/%.o: spec/support/probes/%.c | $(C_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(MODULE_CFLAGS) $(MODULE_INCLUDES) $(LUA_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/skotos_probes.so: $(PROBE_OBJECTS) $(PROBE_CORE)
	$(CC) -shared -o $@ $^ $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(COVERAGE) $(LDFLAGS) $(MODULE_LIBS)

-include $(PROBE_OBJECTS:.o=.d)
