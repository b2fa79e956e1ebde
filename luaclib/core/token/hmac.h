/* HMAC with SHA-2 (RFC 2104, FIPS 180-4) by OpenSSL's EVP_MAC, keyed once. */
#ifndef SKOTOS_HMAC_H
#define SKOTOS_HMAC_H

#include <stddef.h>

enum hmac_digest { HMAC_SHA256, HMAC_SHA384, HMAC_SHA512 };

/* Bytes of the longest result. */
#define HMAC_MAX_SIZE 64

struct hmac_key;

/* A key of the `len` bytes at `secret`, which are copied. NULL when memory is short or OpenSSL refuses. Free with
 * hmac_key_free. */
struct hmac_key *hmac_key_new(enum hmac_digest digest, const void *secret, size_t len);

/* Writes the HMAC of `len` bytes at `data` to `out`. Returns its size (32, 48 or 64 bytes), 0 on failure. One thread at
 * a time. */
size_t hmac_key_sign(struct hmac_key *key, const void *data, size_t len, unsigned char out[HMAC_MAX_SIZE]);

/* Wipes and frees the key; NULL is let pass. */
void hmac_key_free(struct hmac_key *key);

#endif
