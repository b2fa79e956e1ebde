/* How long the steps of a link or a listener take, of which Prosody's loop waits for each. */
#ifndef SKOTOS_STEP_TIMES_H
#define SKOTOS_STEP_TIMES_H

#include <stdint.h>

struct step_times {
    uint64_t steps;
    int64_t longest_ns; /* by the clock on the wall, with whatever else the machine did in between */
};

/* A step that began at `begun_ns` (wakeup_now_ns) has ended: counts it. */
void step_end(struct step_times *times, int64_t begun_ns);

#endif
