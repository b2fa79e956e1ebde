/* Text of old games: bytes that are not UTF-8 are Windows-1252, of which Latin-1's letters are a part, as every browser
 * reads them (the Encoding Standard, index windows-1252). */
#ifndef SKOTOS_WINDOWS1252_H
#define SKOTOS_WINDOWS1252_H

#include "text.h"

#include <stddef.h>

/* Most bytes that windows1252_to_utf8 writes for `len` bytes. */
#define WINDOWS1252_TO_UTF8_MAX(len) ((len)*3)

/* Writes the `len` bytes at `text` as UTF-8 to `out`, which has room for WINDOWS1252_TO_UTF8_MAX(len) bytes and does
 * not overlap `text`. The five bytes that stand for nothing become the control characters U+0081 to U+009D. Returns the
 * bytes written; adds no NUL. */
size_t windows1252_to_utf8(char *out, const char *text, size_t len);

/* Most bytes that windows1252_escape writes for `len` bytes. */
#define WINDOWS1252_ESCAPE_MAX(len) ((len)*2)

/* Writes `text`, which windows1252_to_utf8 has made, with each byte beyond ASCII as it was before, spelled out:
 * "zo\xeb". So it is told from the same letters in UTF-8. `out` has room for WINDOWS1252_ESCAPE_MAX(text.len) bytes.
 * Returns the bytes written; adds no NUL. */
size_t windows1252_escape(char *out, struct text text);

#endif
