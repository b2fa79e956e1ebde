/* A BIO (OpenSSL's notion of a byte stream) over a socket that raises no SIGPIPE, which OpenSSL's own does. */
#ifndef SKOTOS_SOCKET_BIO_H
#define SKOTOS_SOCKET_BIO_H

#include <openssl/bio.h>

/* A BIO over the non-blocking socket `fd`, which stays the caller's. NULL when memory is short. */
BIO *socket_bio_new(int fd);

#endif
