#include "fault.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[FAULT_COUNT] = {
    [FAULT_NONE] = "none",         [FAULT_MEMORY] = "memory",
    [FAULT_TOO_LONG] = "too-long", [FAULT_NOT_JSON] = "not-json",
    [FAULT_MEMBER] = "member",     [FAULT_FIELD] = "field",
    [FAULT_COMMAND] = "command",   [FAULT_POLICY] = "policy",
    [FAULT_SEQUENCE] = "sequence", [FAULT_REPLY_SIZE] = "reply-size",
};

const char *fault_name(enum fault_code code) { return names[code]; }

void fault_set(struct fault *fault, enum fault_code code, const char *format, ...) {
    va_list args;
    fault->code = code;
    va_start(args, format);
    vsnprintf(fault->text, sizeof fault->text, format, args);
    va_end(args);
}

const char *fault_quote(char out[FAULT_QUOTE_SIZE], const char *text, size_t len) {
    static const char hex[] = "0123456789abcdef";
    size_t n = 0;
    out[n++] = '"';
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        /* Room for this character, the three dots, the quote and the NUL. */
        if (n + 4 + 5 > FAULT_QUOTE_SIZE) {
            out[n++] = '.';
            out[n++] = '.';
            out[n++] = '.';
            break;
        }
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
            out[n++] = (char)c;
        } else {
            out[n++] = '\\';
            out[n++] = 'x';
            out[n++] = hex[c >> 4];
            out[n++] = hex[c & 15];
        }
    }
    out[n++] = '"';
    out[n] = '\0';
    return out;
}
