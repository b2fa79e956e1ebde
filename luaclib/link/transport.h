/* How a link's bytes travel: a small table of functions, so that the link knows neither plain TCP nor TLS. */
#ifndef SKOTOS_TRANSPORT_H
#define SKOTOS_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tls_settings;

/* What a call that did not finish waits for. */
enum transport_result {
    TRANSPORT_DONE,
    TRANSPORT_WANT_READ,  /* call again when the socket is readable */
    TRANSPORT_WANT_WRITE, /* call again when it is writable */
    TRANSPORT_CLOSED,     /* the peer has closed */
    TRANSPORT_FAILED      /* transport_reason tells why */
};

struct transport {
    /* Begins on the connected socket `fd`, which stays the caller's. */
    enum transport_result (*handshake)(struct transport *transport, int fd);
    /* At most `len` bytes; `*got` is how many when DONE. */
    enum transport_result (*read)(struct transport *transport, int fd, char *out, size_t len, size_t *got);
    enum transport_result (*write)(struct transport *transport, int fd, const char *bytes, size_t len, size_t *sent);
    /* Forgets the connection; the transport may be used for the next one. */
    void (*reset)(struct transport *transport);
    /* Why the last call FAILED, for the log; valid until the next call. */
    const char *(*reason)(struct transport *transport);
    void (*free)(struct transport *transport);
    /* For the log: "tcp", or TLS's version and whether a session was resumed; changes with a handshake. */
    const char *name;
    /* When the peer's certificate ends, seconds since the epoch, as of the last handshake; 0: there is none. */
    int64_t certificate_until;
    /* Replies that may be unacknowledged by the peer's kernel at once, at least 1. */
    unsigned in_flight;
};

/* Bytes as they are over TCP. NULL when memory is short. */
struct transport *transport_plain_new(void);

/* TLS as `settings` want it, of which it becomes a user. What is written in one call travels as one record (at most
 * TRANSPORT_TLS_RECORD bytes). Its session is resumed by the next connection. NULL when memory is short. */
struct transport *transport_tls_new(struct tls_settings *settings);

/* Bytes of one record (RFC 8446, 5.1). */
#define TRANSPORT_TLS_RECORD 16384

#endif
