# What the stages asan and valgrind of make check need beside the module.
build/memory/keep_loaded.so: spec/support/memory/keep_loaded.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC -o $@ $<
