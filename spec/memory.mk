# What the stages asan and valgrind of make check need beside the module.
build/memory/keep_loaded.so: spec/support/memory/keep_loaded.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC -o $@ $<

# The C core and the binding with allocations that fail (spec/support/memory/allocation.c): clang and its sanitizers unless told otherwise.
ALLOCATION_SOURCES := $(addprefix spec/support/memory/,failing.c allocation.c queues.c system_calls.c) $(wildcard spec/support/probes/*.c)
ALLOCATION_FLAGS := -std=c11 -O1 -g -fno-omit-frame-pointer $(C_WARNINGS) -Wno-reserved-identifier $(MODULE_INCLUDES) -I$(BUILD)/obj \
	-isystem /usr/include/lua5.4
# Besides allocations, the system calls that are made to fail.
ALLOCATION_CALLS := socket connect bind listen accept4 recv send epoll_create1 timerfd_create epoll_ctl getsockopt
ALLOCATION_WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup $(ALLOCATION_CALLS:%=-Wl,--wrap=%)
build/memory/allocation: $(ALLOCATION_SOURCES) $(MODULE_SOURCES) spec/support/memory/failing.h | $(C_HEADERS) $(BUILD)/obj/version.h
	@mkdir -p $(@D)
	@clang $(ALLOCATION_FLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all $(ALLOCATION_WRAP) -o $@ $(ALLOCATION_SOURCES) \
		$(MODULE_SOURCES) $(MODULE_LIBS) -llua5.4
