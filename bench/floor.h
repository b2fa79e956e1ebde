/* The floor: what a token costs when nothing is checked, escaped or configurable. snprintf, OpenSSL's HMAC keyed once,
 * base64url. Its tokens hold the same claims as ours. */
#ifndef SKOTOS_BENCH_FLOOR_H
#define SKOTOS_BENCH_FLOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys the HMAC with the NUL-terminated `secret`. */
bool floor_begin(const char *secret);

/* Writes a token for the NUL-terminated `name` and `channel` to `out`, which has room for 1024 bytes, NUL-terminated.
 * Returns its length, 0 on failure. */
size_t floor_token(char out[1024], const char *name, const char *channel, int64_t now, int64_t valid_for);

#endif
