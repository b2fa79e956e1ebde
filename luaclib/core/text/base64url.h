/* base64url without padding (RFC 4648 section 5, RFC 7515 appendix C). */
#ifndef SKOTOS_BASE64URL_H
#define SKOTOS_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

/* Characters that `n` bytes encode to. */
#define BASE64URL_ENCODED_LEN(n) (((n)*4 + 2) / 3)
/* Bytes that `n` characters decode to at most. */
#define BASE64URL_DECODED_MAX(n) ((n) / 4 * 3 + 2)

/* Encodes `len` bytes to `out`, which has room for BASE64URL_ENCODED_LEN(len) and does not overlap `in`. No padding, no
 * NUL. Returns the characters written. */
size_t base64url_encode(char *out, const unsigned char *in, size_t len);

/* Decodes `len` characters to `out`, which has room for BASE64URL_DECODED_MAX(len). Strict: false for padding, white
 * space, a character of another alphabet, a length that no encoding has, and last bits that are not zero, so that each
 * byte string has one spelling. Sets `*out_len`. */
bool base64url_decode(unsigned char *out, size_t *out_len, const char *in, size_t len);

#endif
