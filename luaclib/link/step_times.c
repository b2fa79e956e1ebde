#include "step_times.h"

#include "wakeup.h"

void step_end(struct step_times *times, int64_t begun_ns) {
    int64_t took_ns = wakeup_now_ns() - begun_ns;
    times->steps++;
    times->longest_ns = took_ns > times->longest_ns ? took_ns : times->longest_ns;
}
