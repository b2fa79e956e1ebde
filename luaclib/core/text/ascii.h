/* Text compared without regard to the case of ASCII letters: as SkotOS lower-cases account names, and as Lua's
 * string.lower in the C locale, with which Jitsi compares rooms. All other bytes are what they are. */
#ifndef SKOTOS_ASCII_H
#define SKOTOS_ASCII_H

#include "text.h"

#include <stdbool.h>

static inline char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* Whether both texts are given, of one length, and the same but for the case of ASCII letters. */
static inline bool ascii_same(struct text a, struct text b) {
    if (!a.at || !b.at || a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_lower(a.at[i]) != ascii_lower(b.at[i])) {
            return false;
        }
    }
    return true;
}

#endif
