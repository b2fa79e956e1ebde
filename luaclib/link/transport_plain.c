#include "transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct plain {
    struct transport base;
    int error;
};

static enum transport_result handshake(struct transport *transport, int fd) {
    (void)transport;
    (void)fd;
    return TRANSPORT_DONE;
}

static enum transport_result fail(struct transport *transport, enum transport_result want) {
    if (errno == EAGAIN || errno == EINTR) {
        return want;
    }
    ((struct plain *)transport)->error = errno;
    return TRANSPORT_FAILED;
}

static enum transport_result plain_read(struct transport *transport, int fd, char *out, size_t len, size_t *got) {
    ssize_t n = recv(fd, out, len, 0);
    if (n < 0) {
        return fail(transport, TRANSPORT_WANT_READ);
    }
    *got = (size_t)n;
    return n == 0 ? TRANSPORT_CLOSED : TRANSPORT_DONE;
}

static enum transport_result plain_write(struct transport *transport, int fd, const char *bytes, size_t len,
                                         size_t *sent) {
    ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
    if (n < 0) {
        return fail(transport, TRANSPORT_WANT_WRITE);
    }
    *sent = (size_t)n;
    return TRANSPORT_DONE;
}

static void reset(struct transport *transport) { ((struct plain *)transport)->error = 0; }

static const char *reason(struct transport *transport) { return strerror(((struct plain *)transport)->error); }

static void plain_free(struct transport *transport) { free(transport); }

struct transport *transport_plain_new(void) {
    struct plain *plain = calloc(1, sizeof *plain);
    if (!plain) {
        return NULL;
    }
    plain->base = (struct transport){.handshake = handshake,
                                     .read = plain_read,
                                     .write = plain_write,
                                     .reset = reset,
                                     .reason = reason,
                                     .free = plain_free,
                                     .name = "tcp",
                                     .in_flight = 1};
    return &plain->base;
}
