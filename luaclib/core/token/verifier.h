/* Checks tokens: compact JWS with a JWT inside (RFC 7515, RFC 7519, RFC 8725), as strictly as they are made. */
#ifndef SKOTOS_VERIFIER_H
#define SKOTOS_VERIFIER_H

#include "claims.h"
#include "fault.h"
#include "name_list.h"
#include "validity.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a verifier accepts. The lists are copied. */
struct verifier_options {
    const char *algorithm;             /* HS256, HS384, HS512, RS256, …, ES512 */
    const struct name_list *secrets;   /* HS*: any of them may have signed */
    const char *public_key;            /* RS*, ES*: PEM, NUL-terminated */
    const struct name_list *issuers;   /* accepted `iss`; "*": any */
    const struct name_list *audiences; /* accepted `aud`; "*": any */
    const char *domain;                /* `sub` must be this, or "*"; NULL: any name (enable_domain_verification) */
    bool tenants;                      /* with `domain`: or a tenant's name, which verifier_room_matches decides on */
    bool require_room;
    struct validity_rules validity; /* leeway: 0 to 300 */
};

struct verifier;

/* A verifier; NULL with `fault` telling which option is wrong. Free with verifier_free, which wipes the keys. */
struct verifier *verifier_new(const struct verifier_options *options, struct fault *fault);
void verifier_free(struct verifier *verifier);

/* Checks (`token`, `len`) at `now` (seconds since the epoch, 0 to 2^53). Returns VERDICT_OK with `claims` filled; else
 * the first thing that is wrong, and `fault->text` saying it without any byte of the token but claims that a signature
 * vouches for, cut short and escaped. `pardon`: seconds after its expiry for which a token is let pass (validity.h).
 * Allocates nothing for HS*. One thread at a time. */
enum verdict verifier_verify(struct verifier *verifier, const char *token, size_t len, int64_t now, int64_t pardon,
                             struct claims *claims, struct fault *fault);

/* Whether a token for the room `claimed` (its name, as the game has it, or its node: room_name.h) opens the MUC room
 * with the node `node`; "*" opens all. A tenant's room is the node "[tenant]room"; a token for just "room" opens it
 * when its `subject` is the tenant. With a `domain` (enable_domain_verification) the subject decides also for all else:
 * it must be "*", the tenant of a tenant's room, or `domain` for another. `subject.at` and `domain.at` are NULL when
 * there is none. */
bool verifier_room_matches(struct text claimed, struct text node, struct text subject, struct text domain);

#endif
