/* How long things take, as counts in buckets that grow fourfold: cheap to count, enough to see a queue grow. */
#ifndef SKOTOS_LATENCY_H
#define SKOTOS_LATENCY_H

#include <stdint.h>

/* Upper bounds of the buckets but the last, which has none: 0.25 ms, 1 ms, 4 ms, … 4.096 s, 16.384 s. */
#define LATENCY_BOUNDS 9
#define LATENCY_FIRST_NS INT64_C(250000)

struct latency {
    uint64_t buckets[LATENCY_BOUNDS + 1]; /* each counts what is above the bound before it */
    uint64_t count;
    int64_t sum_ns;
};

/* The bound of bucket `i`, 0 to LATENCY_BOUNDS - 1, in nanoseconds. */
int64_t latency_bound_ns(int i);

/* Counts what began at `since_ns` (CLOCK_MONOTONIC) and ends now. */
void latency_count(struct latency *latency, int64_t since_ns);

#endif
