/* When a token is good: its claims of time (RFC 7519 section 4.1), and one of ours. */
#ifndef SKOTOS_VALIDITY_H
#define SKOTOS_VALIDITY_H

#include "claims.h"
#include "fault.h"
#include "verdict.h"

#include <stdint.h>

/* Seconds that `exp` may lie ahead: ten years. What lies farther ahead never expires, or counts milliseconds. */
#define VALIDITY_FAR_S INT64_C(315360000)

/* Our own claim: the time, in seconds since the epoch, by which a token has to have been used for the first time.
 * Jitsi's page gives up a connection that breaks after `exp`, so where our login checks, `exp` is an evening's end, and
 * the time that the game wished for stands here. */
#define VALIDITY_USE_BY "skotos_use_by"

struct validity_rules {
    int64_t leeway;     /* seconds by which clocks may differ */
    int64_t old_before; /* a token without `exp` is good when its `iat` lies before this… */
    int64_t old_until;  /* …until this; both in seconds since the epoch, 0: it never is */
};

/* Seconds after `exp` for which a token whose time is over is let pass. */
#define VALIDITY_STRICT INT64_C(0)
#define VALIDITY_EVER INT64_MAX /* nothing of its expiry is looked at, not even whether it has any */

/* Checks nbf, exp and VALIDITY_USE_BY at `now` (seconds since the epoch, 0 to 2^53). Returns VERDICT_OK, or
 * VERDICT_CLAIM, VERDICT_NOT_YET, or VERDICT_EXPIRED when nothing but that is wrong, with `fault` set. */
enum verdict validity_verify(const struct validity_rules *rules, const struct claims *claims, int64_t now,
                             int64_t pardon, struct fault *fault);

#endif
