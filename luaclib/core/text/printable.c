#include "printable.h"

#include <string.h>

/* Bytes of the character at `text` that cannot be shown; 0 when it can. */
static size_t other(const char *text, size_t len) {
    unsigned char c = (unsigned char)text[0];
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
        return 1;
    }
    return len > 2 && memcmp(text, "\xEF\xBF", 2) == 0 && (unsigned char)text[2] >= 0xBE ? 3 : 0;
}

size_t printable_find_other(const char *text, size_t len) {
    size_t i = 0;
    while (i < len && other(text + i, len - i) == 0) {
        i++;
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
