/* Which characters of a text can be shown, and held by XML 1.0 (section 2.2): no control characters but newline and
 * tab, no U+FFFE and U+FFFF. A stanza with any other breaks the stream of every server and browser that gets it, so no
 * text goes into one that this has not let pass. */
#ifndef SKOTOS_PRINTABLE_H
#define SKOTOS_PRINTABLE_H

#include <stddef.h>

/* The offset of the first character of `len` bytes of UTF-8 that cannot be shown, or `len`. */
size_t printable_find_other(const char *text, size_t len);

/* Copies what can be shown of `len` bytes of UTF-8 to `out`, which has room for `len` bytes. Returns the bytes written;
 * adds no NUL. */
size_t printable_copy(char *out, const char *text, size_t len);

#endif
