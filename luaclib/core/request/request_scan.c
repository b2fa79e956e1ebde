#include "request_scan.h"

#include "utf8.h"

#include <string.h>

struct cursor {
    const char *at;
    const char *end;
};

static bool take(struct cursor *c, const char *literal, size_t len) {
    if ((size_t)(c->end - c->at) < len || memcmp(c->at, literal, len) != 0) {
        return false;
    }
    c->at += len;
    return true;
}

/* A JSON string's inside, as far as every byte stands for itself: up to its closing quote, if it is as it should. */
static bool take_plain_string(struct cursor *c, struct text *out) {
    const char *from = c->at;
    while (c->at < c->end && *c->at != '"' && *c->at != '\\' && (unsigned char)*c->at >= 0x20) {
        c->at++;
    }
    out->at = from;
    out->len = (size_t)(c->at - from);
    return utf8_valid(from, out->len);
}

/* A whole number of up to ten digits, as JSON writes it. */
static bool take_number(struct cursor *c, int64_t *out) {
    const char *from = c->at;
    int64_t value = 0;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        value = value * 10 + (*c->at - '0');
        c->at++;
        if (c->at - from > 10) {
            return false;
        }
    }
    *out = value;
    return c->at > from && (*from != '0' || c->at - from == 1);
}

#define TAKE(cursor, literal) take(cursor, literal, sizeof(literal) - 1)

bool request_scan(struct request *request, const char *frame, size_t len) {
    struct cursor c = {frame, frame + len};
    struct text name, channel;
    int64_t valid_for, seq;
    if (!TAKE(&c, "{ \"cmd\": \"jwt_token\", \"displayName\": \"") || !take_plain_string(&c, &name) ||
        !TAKE(&c, "\", \"channel\": \"") || !take_plain_string(&c, &channel) ||
        !TAKE(&c, "\", \"moderator\": false, \"validFor\": ") || !take_number(&c, &valid_for) ||
        !TAKE(&c, ", \"seq\": ") || !take_number(&c, &seq) || !TAKE(&c, " }") || c.at != c.end) {
        return false;
    }
    /* Out of bounds: let the JSON reader find the words for it. */
    if (valid_for < 1 || seq > REQUEST_SEQ_MAX) {
        return false;
    }
    request->name = name;
    request->channel = channel;
    request->valid_for = valid_for;
    request->seq = seq;
    request->numbered = true;
    return true;
}
