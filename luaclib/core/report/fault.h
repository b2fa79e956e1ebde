/* What went wrong with a request, for whoever must hear of it: a code to count by and one line to read. */
#ifndef SKOTOS_FAULT_H
#define SKOTOS_FAULT_H

#include <stddef.h>

enum fault_code {
    FAULT_NONE,
    FAULT_MEMORY,     /* an allocation failed */
    FAULT_TOO_LONG,   /* the frame is longer than skotos_max_frame */
    FAULT_NOT_JSON,   /* the frame is no JSON object */
    FAULT_MEMBER,     /* a member that this game never sends */
    FAULT_FIELD,      /* a member's type, size or value */
    FAULT_COMMAND,    /* an unknown command, or one that is not switched on */
    FAULT_POLICY,     /* well formed, but not allowed here */
    FAULT_SEQUENCE,   /* it is not proved to be one whole request of the game's (whole.h) */
    FAULT_REPLY_SIZE, /* the answer does not fit a reply frame */
    FAULT_COUNT
};

/* Bytes of a fault's line with its NUL. */
#define FAULT_TEXT_SIZE 320

/* A fault as the game and the administrator read it: one printable ASCII line that names the thing, what came and what
 * is wanted. Never holds a token or a secret. */
struct fault {
    enum fault_code code;
    char text[FAULT_TEXT_SIZE];
};

/* The short name of `code`, for counters and logs, e.g. "not-json"; a static string. */
const char *fault_name(enum fault_code code);

/* Sets `fault` to `code` and the line that `format` makes; a longer line is cut. */
void fault_set(struct fault *fault, enum fault_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Bytes that fault_quote writes at most, with the NUL. */
#define FAULT_QUOTE_SIZE 80

/* Writes `len` bytes of the outside world's text to `out` in double quotes: printable ASCII as it is, anything else as
 * \xNN, cut with "..." so that it fits FAULT_QUOTE_SIZE. Returns `out`. */
const char *fault_quote(char out[FAULT_QUOTE_SIZE], const char *text, size_t len);

#endif
