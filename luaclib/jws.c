#define _GNU_SOURCE
#include "jws.h"

#include "base64url.h"
#include "hmac.h"

#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the longest header that is read. */
#define HEADER_MAX 512
/* Deepest nesting in a payload. */
#define DEPTH_MAX 16

static const struct algorithm {
    const char *name;
    enum { HS, RS, ES } kind;
    enum hmac_digest digest;
    int bits; /* ES: of the curve */
} algorithms[] = {
    {"HS256", HS, HMAC_SHA256, 0},   {"HS384", HS, HMAC_SHA384, 0},   {"HS512", HS, HMAC_SHA512, 0},
    {"RS256", RS, HMAC_SHA256, 0},   {"RS384", RS, HMAC_SHA384, 0},   {"RS512", RS, HMAC_SHA512, 0},
    {"ES256", ES, HMAC_SHA256, 256}, {"ES384", ES, HMAC_SHA384, 384}, {"ES512", ES, HMAC_SHA512, 521},
};

struct jws_verifier {
    const struct algorithm *algorithm;
    struct hmac_key **keys; /* HS: one for each secret */
    size_t key_count;
    char *public_key; /* RS, ES */
};

struct segment {
    const char *at;
    size_t len;
};

static bool add_secrets(struct jws_verifier *verifier, const struct name_list *secrets, struct fault *fault) {
    if (!secrets || secrets->count == 0) {
        fault_set(fault, FAULT_FIELD, "signature_algorithm %s wants an app_secret", verifier->algorithm->name);
        return false;
    }
    verifier->keys = calloc(secrets->count, sizeof *verifier->keys);
    for (size_t i = 0; verifier->keys && i < secrets->count; i++) {
        verifier->keys[i] = hmac_key_new(verifier->algorithm->digest, secrets->names[i], secrets->lengths[i]);
        verifier->key_count += verifier->keys[i] ? 1 : 0;
    }
    if (verifier->key_count < secrets->count) {
        fault_set(fault, FAULT_MEMORY, "OpenSSL does not take the key");
        return false;
    }
    return true;
}

/* The key must be of the algorithm's kind: nothing else may ever be used with it. */
static bool add_public_key(struct jws_verifier *verifier, const char *pem, struct fault *fault) {
    BIO *bio = pem ? BIO_new_mem_buf(pem, -1) : NULL;
    EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    bool rsa = verifier->algorithm->kind == RS;
    bool fits =
        key && (rsa ? EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= 2048
                    : EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_bits(key) == verifier->algorithm->bits);
    EVP_PKEY_free(key);
    BIO_free(bio);
    if (!fits) {
        fault_set(fault, FAULT_FIELD, "skotos_public_key: signature_algorithm %s wants a public key in PEM: %s",
                  verifier->algorithm->name, rsa ? "RSA of at least 2048 bits" : "EC on the algorithm's curve");
        return false;
    }
    verifier->public_key = strdup(pem);
    return verifier->public_key != NULL;
}

struct jws_verifier *jws_verifier_new(const char *algorithm, const struct name_list *secrets, const char *public_key,
                                      struct fault *fault) {
    const struct algorithm *found = NULL;
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (strcmp(algorithms[i].name, algorithm) == 0) {
            found = &algorithms[i];
        }
    }
    if (!found) {
        char quoted[FAULT_QUOTE_SIZE];
        fault_set(fault, FAULT_FIELD,
                  "signature_algorithm: %s came, HS256, HS384, HS512, RS256 to RS512 or ES256 to ES512 is wanted",
                  fault_quote(quoted, algorithm, strlen(algorithm)));
        return NULL;
    }
    struct jws_verifier *verifier = calloc(1, sizeof *verifier);
    if (!verifier) {
        fault_set(fault, FAULT_MEMORY, "no memory");
        return NULL;
    }
    verifier->algorithm = found;
    if (found->kind == HS ? !add_secrets(verifier, secrets, fault) : !add_public_key(verifier, public_key, fault)) {
        jws_verifier_free(verifier);
        return NULL;
    }
    return verifier;
}

void jws_verifier_free(struct jws_verifier *verifier) {
    if (verifier) {
        for (size_t i = 0; verifier->keys && i < verifier->key_count; i++) {
            hmac_key_free(verifier->keys[i]);
        }
        free(verifier->keys);
        free(verifier->public_key);
        free(verifier);
    }
}

static enum check_code malformed(struct fault *fault, const char *what) {
    fault_set(fault, FAULT_NOT_JSON, "%s", what);
    return CHECK_MALFORMED;
}

/* Exactly three segments, none empty. */
static bool split(const char *token, size_t len, struct segment segments[3]) {
    const char *end = token + len;
    for (int i = 0; i < 3; i++) {
        const char *dot = memchr(token, '.', (size_t)(end - token));
        if (i < 2 ? !dot : dot != NULL) {
            return false;
        }
        segments[i] = (struct segment){token, (size_t)((dot ? dot : end) - token)};
        if (segments[i].len == 0) {
            return false;
        }
        token = dot ? dot + 1 : end;
    }
    return true;
}

/* Whether nesting stays within DEPTH_MAX, seen without building anything. */
static bool shallow(const unsigned char *json, size_t len) {
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        if (in_string) {
            if (json[i] == '\\') {
                i++;
            } else if (json[i] == '"') {
                in_string = false;
            }
        } else if (json[i] == '"') {
            in_string = true;
        } else if (json[i] == '{' || json[i] == '[') {
            if (++depth > DEPTH_MAX) {
                return false;
            }
        } else if (json[i] == '}' || json[i] == ']') {
            depth--;
        }
    }
    return true;
}

