#define _GNU_SOURCE
#include "step_times.h"

#include "wakeup.h"

#include <time.h>

/* What the thread has had of the processor. */
static int64_t thread_cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void keep_longest(int64_t *longest_ns, int64_t took_ns) {
    *longest_ns = took_ns > *longest_ns ? took_ns : *longest_ns;
}

struct step_begun step_begin(void) {
    return (struct step_begun){.at_ns = wakeup_now_ns(), .cpu_ns = thread_cpu_ns()};
}

void step_end(struct step_times *times, struct step_begun begun) {
    times->steps++;
    keep_longest(&times->longest_ns, wakeup_now_ns() - begun.at_ns);
    keep_longest(&times->longest_cpu_ns, thread_cpu_ns() - begun.cpu_ns);
}
