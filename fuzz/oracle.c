#define _GNU_SOURCE
#include "oracle.h"

#include "base64url.h"
#include "utf8.h"
#include "windows1252.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void oracle_broken(const char *file, int line, const char *rule) {
    fprintf(stderr, "%s:%d: broken rule: %s\n", file, line, rule);
    abort();
}

uint8_t input_byte(struct input *input) {
    if (input->left == 0) {
        return 0;
    }
    input->left--;
    return *input->at++;
}

uint16_t input_word(struct input *input) {
    unsigned high = input_byte(input);
    return (uint16_t)(high << 8 | input_byte(input));
}

const char *input_bytes(struct input *input, size_t len, size_t *got) {
    const char *bytes = (const char *)input->at;
    *got = len < input->left ? len : input->left;
    input->at += *got;
    input->left -= *got;
    return bytes;
}

void oracle_check_fault(const struct fault *fault) {
    size_t len = strnlen(fault->text, sizeof fault->text);
    MUST(fault->code != FAULT_NONE, "a refusal has a code");
    MUST(len > 0 && len < sizeof fault->text, "a refusal has a line that ends");
    for (size_t i = 0; i < len; i++) {
        MUST(fault->text[i] >= 0x20 && fault->text[i] < 0x7F, "a refusal's line is printable ASCII");
    }
}

json_t *oracle_json(const char *bytes, size_t len, size_t flags) {
    char *converted = NULL;
    if (!utf8_valid(bytes, len)) {
        converted = malloc(WINDOWS1252_TO_UTF8_MAX(len) + 1);
        MUST(converted, "there is memory");
        len = windows1252_to_utf8(converted, bytes, len);
        MUST(utf8_valid(converted, len), "Windows-1252 becomes UTF-8");
        bytes = converted;
    }
    json_t *json = json_loadb(bytes, len, flags, NULL);
    free(converted);
    return json;
}

json_t *oracle_account(const char *bytes, size_t len, const json_t *text) {
    const char *from = json_string_value(text);
    size_t from_len = json_string_length(text);
    if (utf8_valid(bytes, len)) {
        return json_stringn(from, from_len);
    }
    char *escaped = malloc(WINDOWS1252_ESCAPE_MAX(from_len) + 1);
    MUST(escaped, "there is memory");
    size_t escaped_len = windows1252_escape(escaped, (struct text){from, from_len});
    MUST(utf8_valid(escaped, escaped_len), "an account is UTF-8");
    json_t *account = json_stringn(escaped, escaped_len);
    free(escaped);
    return account;
}

bool oracle_is_text(const json_t *value, struct text text) {
    return json_is_string(value) && json_string_length(value) == text.len &&
           memcmp(json_string_value(value), text.at, text.len) == 0;
}

json_t *oracle_payload(const char *token, size_t len) {
    const char *end = token + len;
    const char *first = memchr(token, '.', len);
    MUST(first, "a token has a first dot");
    const char *second = memchr(first + 1, '.', (size_t)(end - first - 1));
    MUST(second, "a token has a second dot");
    size_t size = (size_t)(second - first - 1), decoded;
    unsigned char *payload = malloc(BASE64URL_DECODED_MAX(size));
    MUST(payload && base64url_decode(payload, &decoded, first + 1, size), "a token's payload is base64url");
    json_t *json = json_loadb((const char *)payload, decoded, JSON_REJECT_DUPLICATES, NULL);
    MUST(json, "a token's payload is JSON");
    free(payload);
    return json;
}

struct issuer oracle_issuer(void) {
    struct issuer issuer = {.policy = {.default_validity = 600, .max_validity = 86400, .allow_moderator = true},
                            .max_frame = 65536};
    issuer.maker = token_maker_new("skotos", "meet.test", HMAC_SHA256, ORACLE_SECRET, sizeof ORACLE_SECRET - 1);
    MUST(issuer.maker, "OpenSSL takes the key");
    return issuer;
}

/* How a request for a token goes on behind the name, in a decoy. */
#define SPLIT_END "\", \"channel\": \"vault\", \"moderator\": true, \"validFor\": 86400, \"seq\": "

size_t oracle_hostile_name(char *out, const char *name, size_t len, long own) {
    char *at = out;
    for (size_t i = 0; i < len; i++) {
        if (name[i] < 1 || name[i] > 3 || i + 1 == len) {
            *at++ = name[i];
            continue;
        }
        char kind = name[i++];
        long number = (unsigned char)name[i] % 10 == 9 ? 1000000000 : own - 4 + (unsigned char)name[i] % 10;
        number = number < 0 ? 0 : number;
        if (kind > 1) {
            at = mempcpy(at, SPLIT_END, sizeof SPLIT_END - 1);
        }
        at += sprintf(at, "%ld", number);
        if (kind == 3) {
            at = mempcpy(at, " }\0{\"cmd\":\"ping\",\"seq\":", 23);
            at += sprintf(at, "%ld", number);
        }
        if (kind > 1) {
            at = mempcpy(at, " }\0" ORACLE_HEAD "Skott", sizeof " }?" ORACLE_HEAD "Skott" - 1);
        }
    }
    return (size_t)(at - out);
}

bool oracle_is_plain_name(const char *name, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (name[i] < 0x20 || name[i] > 0x7E || name[i] == '"' || name[i] == '\\') {
            return false;
        }
    }
    return len > 0 && len <= FIELD_NAME_MAX;
}

void oracle_check_claims(const json_t *payload, const json_t *account, const json_t *name, bool moderator) {
    json_int_t iat = json_integer_value(json_object_get(payload, "iat"));
    json_int_t exp = json_integer_value(json_object_get(payload, "exp"));
    json_t *wanted = json_pack("{s:s, s:s, s:s, s:O, s:I, s:I, s:I, s:b, s:{s:{s:O, s:O, s:b, s:s}}}", "iss", "skotos",
                               "aud", "jitsi", "sub", "meet.test", "room", json_object_get(payload, "room"), "iat", iat,
                               "nbf", iat, "exp", exp, "moderator", moderator, "context", "user", "id", account, "name",
                               name, "moderator", moderator, "affiliation", moderator ? "owner" : "member");
    MUST(wanted && json_equal(wanted, payload), "a token has no claim that the game did not ask for");
    json_decref(wanted);
}
