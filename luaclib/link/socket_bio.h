/* A BIO (OpenSSL's notion of a byte stream) over a socket that raises no SIGPIPE, which OpenSSL's own does. */
#ifndef SKOTOS_SOCKET_BIO_H
#define SKOTOS_SOCKET_BIO_H

#include <openssl/bio.h>

/* The functions of such BIOs: the caller's, to be freed with BIO_meth_free when no BIO is left. NULL when memory is
 * short. */
BIO_METHOD *socket_bio_method(void);

/* A BIO over the non-blocking socket `fd`, which stays the caller's. NULL when memory is short. */
BIO *socket_bio_new(const BIO_METHOD *method, int fd);

#endif
