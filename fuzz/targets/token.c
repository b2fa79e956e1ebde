/* The token verifier: bytes as they come, and JSON that is signed first so that the claims' checks are reached. What it
 * accepts has a true signature by OpenSSL's own reckoning and claims that jansson reads the same way; nothing that is
 * signed otherwise is ever accepted; a refusal shows no byte that nobody vouched for. */
#include "oracle.h"

#include "base64url.h"
#include "room_name.h"
#include "utf8.h"
#include "verifier.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define LEEWAY 10

static struct verifier *symmetric, *elliptic;
static EVP_PKEY *elliptic_key;
static struct claims claims;

static struct name_list list_of(const char *name) {
    struct name_list list = {0};
    MUST(name_list_add(&list, name, strlen(name)), "there is memory");
    return list;
}

static void set_up(void) {
    struct fault fault;
    struct name_list secrets = list_of(ORACLE_SECRET), issuers = list_of("skotos"), audiences = list_of("jitsi");
    struct verifier_options options = {.algorithm = "HS256",
                                       .secrets = &secrets,
                                       .issuers = &issuers,
                                       .audiences = &audiences,
                                       .domain = "meet.test",
                                       .require_room = true,
                                       .validity = {.leeway = LEEWAY}};
    symmetric = verifier_new(&options, &fault);
    char *pem = NULL;
    elliptic_key = EVP_EC_gen("P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    MUST(elliptic_key && bio && PEM_write_bio_PUBKEY(bio, elliptic_key) && BIO_write(bio, "", 1) == 1 &&
             BIO_get_mem_data(bio, &pem) > 0,
         "OpenSSL makes a key");
    options.algorithm = "ES256";
    options.public_key = pem;
    elliptic = verifier_new(&options, &fault);
    MUST(symmetric && elliptic, "the verifiers are made");
    BIO_free(bio);
    name_list_free(&secrets);
    name_list_free(&issuers);
    name_list_free(&audiences);
}

static size_t find_last_dot(const char *token, size_t len) {
    while (len > 0 && token[len - 1] != '.') {
        len--;
    }
    return len > 0 ? len - 1 : 0;
}

/* Header and payload as a token with an HS256 signature, or with another digest's, or with another secret's. */
static char *sign(const char *header, size_t header_len, const char *payload, size_t payload_len, unsigned how,
                  size_t *len) {
    const char *secret = how == 1 ? "another-secret" : ORACLE_SECRET;
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_len;
    char *token = malloc(BASE64URL_ENCODED_LEN(header_len) + BASE64URL_ENCODED_LEN(payload_len) + 200);
    MUST(token, "there is memory");
    *len = base64url_encode(token, (const unsigned char *)header, header_len);
    token[(*len)++] = '.';
    *len += base64url_encode(token + *len, (const unsigned char *)payload, payload_len);
    HMAC(how == 2 ? EVP_sha384() : EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)token, *len, mac,
         &mac_len);
    token[(*len)++] = '.';
    *len += base64url_encode(token + *len, mac, mac_len);
    return token;
}

static void check_signature(const char *token, size_t len) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    char text[BASE64URL_ENCODED_LEN(EVP_MAX_MD_SIZE)];
    unsigned mac_len;
    size_t dot = find_last_dot(token, len);
    HMAC(EVP_sha256(), ORACLE_SECRET, sizeof ORACLE_SECRET - 1, (const unsigned char *)token, dot, mac, &mac_len);
    size_t text_len = base64url_encode(text, mac, mac_len);
    MUST(text_len == len - dot - 1 && memcmp(text, token + dot + 1, text_len) == 0, "what is accepted is signed");
}

static bool holds_string(const json_t *value, const char *wanted) {
    size_t i;
    const json_t *one;
    if (json_is_string(value)) {
        return strcmp(json_string_value(value), wanted) == 0;
    }
    json_array_foreach(value, i, one) {
        if (json_is_string(one) && strcmp(json_string_value(one), wanted) == 0) {
            return true;
        }
    }
    return false;
}

static void check_claims(const char *token, size_t len, int64_t now, int64_t pardon) {
    json_t *json = oracle_payload(token, len);
    MUST(json_is_string(json_object_get(json, "iss")) && holds_string(json_object_get(json, "iss"), "skotos"),
         "the issuer is ours");
    MUST(holds_string(json_object_get(json, "aud"), "jitsi"), "the audience is ours");
    MUST(json_string_length(json_object_get(json, "room")) > 0, "a room is named");
    MUST(json_string_length(json_object_get(json, "sub")) > 0, "a domain is named");
    const json_t *exp = json_object_get(json, "exp"), *nbf = json_object_get(json, "nbf");
    MUST(pardon || (json_is_number(exp) && json_number_value(exp) + LEEWAY + 1 > (double)now), "it has not expired");
    MUST(!nbf || (json_is_number(nbf) && json_number_value(nbf) - LEEWAY <= (double)now), "it is valid already");
    MUST(json_object_size(json) == claims.tree.nodes[0].count, "no claim is added or lost");
    json_decref(json);
}

