/* What may be wrong with a token, and how it is called. */
#ifndef SKOTOS_CHECK_CODE_H
#define SKOTOS_CHECK_CODE_H

enum check_code {
    CHECK_OK,
    CHECK_MEMORY,
    CHECK_MALFORMED, /* not three segments of base64url, too long, or no JSON objects inside */
    CHECK_ALGORITHM, /* not the algorithm that is configured */
    CHECK_HEADER,    /* typ, crit, or a member that changes what the token is */
    CHECK_SIGNATURE,
    CHECK_CLAIM,   /* a claim's type or size */
    CHECK_EXPIRED, /* only this is wrong with it: all else has been checked */
    CHECK_NOT_YET, /* nbf or iat lies ahead */
    CHECK_ISSUER,
    CHECK_AUDIENCE,
    CHECK_ROOM,
    CHECK_SUBJECT
};

/* Short name of `code`, e.g. "expired"; what a client may hear of it. Static strings. */
const char *check_code_name(enum check_code code);
const char *check_client_text(enum check_code code);

#endif
