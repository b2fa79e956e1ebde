#include "hmac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

struct hmac_key {
    EVP_MAC_CTX *context; /* holds the key; OpenSSL wipes it when freed */
};

static const char *digest_name(enum hmac_digest digest) {
    switch (digest) {
    case HMAC_SHA384:
        return "SHA384";
    case HMAC_SHA512:
        return "SHA512";
    case HMAC_SHA256:
        break;
    }
    return "SHA256";
}

struct hmac_key *hmac_key_new(enum hmac_digest digest, const void *secret, size_t len) {
    char name[8];
    struct hmac_key *key = calloc(1, sizeof *key);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (key && mac) {
        key->context = EVP_MAC_CTX_new(mac);
    }
    EVP_MAC_free(mac);
    if (!key || !key->context) {
        free(key);
        return NULL;
    }
    /* OSSL_PARAM wants memory that is not const, and copies it. */
    OPENSSL_strlcpy(name, digest_name(digest), sizeof name);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                           OSSL_PARAM_construct_end()};
    if (!EVP_MAC_init(key->context, secret, len, params)) {
        hmac_key_free(key);
        return NULL;
    }
    return key;
}

size_t hmac_key_sign(struct hmac_key *key, const void *data, size_t len, unsigned char out[HMAC_MAX_SIZE]) {
    size_t size = 0;
    if (!EVP_MAC_init(key->context, NULL, 0, NULL) || !EVP_MAC_update(key->context, data, len) ||
        !EVP_MAC_final(key->context, out, &size, HMAC_MAX_SIZE)) {
        return 0;
    }
    return size;
}

void hmac_key_free(struct hmac_key *key) {
    if (key) {
        EVP_MAC_CTX_free(key->context);
        free(key);
    }
}
