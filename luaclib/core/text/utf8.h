/* Text as bytes: is it UTF-8, how many characters, and Latin-1 turned into UTF-8 (RFC 3629). */
#ifndef SKOTOS_UTF8_H
#define SKOTOS_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True when the `len` bytes at `text` are UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above
 * U+10FFFF. */
bool utf8_valid(const char *text, size_t len);

/* The number of characters (code points) in `len` bytes of valid UTF-8. */
size_t utf8_count(const char *text, size_t len);

/* Most bytes that utf8_from_latin1 writes for `len` bytes. */
#define UTF8_FROM_LATIN1_MAX(len) ((len)*2)

/* Reads `len` bytes as Latin-1 (ISO 8859-1) and writes them as UTF-8 to `out`, which has room for
 * UTF8_FROM_LATIN1_MAX(len) bytes and does not overlap `text`. Returns the bytes written; adds no NUL. */
size_t utf8_from_latin1(char *out, const char *text, size_t len);

#endif
