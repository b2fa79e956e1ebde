#define _GNU_SOURCE
#include "jws.h"

#include "base64url.h"
#include "hmac.h"

#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

/* Characters of the longest header that is read, encoded. */
#define HEADER_MAX 512
/* Bytes of the longest signature: RSA of 16384 bits. */
#define SIGNATURE_MAX 2048

static const struct algorithm {
    const char *name;
    enum { HS, RS, ES } kind;
    enum hmac_digest digest;
    const char *curve;    /* ES: as OpenSSL calls it; others have as many bits */
    size_t signature_len; /* bytes; RS: 0, the key's size */
} algorithms[] = {
    {"HS256", HS, HMAC_SHA256, NULL, 32},         {"HS384", HS, HMAC_SHA384, NULL, 48},
    {"HS512", HS, HMAC_SHA512, NULL, 64},         {"RS256", RS, HMAC_SHA256, NULL, 0},
    {"RS384", RS, HMAC_SHA384, NULL, 0},          {"RS512", RS, HMAC_SHA512, NULL, 0},
    {"ES256", ES, HMAC_SHA256, "prime256v1", 64}, {"ES384", ES, HMAC_SHA384, "secp384r1", 96},
    {"ES512", ES, HMAC_SHA512, "secp521r1", 132},
};

struct jws_verifier {
    const struct algorithm *algorithm;
    struct hmac_key **keys; /* HS: one for each secret */
    size_t key_count;
    char *public_key;     /* RS, ES */
    size_t signature_len; /* bytes; no other length is looked at */
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
    for (size_t i = 0; verifier->keys && i == verifier->key_count && i < secrets->count; i++) {
        verifier->keys[i] = hmac_key_new(verifier->algorithm->digest, secrets->names[i], secrets->lengths[i]);
        verifier->key_count += verifier->keys[i] ? 1 : 0;
    }
    if (verifier->key_count < secrets->count) {
        fault_set(fault, FAULT_MEMORY, "OpenSSL does not take the key");
        return false;
    }
    return true;
}

/* RFC 8725 section 3.5 points at NIST's bounds, of which this is one (FIPS 186-5): more than 2^16. */
static bool is_rsa_exponent_large(const EVP_PKEY *key) {
    BIGNUM *exponent = NULL;
    bool large = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) && BN_num_bits(exponent) > 16;
    BN_free(exponent);
    return large;
}

static bool key_fits(const struct algorithm *algorithm, const EVP_PKEY *key) {
    char curve[32];
    size_t len;
    if (algorithm->kind == RS) {
        int bits = EVP_PKEY_get_bits(key);
        return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && bits >= 2048 && bits <= SIGNATURE_MAX * 8 &&
               is_rsa_exponent_large(key);
    }
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, curve, sizeof curve, &len) &&
           strcmp(curve, algorithm->curve) == 0;
}

