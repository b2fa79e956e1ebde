/* Makes tokens: JWTs signed with HS256, or HS384 or HS512 where the server wants that (RFC 7519, RFC 7515, RFC 7518
 * section 3.2), with the claims that Jitsi's modules read. */
#ifndef SKOTOS_TOKEN_MAKER_H
#define SKOTOS_TOKEN_MAKER_H

#include "hmac.h"
#include "policy.h"
#include "request.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest token that is made. */
#define TOKEN_MAX 12288

struct token_maker;

/* A maker for tokens of the issuer `app_id` and the subject `domain` (NUL-terminated), signed with the HMAC of `digest`
 * under the `secret_len` bytes of `secret`; all are copied. Returns NULL when memory is short or OpenSSL refuses. Free
 * with token_maker_free, which wipes the key. */
struct token_maker *token_maker_new(const char *app_id, const char *domain, enum hmac_digest digest, const void *secret,
                                    size_t secret_len);
void token_maker_free(struct token_maker *maker);

/* Writes the token for `request` as granted, issued at `now` (seconds since the epoch), to the `room` bytes at `out`,
 * without a NUL. Returns its length, or 0 when it does not fit `room` or TOKEN_MAX, or OpenSSL failed. */
size_t token_make(struct token_maker *maker, const struct request *request, const struct grant *grant, int64_t now,
                  char *out, size_t room);

#endif
