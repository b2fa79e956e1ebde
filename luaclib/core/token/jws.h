/* The envelope of a token: three segments, a header that says what we want to hear, a signature that holds (RFC 7515).
 */
#ifndef SKOTOS_JWS_H
#define SKOTOS_JWS_H

#include "claims.h"
#include "fault.h"
#include "name_list.h"
#include "verdict.h"

struct jws_verifier;

/* A verifier for exactly one algorithm. `secrets` for HS256, HS384, HS512; `public_key` (PEM) for RS* and ES*. NULL
 * with `fault` set when the algorithm is unknown or the key is not of its kind. */
struct jws_verifier *jws_verifier_new(const char *algorithm, const struct name_list *secrets, const char *public_key,
                                      struct fault *fault);
void jws_verifier_free(struct jws_verifier *verifier);

/* Verifies (`token`, `len`). VERDICT_OK with `claims` filled; else MALFORMED, ALGORITHM, HEADER, SIGNATURE or MEMORY
 * with `fault` set. Nothing in the payload is looked at before an HS* signature holds; libjwt gets to see an RS* or ES*
 * token only after all of it has been read strictly. */
enum verdict jws_verify(struct jws_verifier *verifier, const char *token, size_t len, struct claims *claims,
                        struct fault *fault);

#endif
