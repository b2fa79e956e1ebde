/* How long to wait before the next try to connect: grows by a quarter from BACKOFF_FIRST_MS to BACKOFF_LAST_MS, with
 * jitter, so that a game that restarts is found again soon and one that stays away is not pestered. */
#ifndef SKOTOS_BACKOFF_H
#define SKOTOS_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_LAST_MS 30000

struct backoff {
    uint32_t delay_ms; /* the next delay before jitter; 0: begin at BACKOFF_FIRST_MS */
    uint64_t random;   /* state of the jitter, any value */
};

/* After a success: the next failure waits BACKOFF_FIRST_MS again. */
void backoff_reset(struct backoff *backoff);

/* Milliseconds to wait now, between half of the current delay and all of it. */
uint32_t backoff_next(struct backoff *backoff);

#endif
