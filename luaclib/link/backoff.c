#include "backoff.h"

void backoff_reset(struct backoff *backoff) { backoff->delay_ms = 0; }

/* xorshift64*: it need not be secret, only different on each server. */
static uint32_t jitter(struct backoff *backoff, uint32_t below) {
    uint64_t x = backoff->random ? backoff->random : 1;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    backoff->random = x;
    return (uint32_t)((x * UINT64_C(0x2545F4914F6CDD1D)) >> 32) % below;
}

uint32_t backoff_next(struct backoff *backoff) {
    uint32_t delay = backoff->delay_ms ? backoff->delay_ms : BACKOFF_FIRST_MS;
    uint32_t grown = delay + delay / 4;
    backoff->delay_ms = grown < BACKOFF_LAST_MS ? grown : BACKOFF_LAST_MS;
    return delay / 2 + jitter(backoff, delay - delay / 2 + 1);
}
