#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* The length of the sequence that starts at `s`, or 0 when the bytes up to `end` begin none. */
static size_t sequence_length(const unsigned char *s, const unsigned char *end) {
    size_t left = (size_t)(end - s);
    unsigned char lead = s[0];
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return left >= 2 && (s[1] & 0xC0) == 0x80 ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        unsigned char low = lead == 0xE0 ? 0xA0 : 0x80;
        unsigned char high = lead == 0xED ? 0x9F : 0xBF;
        return left >= 3 && s[1] >= low && s[1] <= high && (s[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        unsigned char low = lead == 0xF0 ? 0x90 : 0x80;
        unsigned char high = lead == 0xF4 ? 0x8F : 0xBF;
        return left >= 4 && s[1] >= low && s[1] <= high && (s[2] & 0xC0) == 0x80 && (s[3] & 0xC0) == 0x80 ? 4 : 0;
    }
    return 0;
}

bool utf8_valid(const char *text, size_t len) {
    const unsigned char *s = (const unsigned char *)text;
    const unsigned char *end = s + len;
    while (s < end) {
        uint64_t word;
        if (end - s >= 8) {
            memcpy(&word, s, 8);
            if (!(word & UINT64_C(0x8080808080808080))) {
                s += 8;
                continue;
            }
        }
        size_t n = sequence_length(s, end);
        if (n == 0) {
            return false;
        }
        s += n;
    }
    return true;
}

size_t utf8_count(const char *text, size_t len) {
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80) {
            count++;
        }
    }
    return count;
}
