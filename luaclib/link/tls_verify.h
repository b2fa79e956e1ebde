/* Is it the game's host that answered? The certificate judged by the settings, in words for the administrator. */
#ifndef SKOTOS_TLS_VERIFY_H
#define SKOTOS_TLS_VERIFY_H

#include "tls_settings.h"

#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <stddef.h>

/* Judges the certificate in `store` (as SSL_CTX_set_cert_verify_callback gives it) by `settings`. False with the error
 * set in `store`, from which OpenSSL takes its alert, and the reason in the `size` bytes at `reason`: what came and
 * what is wanted. */
bool tls_verify(X509_STORE_CTX *store, const struct tls_settings *settings, char *reason, size_t size);

#endif
