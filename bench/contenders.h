/* What is measured in C: each a function that does its work once. */
#ifndef SKOTOS_BENCH_CONTENDERS_H
#define SKOTOS_BENCH_CONTENDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The same for all, in settings.js, in contenders.lua and in the specs' Prosody. */
#define BENCH_SECRET "a-secret-for-the-specs-of-40-characters!"
#define BENCH_NAME "Bob"
#define BENCH_CHANNEL "jitsi_chat_default"
#define BENCH_VALID_FOR 600

struct contender {
    const char *name;
    /* Does its work `count` times. False when a result is not what it must be. */
    bool (*run)(size_t count);
};

/* What the last run made, a token or a whole reply, for others to check; NUL-terminated. */
extern char contender_sample[32768];

/* The time in seconds at which tokens are made and checked: that of the start. */
extern int64_t contender_now;

/* Readies all. False when a library refuses. */
bool contenders_begin(void);

/* The contender called `name`, or NULL. */
const struct contender *contender_find(const char *name);

/* The one with this index, or NULL behind the last. */
const struct contender *contender_at(size_t index);

#endif
