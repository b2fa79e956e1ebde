#include "floor.h"

#include <inttypes.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>

static EVP_MAC_CTX *hmac;

bool floor_begin(const char *secret) {
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    hmac = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    return hmac && EVP_MAC_init(hmac, (const unsigned char *)secret, strlen(secret), params);
}

static char *encode(char *at, const unsigned char *in, size_t len) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t i = 0;
    for (; i + 2 < len; i += 3) {
        *at++ = alphabet[in[i] >> 2];
        *at++ = alphabet[(in[i] & 3) << 4 | in[i + 1] >> 4];
        *at++ = alphabet[(in[i + 1] & 15) << 2 | in[i + 2] >> 6];
        *at++ = alphabet[in[i + 2] & 63];
    }
    if (i + 1 < len) {
        *at++ = alphabet[in[i] >> 2];
        *at++ = alphabet[(in[i] & 3) << 4 | in[i + 1] >> 4];
        *at++ = alphabet[(in[i + 1] & 15) << 2];
    } else if (i < len) {
        *at++ = alphabet[in[i] >> 2];
        *at++ = alphabet[(in[i] & 3) << 4];
    }
    return at;
}

size_t floor_token(char out[1024], const char *name, const char *channel, int64_t now, int64_t valid_for) {
    static const char header[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
    char payload[600];
    unsigned char signature[32];
    size_t size = 0;
    int len = snprintf(payload, sizeof payload,
                       "{\"iss\":\"skotos\",\"aud\":\"jitsi\",\"sub\":\"meet.test\",\"room\":\"%s\",\"iat\":%" PRId64
                       ",\"nbf\":%" PRId64 ",\"exp\":%" PRId64 ",\"moderator\":false,\"context\":{\"user\":{\"id\":"
                       "\"%s\",\"name\":\"%s\",\"moderator\":false,\"affiliation\":\"member\"}}}",
                       channel, now, now, now + valid_for, name, name);
    if (len < 0 || (size_t)len >= sizeof payload) {
        return 0;
    }
    memcpy(out, header, sizeof header - 1);
    char *at = encode(out + sizeof header - 1, (const unsigned char *)payload, (size_t)len);
    if (!EVP_MAC_init(hmac, NULL, 0, NULL) || !EVP_MAC_update(hmac, (unsigned char *)out, (size_t)(at - out)) ||
        !EVP_MAC_final(hmac, signature, &size, sizeof signature)) {
        return 0;
    }
    *at++ = '.';
    at = encode(at, signature, size);
    *at = '\0';
    return (size_t)(at - out);
}
