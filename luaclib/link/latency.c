#define _POSIX_C_SOURCE 200809L
#include "latency.h"

#include <time.h>

int64_t latency_bound_ns(int i) { return LATENCY_FIRST_NS << (2 * i); }

void latency_count(struct latency *latency, int64_t since_ns) {
    struct timespec now;
    int i = 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t took_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - since_ns;
    while (i < LATENCY_BOUNDS && took_ns > latency_bound_ns(i)) {
        i++;
    }
    latency->buckets[i]++;
    latency->count++;
    latency->sum_ns += took_ns;
}