/* The key must be of the algorithm's kind: nothing else may ever be used with it. */
static bool add_public_key(struct jws_verifier *verifier, const char *pem, struct fault *fault) {
    BIO *bio = pem ? BIO_new_mem_buf(pem, -1) : NULL;
    EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    bool rsa = verifier->algorithm->kind == RS;
    bool fits = key && key_fits(verifier->algorithm, key);
    verifier->signature_len = fits && rsa ? (size_t)EVP_PKEY_get_size(key) : verifier->algorithm->signature_len;
    EVP_PKEY_free(key);
    BIO_free(bio);
    if (!fits) {
        fault_set(fault, FAULT_FIELD, "skotos_public_key: signature_algorithm %s wants a public key in PEM: %s",
                  verifier->algorithm->name,
                  rsa ? "RSA of 2048 to 16384 bits, with an exponent of at least 65537" : verifier->algorithm->curve);
        ERR_clear_error();
        return false;
    }
    verifier->public_key = strdup(pem);
    if (!verifier->public_key) {
        fault_set(fault, FAULT_MEMORY, "no memory");
    }
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
    verifier->signature_len = found->signature_len;
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

static enum verdict malformed(struct fault *fault, const char *what) {
    fault_set(fault, FAULT_NOT_JSON, "%s", what);
    return VERDICT_MALFORMED;
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

/* Decodes a segment to claims->bytes, `*len` of them. */
static enum verdict decode_segment(struct segment segment, const char *what, struct claims *claims, size_t *len,
                                   struct fault *fault) {
    if (!base64url_decode((unsigned char *)claims->bytes, len, segment.at, segment.len)) {
        fault_set(fault, FAULT_NOT_JSON, "the token's %s is not canonical base64url without padding", what);
        return VERDICT_MALFORMED;
    }
    return VERDICT_OK;
}

/* Reads the JSON that was decoded. */
static enum verdict read_segment(const char *what, struct claims *claims, size_t len, struct fault *fault) {
    const char *wrong = json_tree_read(&claims->tree, claims->bytes, len);
    if (wrong) {
        fault_set(fault, FAULT_NOT_JSON, "the token's %s %s", what, wrong);
        return VERDICT_MALFORMED;
    }
    return VERDICT_OK;
}

static bool says(const struct json_node *node, const char *wanted) {
    size_t len = strlen(wanted);
    return node && node->kind == JSON_KIND_STRING && node->value.text.len == len &&
           memcmp(node->value.text.at, wanted, len) == 0;
}

/* The values are not shown: nobody vouches for them. */
static enum verdict check_header(const struct jws_verifier *verifier, const struct json_tree *header,
                                 struct fault *fault) {
    /* Each of these makes the token another thing than a plain signed JWT: RFC 7515 4.1.11, RFC 7797, RFC 7516. */
    static const char *const unwanted[] = {"crit", "b64", "enc", "zip", "cty"};
    if (!says(json_tree_member(header, header->nodes, "alg"), verifier->algorithm->name)) {
        fault_set(fault, FAULT_FIELD, "header alg: another than %s came, which alone is wanted (signature_algorithm)",
                  verifier->algorithm->name);
        return VERDICT_ALGORITHM;
    }
    if (!says(json_tree_member(header, header->nodes, "typ"), "JWT")) {
        fault_set(fault, FAULT_FIELD, "header typ: \"JWT\" is wanted");
        return VERDICT_HEADER;
    }
    for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++) {
        if (json_tree_member(header, header->nodes, unwanted[i])) {
            fault_set(fault, FAULT_FIELD, "header %s: nothing of the kind is accepted", unwanted[i]);
            return VERDICT_HEADER;
        }
    }
    return VERDICT_OK;
}

static bool verify_hmac(const struct jws_verifier *verifier, const char *token, size_t signed_len,
                        const unsigned char *signature) {
    unsigned char expected[HMAC_MAX_SIZE];
    bool holds = false;
    for (size_t i = 0; i < verifier->key_count; i++) {
        size_t len = hmac_key_sign(verifier->keys[i], token, signed_len, expected);
        if (len > 0 && len == verifier->signature_len && CRYPTO_memcmp(expected, signature, len) == 0) {
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
    /* What is left in OpenSSL's queue would confuse whoever of Prosody's modules looks into it next. */
    ERR_clear_error();
    return holds;
}

static enum verdict check_signature(const struct jws_verifier *verifier, const char *token, size_t len,
                                    struct segment segment, struct fault *fault) {
    unsigned char signature[BASE64URL_DECODED_MAX(BASE64URL_ENCODED_LEN(SIGNATURE_MAX))];
    size_t signature_len = 0;
    bool fits = segment.len <= BASE64URL_ENCODED_LEN(SIGNATURE_MAX);
    if (fits && !base64url_decode(signature, &signature_len, segment.at, segment.len)) {
        return malformed(fault, "the token's signature is not canonical base64url without padding");
    }
    bool holds = fits && signature_len == verifier->signature_len;
    if (holds) {
        holds = verifier->algorithm->kind == HS
                    ? verify_hmac(verifier, token, (size_t)(segment.at - 1 - token), signature)
                    : verify_public(verifier, token, len);
    }
    if (!holds) {
        fault_set(fault, FAULT_FIELD, "the signature does not hold: was the token made with this server's %s?",
                  verifier->algorithm->kind == HS ? "app_secret" : "key");
        return VERDICT_SIGNATURE;
    }
    return VERDICT_OK;
}

static enum verdict read_header(const struct jws_verifier *verifier, struct segment segment, struct claims *claims,
                                struct fault *fault) {
    /* What our own tokens and jsonwebtoken's begin with: {"alg":"HS256","typ":"JWT"}. */
    static const char plain[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    if (verifier->algorithm == &algorithms[0] && segment.len == sizeof plain - 1 &&
        memcmp(segment.at, plain, sizeof plain - 1) == 0) {
        return VERDICT_OK;
    }
    if (segment.len > HEADER_MAX) {
        return malformed(fault, "the token's header is longer than 512 characters");
    }
    size_t size;
    enum verdict code = decode_segment(segment, "header", claims, &size, fault);
    code = code ? code : read_segment("header", claims, size, fault);
    return code ? code : check_header(verifier, &claims->tree, fault);
}

enum verdict jws_verify(struct jws_verifier *verifier, const char *token, size_t len, struct claims *claims,
                        struct fault *fault) {
    struct segment segments[3];
    size_t size;
    if (len > CLAIMS_TOKEN_MAX) {
        return malformed(fault, "the token is longer than 16384 bytes");
    }
    if (!split(token, len, segments)) {
        return malformed(fault, "the token has not exactly three segments");
    }
    enum verdict code = read_header(verifier, segments[0], claims, fault);
    code = code ? code : decode_segment(segments[1], "payload", claims, &size, fault);
    if (verifier->algorithm->kind == HS) {
        code = code ? code : check_signature(verifier, token, len, segments[2], fault);
        return code ? code : read_segment("payload", claims, size, fault);
    }
    code = code ? code : read_segment("payload", claims, size, fault);
    return code ? code : check_signature(verifier, token, len, segments[2], fault);
}
