#include "printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/* Bytes of the character at `text` that cannot be shown; 0 when it can. */
static size_t other(const char *text, size_t len) {
    unsigned char c = (unsigned char)text[0];
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
        return 1;
    }
    return len > 2 && memcmp(text, "\xEF\xBF", 2) == 0 && (unsigned char)text[2] >= 0xBE ? 3 : 0;
}

/* Whether the eight bytes at `text` are ASCII from the space to '~', as nearly all are. */
static bool are_plain(const char *text) {
    uint64_t word;
    memcpy(&word, text, sizeof word);
    uint64_t below_space = (word - EACH_BYTE(0x20)) & ~word;
    uint64_t above_tilde = word | (word + EACH_BYTE(1));
    return ((below_space | above_tilde) & EACH_BYTE(0x80)) == 0;
}

size_t printable_find_other(const char *text, size_t len) {
    size_t i = 0;
    while (i < len) {
        if (len - i >= 8 && are_plain(text + i)) {
            i += 8;
        } else if (other(text + i, len - i) == 0) {
            i++;
        } else {
            break;
        }
    }
    return i;
}

size_t printable_copy(char *out, const char *text, size_t len) {
    size_t written = 0;
    while (len > 0) {
        size_t shown = printable_find_other(text, len);
        memcpy(out + written, text, shown);
        written += shown;
        size_t skip = shown < len ? other(text + shown, len - shown) : 0;
        text += shown + skip;
        len -= shown + skip;
    }
    return written;
}
