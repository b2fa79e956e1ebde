#include "verdict.h"

static const struct {
    const char *name, *client;
} codes[] = {
    [VERDICT_OK] = {"ok", "OK"},
    [VERDICT_MEMORY] = {"memory", "server is short of memory"},
    [VERDICT_MALFORMED] = {"malformed", "token is malformed"},
    [VERDICT_ALGORITHM] = {"algorithm", "token is not signed as this server wants it"},
    [VERDICT_HEADER] = {"header", "token header is not accepted"},
    [VERDICT_SIGNATURE] = {"signature", "token signature is not valid"},
    [VERDICT_CLAIM] = {"claim", "token claim is not valid"},
    [VERDICT_EXPIRED] = {"expired", "token has expired"},
    [VERDICT_NOT_YET] = {"not-yet-valid", "token is not valid yet"},
    [VERDICT_ISSUER] = {"issuer", "token issuer is not accepted"},
    [VERDICT_AUDIENCE] = {"audience", "token audience is not accepted"},
    [VERDICT_ROOM] = {"room", "token names no room"},
    [VERDICT_SUBJECT] = {"subject", "token is for another domain"},
};

const char *verdict_name(enum verdict code) { return codes[code].name; }
const char *verdict_client_text(enum verdict code) { return codes[code].client; }
