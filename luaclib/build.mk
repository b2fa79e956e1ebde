# The C module. Other builds of it (another compiler, a sanitizer) set BUILD, CC and SANITIZE:
#   make BUILD=build/clang CC=clang
#   make BUILD=build/asan CC=clang SANITIZE=address,undefined

ifeq ($(origin CC),default)
CC := gcc
endif
SANITIZE ?=
LUA_CFLAGS := -isystem /usr/include/lua5.4

# The rooms, from the ground up. A file finds the headers of its own room and of those before it in this list, and no others, so that an
# arrow upwards does not build; only the binding finds Lua's.
MODULE_ROOMS := core/text core/report core/request core/policy core/token core/reply core/wire core/respond host link binding
MODULE_INCLUDES := $(MODULE_ROOMS:%=-Iluaclib/%)
MODULE_SOURCES := $(wildcard $(MODULE_ROOMS:%=luaclib/%/*.c))
MODULE_OBJECTS := $(MODULE_SOURCES:luaclib/%.c=$(BUILD)/obj/%.o)
CORE_SOURCES := $(filter-out luaclib/binding/%,$(MODULE_SOURCES))

define module_room
$(BUILD)/obj/$(1)/%.o: ROOM_INCLUDES := $(ROOMS_BELOW) $(if $(filter binding,$(1)),$(LUA_CFLAGS))
ROOMS_BELOW += -Iluaclib/$(1)
endef
ROOMS_BELOW :=
$(foreach room,$(MODULE_ROOMS),$(eval $(call module_room,$(room))))

# Debian's own hardening (dpkg-buildflags) on top of ours when the package is built.
C_WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
C_HARDENING := $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2) -fstack-protector-strong
# No tables for unwinding in memory: no exception passes through C, Lua's errors are longjmp, debuggers read .debug_frame.
MODULE_CFLAGS = -std=c11 -O2 -g -fPIC -fvisibility=hidden -fno-asynchronous-unwind-tables $(C_WARNINGS) $(C_HARDENING) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all) $(COVERAGE) $(CPPFLAGS) $(CFLAGS)
MODULE_LDFLAGS = -shared -Wl,-z,relro,-z,now,-z,noexecstack \
	-Wl,--version-script=luaclib/exports.map $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(COVERAGE) $(LDFLAGS)
MODULE_LIBS := -ljwt -ljansson -licuuc -lssl -lcrypto -lm

C_HEADERS := /usr/include/lua5.4/lua.h /usr/include/jwt.h /usr/include/jansson.h /usr/include/unicode/unorm2.h /usr/include/openssl/ssl.h

$(BUILD)/obj/%.o: luaclib/%.c | $(C_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(MODULE_CFLAGS) $(ROOM_INCLUDES) -MMD -MP -c -o $@ $<

# What bridge.version says; anew only where it is another.
.PHONY: version
$(BUILD)/obj/version.h: version
	@mkdir -p $(@D)
	@echo "#define VERSION \"$$(packaging/version.sh)\"" | cmp -s - $@ || echo "#define VERSION \"$$(packaging/version.sh)\"" >$@
$(BUILD)/obj/binding/lua_bridge.o: ROOM_INCLUDES += -I$(BUILD)/obj
$(BUILD)/obj/binding/lua_bridge.o: $(BUILD)/obj/version.h

$(BUILD)/skotos_bridge.so: $(MODULE_OBJECTS) luaclib/exports.map
	$(CC) -o $@ $(MODULE_OBJECTS) $(MODULE_LDFLAGS) $(MODULE_LIBS)

-include $(MODULE_OBJECTS:.o=.d)

# The builds of make check, each in its own folder.
.PHONY: clang-build sanitized-build
clang-build:
	@$(MAKE) --no-print-directory BUILD=build/clang CC=clang build/clang/skotos_bridge.so
sanitized-build:
	@$(MAKE) --no-print-directory BUILD=build/asan CC=clang SANITIZE=address,undefined build/asan/skotos_bridge.so build/asan/skotos_probes.so
