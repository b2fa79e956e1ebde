#include "check_code.h"

static const struct {
    const char *name, *client;
} codes[] = {
    [CHECK_OK] = {"ok", "OK"},
    [CHECK_MEMORY] = {"memory", "server is short of memory"},
    [CHECK_MALFORMED] = {"malformed", "token is malformed"},
    [CHECK_ALGORITHM] = {"algorithm", "token is not signed as this server wants it"},
    [CHECK_HEADER] = {"header", "token header is not accepted"},
    [CHECK_SIGNATURE] = {"signature", "token signature is not valid"},
    [CHECK_CLAIM] = {"claim", "token claim is not valid"},
    [CHECK_EXPIRED] = {"expired", "token has expired"},
    [CHECK_NOT_YET] = {"not-yet-valid", "token is not valid yet"},
    [CHECK_ISSUER] = {"issuer", "token issuer is not accepted"},
    [CHECK_AUDIENCE] = {"audience", "token audience is not accepted"},
    [CHECK_ROOM] = {"room", "token names no room"},
    [CHECK_SUBJECT] = {"subject", "token is for another domain"},
};

const char *check_code_name(enum check_code code) { return codes[code].name; }
const char *check_client_text(enum check_code code) { return codes[code].client; }