static enum verdict check(struct verifier *verifier, const char *token, size_t len, int64_t now, int64_t pardon) {
    struct fault fault = {.code = FAULT_NONE};
    enum verdict code = verifier_verify(verifier, token, len, now, pardon, &claims, &fault);
    if (code != VERDICT_OK) {
        oracle_check_fault(&fault);
        MUST(verdict_name(code)[0] && verdict_client_text(code)[0], "a refusal has a name");
    } else if (verifier == symmetric) {
        check_signature(token, len);
        check_claims(token, len, now, pardon);
    }
    return code;
}

/* Takes a good token of ours and breaks it as the input says: it must not be good any more. */
static void check_broken(struct input *input) {
    static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    static const char payload[] = "{\"iss\":\"skotos\",\"aud\":\"jitsi\",\"sub\":\"meet.test\",\"room\":\"tavern\","
                                  "\"exp\":1795511829,\"moderator\":false}";
    size_t len;
    char *token = sign(header, sizeof header - 1, payload, sizeof payload - 1, 0, &len);
    MUST(check(symmetric, token, len, ORACLE_NOW, VALIDITY_STRICT) == VERDICT_OK, "a good token is good");
    MUST(check(elliptic, token, len, ORACLE_NOW, VALIDITY_STRICT) == VERDICT_ALGORITHM,
         "the algorithm is the configured one");
    size_t at = input_word(input) % len;
    char put = (char)input_byte(input);
    bool changed = token[at] != put;
    token[at] = put;
    if (input_byte(input) & 1) {
        len = at;
        changed = true;
    }
    MUST(!changed || check(symmetric, token, len, ORACLE_NOW, VALIDITY_STRICT) != VERDICT_OK,
         "a broken token is refused");
    free(token);
}

static bool is_ascii(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* What a page makes of a room's name can stand in a JID, is of lower case, and leads back to the name. */
static void check_names(struct text channel, struct text tenant) {
    char node[ROOM_NAME_MAX], again[ROOM_NAME_MAX], name[ROOM_NAME_MAX];
    const char *why = NULL;
    struct text found;
    if (!utf8_valid(channel.at, channel.len)) {
        return;
    }
    size_t len = room_name_node(channel, tenant, node, &why);
    MUST(len > 0 || (why && why[0]), "a name that is refused has a reason");
    for (size_t i = 0; i < len; i++) {
        MUST(node[i] > ' ' && node[i] < 0x7F && !strchr("\"&'/:<>@", node[i]), "a node can stand in a JID");
        MUST(node[i] < 'A' || node[i] > 'Z', "a node is of lower case");
    }
    if (len > 0) {
        size_t name_len = room_name_channel((struct text){node, len}, name, &found);
        MUST(name_len > 0 && utf8_valid(name, name_len), "a node has a name");
        MUST(!tenant.at || (found.len == tenant.len), "a tenant's room has its tenant");
        size_t plain_len = room_name_plain((struct text){node, len}, again, &why);
        MUST(plain_len == 0 || (plain_len >= name_len && plain_len <= ROOM_NAME_MAX), "and a plain form");
    }
}

/* The rooms and subjects of the input, for the comparison that decides on a tenant's room. */
static void check_room(struct input *input) {
    struct text texts[4];
    uint8_t how = input_byte(input);
    for (int i = 0; i < 4; i++) {
        size_t len = i < 3 ? input_byte(input) % 32 : input->left;
        texts[i].at = input_bytes(input, len, &texts[i].len);
    }
    if (how & 1) {
        texts[2] = (struct text){NULL, 0};
    }
    if (how & 2) {
        texts[3] = (struct text){NULL, 0};
    }
    bool opens = verifier_room_matches(texts[0], texts[1], texts[2], texts[3]);
    MUST(!opens || texts[0].len > 0, "a token for no room opens none");
    bool any = texts[0].len == 1 && texts[0].at[0] == '*';
    bool escaped = texts[0].len > 0 && (memchr(texts[0].at, '%', texts[0].len) || !is_ascii(texts[0]));
    MUST(!opens || any || escaped || texts[0].len <= texts[1].len, "a room's name does not open a shorter one");
    check_names(texts[0], texts[2]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    if (!symmetric) {
        set_up();
    }
    uint8_t how = input_byte(&input);
    int64_t now = ORACLE_NOW + (int16_t)input_word(&input);
    int64_t pardon = how & 0x80 ? VALIDITY_EVER : VALIDITY_STRICT;
    size_t header_len, len;
    char *token;
    const char *header;
    switch (how & 7) {
    case 0:
    case 1:
        /* A copy of its own, so that a look past its end is seen. */
        token = malloc(input.left > 0 ? input.left : 1);
        MUST(token, "there is memory");
        memcpy(token, input.at, input.left);
        MUST(check(how & 1 ? elliptic : symmetric, token, input.left, now, pardon) != VERDICT_OK || !(how & 1),
             "nobody guesses a signature");
        free(token);
        break;
    case 2:
        check_broken(&input);
        break;
    case 3:
        check_room(&input);
        break;
    default:
        header = input_bytes(&input, how & 8 ? input_byte(&input) : 0, &header_len);
        if (header_len == 0) {
            header = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
            header_len = strlen(header);
        }
        token = sign(header, header_len, (const char *)input.at, input.left, how >> 4 & 3, &len);
        MUST(check(symmetric, token, len, now, pardon) != VERDICT_OK || (how >> 4 & 3) % 3 == 0,
             "a wrong signature is refused");
        free(token);
        break;
    }
    return 0;
}
