/* Text as bytes: is it UTF-8, and how many characters (RFC 3629). */
#ifndef SKOTOS_UTF8_H
#define SKOTOS_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True when the `len` bytes at `text` are UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above
 * U+10FFFF. */
bool utf8_valid(const char *text, size_t len);

/* The number of characters (code points) in `len` bytes of valid UTF-8. */
size_t utf8_count(const char *text, size_t len);

#endif
