/* TLS with OpenSSL under a link. OpenSSL's error queue belongs to the whole process, so it is empty before and after
 * each call from here. */
#include "socket_bio.h"
#include "tls_reason.h"
#include "tls_settings.h"
#include "tls_verify.h"
#include "transport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REASON_SIZE 320
#define NAME_SIZE 64
/* Replies that may be on their way: the acknowledgement comes from a proxy beside the game, not from the game, and the
 * way there may take tens of milliseconds. */
#define REPLIES_IN_FLIGHT 8

struct tls {
    struct transport base;
    struct tls_settings *settings; /* one of its users */
    SSL *ssl;                      /* owned; NULL between connections */
    SSL_SESSION *session;          /* owned; for the next connection, NULL: none */
    bool broken;                   /* nothing may be written any more, not even a goodbye */
    bool refused;                  /* tls_verify has written `reason` */
    char reason[REASON_SIZE];
    char name[NAME_SIZE];
};

/* Called by OpenSSL in the handshake. */
static int check_certificate(X509_STORE_CTX *store, void *unused) {
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *tls = SSL_get_app_data(ssl);
    (void)unused;
    tls->refused = !tls_verify(store, tls->settings, tls->reason, sizeof tls->reason);
    return tls->refused ? 0 : 1;
}

static void forget_session(struct tls *tls) {
    SSL_SESSION_free(tls->session);
    tls->session = NULL;
}

/* Called by OpenSSL for each ticket. Copies are kept and used, since OpenSSL spoils its own when a connection is merely
 * cut, as games' hosts do; 0: OpenSSL's own stays OpenSSL's. A ticket is used until a newer one comes: that it shows
 * two connections to be of one client (RFC 8446, C.4) is no secret here. */
static int keep_session(SSL *ssl, SSL_SESSION *session) {
    struct tls *tls = SSL_get_app_data(ssl);
    forget_session(tls);
    tls->session = SSL_SESSION_dup(session);
    return 0;
}

/* What OpenSSL's `result`, which is no success, means. */
static enum transport_result finish(struct tls *tls, int result) {
    int saved = errno;
    unsigned long error;
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        ERR_clear_error();
        return TRANSPORT_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        ERR_clear_error();
        return TRANSPORT_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        ERR_clear_error();
        return TRANSPORT_CLOSED;
    case SSL_ERROR_SYSCALL:
        snprintf(tls->reason, sizeof tls->reason, "%s", saved ? strerror(saved) : "the connection was cut");
        break;
    default:
        error = ERR_get_error();
        if (!tls->refused) {
            tls_reason(error, tls->reason, sizeof tls->reason);
        }
        if (ERR_GET_REASON(error) != SSL_R_UNEXPECTED_EOF_WHILE_READING) {
            forget_session(tls);
        }
    }
    ERR_clear_error();
    tls->broken = true;
    return TRANSPORT_FAILED;
}

static bool begin(struct tls *tls, int fd) {
    unsigned char ip[16];
    const char *name = tls->settings->name;
    BIO *bio = socket_bio_new(tls->settings->bio, fd);
    tls->ssl = SSL_new(tls->settings->ctx);
    if (!tls->ssl || !bio) {
        BIO_free(bio);
        return false;
    }
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_app_data(tls->ssl, tls);
    SSL_set_connect_state(tls->ssl);
    SSL_SESSION *session = tls->session ? SSL_SESSION_dup(tls->session) : NULL;
    if (session) {
        SSL_set_session(tls->ssl, session);
        SSL_SESSION_free(session);
    }
    bool is_ip = inet_pton(AF_INET, name, ip) == 1 || inet_pton(AF_INET6, name, ip) == 1;
    return is_ip || SSL_set_tlsext_host_name(tls->ssl, name) == 1;
}

static int64_t certificate_until(const SSL *ssl) {
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    int days, seconds;
    if (!certificate || ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)) != 1) {
        return 0;
    }
    return (int64_t)time(NULL) + (int64_t)days * 86400 + seconds;
}

static enum transport_result handshake(struct transport *transport, int fd) {
    struct tls *tls = (struct tls *)transport;
    ERR_clear_error();
    errno = 0;
    if (!tls->ssl && !begin(tls, fd)) {
        ERR_clear_error();
        snprintf(tls->reason, sizeof tls->reason, "TLS: no memory");
        return TRANSPORT_FAILED;
    }
    int result = SSL_do_handshake(tls->ssl);
    if (result != 1) {
        return finish(tls, result);
    }
    tls->base.certificate_until = certificate_until(tls->ssl);
    snprintf(tls->name, sizeof tls->name, "%s%s", SSL_get_version(tls->ssl),
             SSL_session_reused(tls->ssl) ? ", session resumed" : "");
    ERR_clear_error();
    return TRANSPORT_DONE;
}

static enum transport_result tls_read(struct transport *transport, int fd, char *out, size_t len, size_t *got) {
    struct tls *tls = (struct tls *)transport;
    (void)fd;
    ERR_clear_error();
    errno = 0;
    int result = SSL_read_ex(tls->ssl, out, len, got);
    return result == 1 ? TRANSPORT_DONE : finish(tls, result);
}

static enum transport_result tls_write(struct transport *transport, int fd, const char *bytes, size_t len,
                                       size_t *sent) {
    struct tls *tls = (struct tls *)transport;
    (void)fd;
    ERR_clear_error();
    errno = 0;
    int result = SSL_write_ex(tls->ssl, bytes, len, sent);
    return result == 1 ? TRANSPORT_DONE : finish(tls, result);
}

static void reset(struct transport *transport) {
    struct tls *tls = (struct tls *)transport;
    if (tls->ssl) {
        ERR_clear_error();
        if (!tls->broken && SSL_is_init_finished(tls->ssl)) {
            SSL_shutdown(tls->ssl); /* says goodbye if the socket takes it; an answer is not waited for */
        }
        SSL_free(tls->ssl);
        ERR_clear_error();
    }
    tls->ssl = NULL;
    tls->broken = tls->refused = false;
    snprintf(tls->name, sizeof tls->name, "TLS");
}

static const char *reason(struct transport *transport) { return ((struct tls *)transport)->reason; }

static void tls_free(struct transport *transport) {
    struct tls *tls = (struct tls *)transport;
    reset(transport);
    forget_session(tls);
    tls_settings_release(tls->settings);
    free(tls);
}

struct transport *transport_tls_new(struct tls_settings *settings) {
    struct tls *tls = calloc(1, sizeof *tls);
    if (!tls) {
        return NULL;
    }
    tls->base = (struct transport){.handshake = handshake,
                                   .read = tls_read,
                                   .write = tls_write,
                                   .reset = reset,
                                   .reason = reason,
                                   .free = tls_free,
                                   .name = tls->name,
                                   .in_flight = REPLIES_IN_FLIGHT};
    tls->settings = tls_settings_hold(settings);
    snprintf(tls->name, sizeof tls->name, "TLS");
    SSL_CTX_set_cert_verify_callback(settings->ctx, check_certificate, NULL);
    SSL_CTX_sess_set_new_cb(settings->ctx, keep_session);
    return &tls->base;
}
