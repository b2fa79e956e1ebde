/* How a game's host is recognised over TLS, and who we are to it: the files and names of skotos_tls, read and checked
 * once when the configuration is loaded, never while a connection waits. */
#ifndef SKOTOS_TLS_SETTINGS_H
#define SKOTOS_TLS_SETTINGS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Bytes of a SHA-256, and pins that may be listed: the key in use and those that may follow it. */
#define TLS_PIN_SIZE 32
#define TLS_PINS_MAX 8
/* Bytes of a message that tls_settings_new writes. */
#define TLS_MESSAGE_SIZE 400

/* All strings are the caller's and only read during the call. */
struct tls_options {
    const char *host;        /* what the link connects to: the name that is verified where verify_name is NULL */
    const char *verify_name; /* DNS name or numeric address that the certificate must be for; NULL: not given */
    const char *ca;          /* path: PEM of the authorities, or of the certificate itself; NULL: the system's */
    const char *certificate; /* path: PEM of our certificate and its chain; NULL: none */
    const char *key;         /* path: PEM of its private key */
    uid_t uid;               /* whose file `key` has to be, or root's, and which group may read it: private_file.h */
    gid_t gid;
    const char *pins[TLS_PINS_MAX]; /* base64 of the SHA-256 of a SubjectPublicKeyInfo (RFC 7469, 2.4) */
    size_t pin_count;
};

struct tls_settings {
    unsigned users;
    SSL_CTX *ctx;     /* owned */
    BIO_METHOD *bio;  /* owned; how OpenSSL reads and writes sockets (socket_bio.h) */
    char *name;       /* owned; what the certificate must be for */
    char *ca;         /* owned; for messages; NULL: the system's authorities */
    bool check_chain; /* the certificate must come from an authority and be for `name` */
    bool check_name;  /* it must be for `name`, whoever made it; implied by `check_chain` */
    unsigned char pins[TLS_PINS_MAX][TLS_PIN_SIZE];
    size_t pin_count;                   /* 0: any key that the certificate vouches for */
    unsigned char digest[TLS_PIN_SIZE]; /* of everything above and of the files' contents */
};

/* Reads and checks. With pins alone the key alone decides, as with DANE-EE (RFC 7671, 5.1): neither authority, name nor
 * dates count; with `ca` or `verify_name` beside them, these count too. Returns settings with one user, or NULL and in
 * `message` one line: the field, what came, what is wanted. No message holds anything of a key. */
struct tls_settings *tls_settings_new(const struct tls_options *options, char message[TLS_MESSAGE_SIZE]);

/* One user more; returns `settings`. */
struct tls_settings *tls_settings_hold(struct tls_settings *settings);

/* One user less; the last one frees. NULL is let pass. */
void tls_settings_release(struct tls_settings *settings);

/* Whether a connection made with one is as good as one made with the other: options and files are the same. */
bool tls_settings_same(const struct tls_settings *one, const struct tls_settings *other);

#endif
