/* How long the steps of a link or a listener take, of which Prosody's loop waits for each. */
#ifndef SKOTOS_STEP_TIMES_H
#define SKOTOS_STEP_TIMES_H

#include <stdint.h>

struct step_times {
    uint64_t steps;
    int64_t longest_ns;     /* by the clock on the wall, with whatever else the machine did in between */
    int64_t longest_cpu_ns; /* by what the step itself needed of the processor */
};

struct step_begun {
    int64_t at_ns, cpu_ns;
};

/* A step begins in this thread. */
struct step_begun step_begin(void);

/* It has ended: counts it. */
void step_end(struct step_times *times, struct step_begun begun);

#endif
