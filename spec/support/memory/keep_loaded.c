/* Preloaded beside a sanitizer, and under valgrind. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int dlclose(void *handle);

/* A module that Lua closes at its end stays in memory, so that a report can name it. */
int dlclose(void *handle) {
    (void)handle;
    return 0;
}

/* What Lua starts (openssl, node, a shell) runs without the sanitizer: it is not ours, and many times slower with it.
 */
__attribute__((constructor)) static void end_preloading(void) {
    if (strncmp(program_invocation_short_name, "lua", 3) == 0) {
        unsetenv("LD_PRELOAD");
    }
}
