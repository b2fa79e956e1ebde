/* What may be wrong with a token, and how it is called. */
#ifndef SKOTOS_VERDICT_H
#define SKOTOS_VERDICT_H

enum verdict {
    VERDICT_OK,
    VERDICT_MEMORY,
    VERDICT_MALFORMED, /* not three segments of base64url, too long, or no JSON objects inside */
    VERDICT_ALGORITHM, /* not the algorithm that is configured */
    VERDICT_HEADER,    /* typ, crit, or a member that changes what the token is */
    VERDICT_SIGNATURE,
    VERDICT_CLAIM,   /* a claim's type or size */
    VERDICT_EXPIRED, /* only this is wrong with it: all else has been checked */
    VERDICT_NOT_YET, /* nbf lies ahead */
    VERDICT_ISSUER,
    VERDICT_AUDIENCE,
    VERDICT_ROOM,
    VERDICT_SUBJECT
};

/* Short name of `code`, e.g. "expired"; what a client may hear of it. Static strings. */
const char *verdict_name(enum verdict code);
const char *verdict_client_text(enum verdict code);

#endif
