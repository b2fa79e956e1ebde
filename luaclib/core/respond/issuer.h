/* One game as the core sees it: what it may send, what it may have, and the key that signs for it. Turns a request's
 * bytes into its reply. */
#ifndef SKOTOS_ISSUER_H
#define SKOTOS_ISSUER_H

#include "padded_reply.h"
#include "policy.h"
#include "request.h"
#include "token_maker.h"

struct issuer {
    struct request_rules rules;
    struct policy policy;
    struct token_maker *maker; /* owned */
    size_t max_frame;          /* bytes of one request (skotos_max_frame) */
};

/* Frees all that `game` owns, not `game` itself. */
void issuer_free(struct issuer *issuer);

/* Writes the open reply (padded_reply.h) to a sound `request` to the `room` bytes at `out`: its token, or the failure
 * that the policy makes of it, which is then in `fault` (else its code is FAULT_NONE). `frame_size` is the size of the
 * sender's reply frame, 0 for any: a token that does not fit becomes a failure. `now` in seconds since the epoch.
 * Returns the length, 0 when not even a failure fits. */
size_t issuer_reply(const struct issuer *issuer, const struct request *request, int64_t now, size_t frame_size,
                    char *out, size_t room, struct fault *fault);

/* Writes the token that the policy grants to `request` to the `room` bytes at `out`. Returns its length, or 0 with
 * `fault` set. */
size_t issuer_token(const struct issuer *issuer, const struct request *request, int64_t now, char *out, size_t room,
                    struct fault *fault);

/* Writes the open reply that says why `fault` kept a request from its token. Same returns. */
size_t issuer_refusal(bool numbered, int64_t seq, const struct fault *fault, int64_t now, char *out, size_t room);

/* Reads (`bytes`, `len`) as a request and writes its whole reply frame, filled to `size` bytes (0: bare), to the `room`
 * bytes at `out`. Returns its length, 0 when it does not fit. */
size_t issuer_reply_frame(const struct issuer *issuer, const char *bytes, size_t len, int64_t now, size_t size,
                          char *out, size_t room);

#endif
