#include "socket_bio.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

static int fd_of(BIO *bio) { return (int)(intptr_t)BIO_get_data(bio); }

static int finish(BIO *bio, ssize_t n, void (*retry)(BIO *)) {
    BIO_clear_retry_flags(bio);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        retry(bio);
    }
    return (int)n;
}

static void retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static void retry_write(BIO *bio) { BIO_set_retry_write(bio); }

static int bio_read(BIO *bio, char *out, int len) {
    ssize_t n = recv(fd_of(bio), out, (size_t)len, 0);
    if (n == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    }
    return finish(bio, n, retry_read);
}

static int bio_write(BIO *bio, const char *bytes, int len) {
    return finish(bio, send(fd_of(bio), bytes, (size_t)len, MSG_NOSIGNAL), retry_write);
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_EOF:
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    default:
        return 0;
    }
}

BIO_METHOD *socket_bio_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "skotos_bridge's socket");
    if (method) {
        BIO_meth_set_read(method, bio_read);
        BIO_meth_set_write(method, bio_write);
        BIO_meth_set_ctrl(method, bio_control);
    }
    return method;
}

BIO *socket_bio_new(const BIO_METHOD *method, int fd) {
    BIO *bio = BIO_new(method);
    if (bio) {
        BIO_set_data(bio, (void *)(intptr_t)fd);
        BIO_set_init(bio, 1);
    }
    return bio;
}
