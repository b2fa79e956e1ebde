/* Why a TLS connection failed, from OpenSSL's error in words for an administrator. */
#ifndef SKOTOS_TLS_REASON_H
#define SKOTOS_TLS_REASON_H

#include <stddef.h>

/* Writes what `error` (as ERR_get_error gives it) means for a client to the `size` bytes at `out`. */
void tls_reason(unsigned long error, char *out, size_t size);

#endif
