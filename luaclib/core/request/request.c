#include "request.h"

#include <stdlib.h>
#include <string.h>

static const char seq_key[] = "\"seq\":";

/* Reads the number after `"seq":`, or returns false. */
static bool seq_at(const char *at, const char *end, int64_t *seq) {
    int64_t value = 0;
    while (at < end && *at == ' ') {
        at++;
    }
    const char *from = at;
    while (at < end && *at >= '0' && *at <= '9' && value <= REQUEST_SEQ_MAX) {
        value = value * 10 + (*at++ - '0');
    }
    if (at == from || value > REQUEST_SEQ_MAX || (at < end && (*at == '.' || *at == 'e' || *at == 'E'))) {
        return false;
    }
    *seq = value;
    return true;
}

bool request_last_seq(const char *bytes, size_t len, int64_t *seq) {
    const size_t key = sizeof seq_key - 1;
    for (size_t at = len; at >= key; at--) {
        if (bytes[at - 1] == ':' && memcmp(bytes + at - key, seq_key, key) == 0 &&
            seq_at(bytes + at, bytes + len, seq)) {
            return true;
        }
    }
    return false;
}

void request_free(struct request *request) {
    json_decref(request->root);
    free(request->features);
    free(request->escaped);
    free(request->fields);
    request->root = NULL;
    request->fields = NULL;
    request->features = NULL;
}
