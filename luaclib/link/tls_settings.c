#define _GNU_SOURCE
#include "tls_settings.h"

#include "private_file.h"
#include "socket_bio.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* TLS 1.2 only with forward secrecy and authenticated encryption; 1.3 has nothing else. */
#define CIPHERS_TLS12 "ECDHE+AESGCM:ECDHE+CHACHA20"

/* OpenSSL's reason: the system's if it gave one, else the outermost of the queue. */
static const char *openssl_reason(void) {
    unsigned long first = ERR_peek_error();
    const char *text =
        ERR_SYSTEM_ERROR(first) ? strerror(ERR_GET_REASON(first)) : ERR_reason_error_string(ERR_peek_last_error());
    return text ? text : "no reason was given";
}

static bool is_address(const char *name) {
    struct in6_addr ip;
    return inet_pton(AF_INET, name, &ip) == 1 || inet_pton(AF_INET6, name, &ip) == 1;
}

static bool set_name(struct tls_settings *settings, const struct tls_options *options, char *message) {
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(settings->ctx);
    const char *name = options->verify_name ? options->verify_name : options->host;
    settings->name = strdup(name);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    int done =
        is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(param, name) : X509_VERIFY_PARAM_set1_host(param, name, 0);
    if (!settings->name || done != 1) {
        snprintf(message, TLS_MESSAGE_SIZE, "skotos_tls.verify_name: a host's name or a numeric address is wanted");
        return false;
    }
    return true;
}

static bool set_ca(struct tls_settings *settings, const struct tls_options *options, char *message) {
    if (!options->ca) {
        if (SSL_CTX_set_default_verify_paths(settings->ctx) != 1) {
            snprintf(message, TLS_MESSAGE_SIZE, "skotos_tls: the system's authorities cannot be read: %s",
                     openssl_reason());
            return false;
        }
        return true;
    }
    settings->ca = strdup(options->ca);
    if (!settings->ca || SSL_CTX_load_verify_file(settings->ctx, options->ca) != 1) {
        snprintf(message, TLS_MESSAGE_SIZE, "skotos_tls.ca = \"%s\": certificates in PEM are wanted: %s", options->ca,
                 openssl_reason());
        return false;
    }
    return true;
}

