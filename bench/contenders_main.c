/* Runs one contender at a time, as its lines on stdin say:
 *
 *   NAME MS       for about MS milliseconds of CPU time -> NAME COUNT CPU-NANOSECONDS SAMPLE-IN-HEX
 *
 * or, given NAME COUNT as arguments, does the work that often and ends (for callgrind). */
#define _GNU_SOURCE
#include "contenders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 1024

static int64_t cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool measure(const struct contender *contender, int64_t ms) {
    size_t count = 0;
    if (!contender->run(BATCH)) {
        return false;
    }
    int64_t from = cpu_ns(), now;
    do {
        if (!contender->run(BATCH)) {
            return false;
        }
        count += BATCH;
        now = cpu_ns();
    } while (now - from < ms * 1000000);
    printf("%s %zu %lld ", contender->name, count, (long long)(now - from));
    for (const char *at = contender_sample; *at; at++) {
        printf("%02x", (unsigned char)*at);
    }
    putchar('\n');
    return true;
}

int main(int argc, char **argv) {
    char line[128], name[64];
    long ms;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!contenders_begin()) {
        fputs("a library refuses its key\n", stderr);
        return 1;
    }
    if (argc == 3) {
        const struct contender *contender = contender_find(argv[1]);
        return contender && contender->run(strtoul(argv[2], NULL, 10)) ? 0 : 1;
    }
    while (fgets(line, sizeof line, stdin)) {
        const struct contender *contender = sscanf(line, "%63s %ld", name, &ms) == 2 ? contender_find(name) : NULL;
        if (!contender || !measure(contender, ms)) {
            fprintf(stderr, "%s: not a contender, or its result is wrong\n", line);
            return 1;
        }
    }
    return 0;
}