/* A segment as a JSON object; NULL when it is none, has a key twice, a NUL in a string, or nests too deep. `scratch`
 * has room for it. */
static json_t *object_of(struct segment segment, unsigned char *scratch) {
    size_t len;
    json_error_t error;
    if (!base64url_decode(scratch, &len, segment.at, segment.len) || !shallow(scratch, len)) {
        return NULL;
    }
    json_t *value = json_loadb((const char *)scratch, len, JSON_REJECT_DUPLICATES, &error);
    if (value && !json_is_object(value)) {
        json_decref(value);
        value = NULL;
    }
    return value;
}

static enum check_code check_header(const struct jws_verifier *verifier, const json_t *header, struct fault *fault) {
    /* Each of these makes the token another thing than a plain signed JWT: RFC 7515 4.1.11, RFC 7797, RFC 7516. */
    static const char *const unwanted[] = {"crit", "b64", "enc", "zip", "cty"};
    const char *alg = json_string_value(json_object_get(header, "alg"));
    const char *typ = json_string_value(json_object_get(header, "typ"));
    if (!alg || strcmp(alg, verifier->algorithm->name) != 0) {
        char quoted[FAULT_QUOTE_SIZE];
        fault_set(fault, FAULT_FIELD, "header alg: %s came, %s is wanted (signature_algorithm)",
                  alg ? fault_quote(quoted, alg, strlen(alg)) : "no string", verifier->algorithm->name);
        return CHECK_ALGORITHM;
    }
    if (!typ || strcmp(typ, "JWT") != 0) {
        fault_set(fault, FAULT_FIELD, "header typ: \"JWT\" is wanted");
        return CHECK_HEADER;
    }
    for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++) {
        if (json_object_get(header, unwanted[i])) {
            fault_set(fault, FAULT_FIELD, "header %s: nothing of the kind is accepted", unwanted[i]);
            return CHECK_HEADER;
        }
    }
    return CHECK_OK;
}

static bool verify_hmac(const struct jws_verifier *verifier, const char *token, size_t signed_len,
                        const unsigned char *signature, size_t signature_len) {
    unsigned char expected[HMAC_MAX_SIZE];
    bool holds = false;
    for (size_t i = 0; i < verifier->key_count; i++) {
        size_t len = hmac_key_sign(verifier->keys[i], token, signed_len, expected);
        if (len > 0 && len == signature_len && CRYPTO_memcmp(expected, signature, len) == 0) {
            holds = true;
        }
    }
    OPENSSL_cleanse(expected, sizeof expected);
    return holds;
}

static bool verify_public(const struct jws_verifier *verifier, const char *token, size_t len) {
    jwt_t *jwt = NULL;
    char *copy = malloc(len + 1);
    if (!copy) {
        return false;
    }
    memcpy(copy, token, len);
    copy[len] = '\0';
    int error = jwt_decode(&jwt, copy, (const unsigned char *)verifier->public_key, (int)strlen(verifier->public_key));
    bool holds = error == 0 && jwt_get_alg(jwt) == jwt_str_alg(verifier->algorithm->name);
    jwt_free(jwt);
    free(copy);
    return holds;
}

static enum check_code verify_signature(const struct jws_verifier *verifier, const char *token, size_t len,
                                        struct segment segment, unsigned char *scratch, struct fault *fault) {
    size_t signature_len;
    if (!base64url_decode(scratch, &signature_len, segment.at, segment.len)) {
        return malformed(fault, "the token's signature is not canonical base64url");
    }
    bool holds = verifier->algorithm->kind == HS
                     ? verify_hmac(verifier, token, (size_t)(segment.at - 1 - token), scratch, signature_len)
                     : verify_public(verifier, token, len);
    if (!holds) {
        fault_set(fault, FAULT_FIELD, "the signature does not hold: was the token made with this server's %s?",
                  verifier->algorithm->kind == HS ? "app_secret" : "key");
        return CHECK_SIGNATURE;
    }
    return CHECK_OK;
}

enum check_code jws_verify(struct jws_verifier *verifier, const char *token, size_t len, json_t **payload,
                           struct fault *fault) {
    /* What our own tokens and jsonwebtoken's begin with: {"alg":"HS256","typ":"JWT"}. */
    static const char plain[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    struct segment segments[3];
    unsigned char scratch[BASE64URL_DECODED_MAX(CHECK_TOKEN_MAX)];
    *payload = NULL;
    if (len > CHECK_TOKEN_MAX) {
        return malformed(fault, "the token is longer than 16384 bytes");
    }
    if (!split(token, len, segments)) {
        return malformed(fault, "the token has not exactly three segments");
    }
    bool known = verifier->algorithm == &algorithms[0] && segments[0].len == sizeof plain - 1 &&
                 memcmp(segments[0].at, plain, sizeof plain - 1) == 0;
    if (!known) {
        if (segments[0].len > HEADER_MAX) {
            return malformed(fault, "the token's header is longer than 512 characters");
        }
        json_t *header = object_of(segments[0], scratch);
        if (!header) {
            return malformed(fault, "the token's header is no JSON object in canonical base64url");
        }
        enum check_code code = check_header(verifier, header, fault);
        json_decref(header);
        if (code != CHECK_OK) {
            return code;
        }
    }
    enum check_code code = verify_signature(verifier, token, len, segments[2], scratch, fault);
    if (code != CHECK_OK) {
        return code;
    }
    *payload = object_of(segments[1], scratch);
    return *payload ? CHECK_OK : malformed(fault, "the token's payload is no JSON object in canonical base64url");
}