/* A key with a pass phrase: nobody is there to be asked. */
static int no_pass_phrase(char *out, int room, int writing, void *asked) {
    (void)out;
    (void)room;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

static bool set_certificate(struct tls_settings *settings, const struct tls_options *options, char *message) {
    bool asked = false;
    char why[PRIVATE_FILE_REASON_SIZE];
    if (!options->certificate && !options->key) {
        return true;
    }
    if (!options->certificate || !options->key) {
        snprintf(message, TLS_MESSAGE_SIZE, "skotos_tls: certificate and key are wanted together; %s is missing",
                 options->certificate ? "key" : "certificate");
        return false;
    }
    if (SSL_CTX_use_certificate_chain_file(settings->ctx, options->certificate) != 1) {
        snprintf(message, TLS_MESSAGE_SIZE, "skotos_tls.certificate = \"%s\": a certificate in PEM is wanted: %s",
                 options->certificate, openssl_reason());
        return false;
    }
    if (!private_file_check(options->key, options->uid, options->gid, why)) {
        snprintf(message, TLS_MESSAGE_SIZE, "skotos_tls.key = \"%s\": %s; mend it with: chown prosody, chmod 600",
                 options->key, why);
        return false;
    }
    SSL_CTX_set_default_passwd_cb(settings->ctx, no_pass_phrase);
    SSL_CTX_set_default_passwd_cb_userdata(settings->ctx, &asked);
    int used = SSL_CTX_use_PrivateKey_file(settings->ctx, options->key, SSL_FILETYPE_PEM);
    SSL_CTX_set_default_passwd_cb_userdata(settings->ctx, NULL);
    SSL_CTX_set_default_passwd_cb(settings->ctx, NULL);
    unsigned long error = ERR_peek_last_error();
    if (used != 1 && ERR_GET_LIB(error) == ERR_LIB_X509) {
        snprintf(message, TLS_MESSAGE_SIZE, "skotos_tls.key = \"%s\": it is not the key of the certificate \"%s\"",
                 options->key, options->certificate);
    } else if (used != 1) {
        snprintf(message, TLS_MESSAGE_SIZE, "skotos_tls.key = \"%s\": a private key in PEM is wanted: %s", options->key,
                 asked ? "it is locked with a pass phrase; one without is wanted" : openssl_reason());
    }
    return used == 1;
}

static bool set_pins(struct tls_settings *settings, const struct tls_options *options, char *message) {
    /* 44 characters of base64 are 33 bytes with the padding. */
    unsigned char bytes[TLS_PIN_SIZE + 1];
    for (size_t i = 0; i < options->pin_count; i++) {
        const char *pin = options->pins[i];
        size_t len = strlen(pin);
        if (len != 44 || pin[43] != '=' || pin[42] == '=' ||
            EVP_DecodeBlock(bytes, (const unsigned char *)pin, 44) != sizeof bytes) {
            snprintf(message, TLS_MESSAGE_SIZE,
                     "skotos_tls.pin_sha256 = \"%.60s\": 44 characters of base64, the SHA-256 of a public key, are "
                     "wanted",
                     pin);
            return false;
        }
        memcpy(settings->pins[settings->pin_count++], bytes, TLS_PIN_SIZE);
    }
    return true;
}

static bool digest_text(EVP_MD_CTX *md, const char *text) {
    unsigned char given = text != NULL;
    return EVP_DigestUpdate(md, &given, 1) == 1 && (!text || EVP_DigestUpdate(md, text, strlen(text) + 1) == 1);
}

static bool digest_file(EVP_MD_CTX *md, const char *path) {
    unsigned char block[4096];
    FILE *file = path ? fopen(path, "rbe") : NULL;
    size_t n;
    bool done = true;
    if (!file) {
        return true;
    }
    while (done && (n = fread(block, 1, sizeof block, file)) > 0) {
        done = EVP_DigestUpdate(md, block, n) == 1;
    }
    OPENSSL_cleanse(block, sizeof block);
    fclose(file);
    return done && digest_text(md, NULL);
}

static bool set_digest(struct tls_settings *settings, const struct tls_options *options) {
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool done = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 && digest_text(md, settings->name) &&
                digest_text(md, options->verify_name) && digest_text(md, options->ca) && digest_file(md, options->ca) &&
                digest_file(md, options->certificate) && digest_file(md, options->key) &&
                EVP_DigestUpdate(md, settings->pins, settings->pin_count * TLS_PIN_SIZE) == 1 &&
                EVP_DigestFinal_ex(md, settings->digest, NULL) == 1;
    EVP_MD_CTX_free(md);
    return done;
}

static bool set_protocol(SSL_CTX *ctx) {
    /* One write is one record, or waits as a whole; its caller may come with a copy of the bytes. One read ends with
     * what has arrived, also where that holds none of the game's: a peer that sends tickets and key updates without end
     * would else be read without end. */
    SSL_CTX_clear_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 && SSL_CTX_set_max_proto_version(ctx, 0) == 1 &&
           SSL_CTX_set_cipher_list(ctx, CIPHERS_TLS12) == 1;
}

struct tls_settings *tls_settings_new(const struct tls_options *options, char message[TLS_MESSAGE_SIZE]) {
    struct tls_settings *settings = calloc(1, sizeof *settings);
    ERR_clear_error();
    snprintf(message, TLS_MESSAGE_SIZE, "skotos_tls: no memory");
    if (!settings) {
        return NULL;
    }
    settings->users = 1;
    settings->ctx = SSL_CTX_new(TLS_client_method());
    settings->bio = socket_bio_method();
    settings->check_chain = options->ca || options->pin_count == 0;
    settings->check_name = settings->check_chain || options->verify_name;
    if (!settings->ctx || !settings->bio || !set_protocol(settings->ctx)) {
        snprintf(message, TLS_MESSAGE_SIZE, "skotos_tls: OpenSSL refuses TLS 1.2: %s", openssl_reason());
    } else if (set_name(settings, options, message) && set_ca(settings, options, message) &&
               set_certificate(settings, options, message) && set_pins(settings, options, message) &&
               set_digest(settings, options)) {
        ERR_clear_error();
        return settings;
    }
    tls_settings_release(settings);
    ERR_clear_error();
    return NULL;
}

struct tls_settings *tls_settings_hold(struct tls_settings *settings) {
    settings->users++;
    return settings;
}

void tls_settings_release(struct tls_settings *settings) {
    if (settings && --settings->users == 0) {
        SSL_CTX_free(settings->ctx);
        BIO_meth_free(settings->bio);
        free(settings->name);
        free(settings->ca);
        OPENSSL_cleanse(settings->digest, sizeof settings->digest);
        free(settings);
    }
}

bool tls_settings_same(const struct tls_settings *one, const struct tls_settings *other) {
    return CRYPTO_memcmp(one->digest, other->digest, sizeof one->digest) == 0;
}
