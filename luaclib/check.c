#define _GNU_SOURCE
#include "check.h"

#include "jws.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct checker {
    struct jws_verifier *verifier;
    struct name_list issuers, audiences;
    char *domain;
    bool require_room;
    int64_t leeway;
};

static const struct {
    const char *name, *client;
} codes[] = {
    [CHECK_OK] = {"ok", "OK"},
    [CHECK_MEMORY] = {"memory", "server is short of memory"},
    [CHECK_MALFORMED] = {"malformed", "token is malformed"},
    [CHECK_ALGORITHM] = {"algorithm", "token is not signed as this server wants it"},
    [CHECK_HEADER] = {"header", "token header is not accepted"},
    [CHECK_SIGNATURE] = {"signature", "token signature is not valid"},
    [CHECK_CLAIM] = {"claim", "token claim is not valid"},
    [CHECK_EXPIRED] = {"expired", "token has expired"},
    [CHECK_NOT_YET] = {"not-yet-valid", "token is not valid yet"},
    [CHECK_ISSUER] = {"issuer", "token issuer is not accepted"},
    [CHECK_AUDIENCE] = {"audience", "token audience is not accepted"},
    [CHECK_ROOM] = {"room", "token names no room"},
    [CHECK_SUBJECT] = {"subject", "token is for another domain"},
};

const char *check_code_name(enum check_code code) { return codes[code].name; }
const char *check_client_text(enum check_code code) { return codes[code].client; }

static bool copy_list(struct name_list *to, const struct name_list *from) {
    for (size_t i = 0; from && i < from->count; i++) {
        if (!name_list_add(to, from->names[i], from->lengths[i])) {
            return false;
        }
    }
    return true;
}

struct checker *checker_new(const struct checker_options *options, struct fault *fault) {
    struct checker *checker = calloc(1, sizeof *checker);
    fault_set(fault, FAULT_MEMORY, "no memory");
    if (!checker) {
        return NULL;
    }
    checker->require_room = options->require_room;
    checker->leeway = options->leeway;
    checker->domain = options->domain ? strdup(options->domain) : NULL;
    if ((options->domain && !checker->domain) || !copy_list(&checker->issuers, options->issuers) ||
        !copy_list(&checker->audiences, options->audiences) ||
        !(checker->verifier = jws_verifier_new(options->algorithm, options->secrets, options->public_key, fault))) {
        checker_free(checker);
        return NULL;
    }
    return checker;
}

void checker_free(struct checker *checker) {
    if (checker) {
        jws_verifier_free(checker->verifier);
        name_list_free(&checker->issuers);
        name_list_free(&checker->audiences);
        free(checker->domain);
        free(checker);
    }
}

static bool accepts(const struct name_list *list, const json_t *value) {
    struct text any = {"*", 1};
    if (name_list_has(list, any)) {
        return true;
    }
    struct text text = {json_string_value(value), json_string_length(value)};
    return text.at && name_list_has(list, text);
}

static const char *quoted(char out[FAULT_QUOTE_SIZE], const json_t *value) {
    return json_is_string(value) ? fault_quote(out, json_string_value(value), json_string_length(value)) : "no string";
}

static enum check_code check_issuer(const struct checker *checker, const json_t *claims, struct fault *fault) {
    char quote[FAULT_QUOTE_SIZE];
    const json_t *iss = json_object_get(claims, "iss");
    if (!json_is_string(iss) || !accepts(&checker->issuers, iss)) {
        fault_set(fault, FAULT_FIELD, "claim iss: %s came, app_id or one of asap_accepted_issuers is wanted",
                  quoted(quote, iss));
        return CHECK_ISSUER;
    }
    return CHECK_OK;
}

/* A string, or an array of strings of which one is accepted (RFC 7519 section 4.1.3). */
static enum check_code check_audience(const struct checker *checker, const json_t *claims, struct fault *fault) {
    char quote[FAULT_QUOTE_SIZE];
    const json_t *aud = json_object_get(claims, "aud");
    if (json_is_string(aud) && accepts(&checker->audiences, aud)) {
        return CHECK_OK;
    }
    for (size_t i = 0; i < json_array_size(aud); i++) {
        const json_t *one = json_array_get(aud, i);
        if (json_is_string(one) && accepts(&checker->audiences, one)) {
            return CHECK_OK;
        }
    }
    fault_set(fault, FAULT_FIELD, "claim aud: %s came, one of asap_accepted_audiences is wanted", quoted(quote, aud));
    return CHECK_AUDIENCE;
}

static enum check_code check_room(const struct checker *checker, const json_t *claims, struct fault *fault) {
    const json_t *room = json_object_get(claims, "room");
    if (checker->require_room ? !json_is_string(room) || json_string_length(room) == 0
                              : room && !json_is_string(room)) {
        fault_set(fault, FAULT_FIELD, "claim room: no string came, a room's name is wanted (asap_require_room_claim)");
        return CHECK_ROOM;
    }
    return CHECK_OK;
}

static enum check_code check_subject(const struct checker *checker, const json_t *claims, struct fault *fault) {
    char quote[FAULT_QUOTE_SIZE];
    const json_t *sub = json_object_get(claims, "sub");
    if (checker->domain && (!json_is_string(sub) || (strcmp(json_string_value(sub), "*") != 0 &&
                                                     strcasecmp(json_string_value(sub), checker->domain) != 0))) {
        fault_set(fault, FAULT_FIELD, "claim sub: %s came, \"%s\" is wanted (enable_domain_verification)",
                  quoted(quote, sub), checker->domain);
        return CHECK_SUBJECT;
    }
    return CHECK_OK;
}

/* The time claim `name` in seconds. A value that is no whole number, negative, or far out is refused. */
static enum check_code time_claim(const json_t *claims, const char *name, bool required, int64_t now, int64_t *out,
                                  bool *given, struct fault *fault) {
    const json_t *value = json_object_get(claims, name);
    *given = value != NULL;
    if (!value && !required) {
        return CHECK_OK;
    }
    if (!json_is_integer(value)) {
        fault_set(fault, FAULT_FIELD, "claim %s: %s, whole seconds since 1970 are wanted", name,
                  value ? "no whole number came" : "nothing came");
        return CHECK_CLAIM;
    }
    *out = json_integer_value(value);
    if (*out < 0 || *out > now + CHECK_FAR_S || *out < now - CHECK_FAR_S) {
        fault_set(fault, FAULT_FIELD,
                  "claim %s: %" PRId64 " came, a time within ten years of now (%" PRId64 ") is wanted", name, *out,
                  now);
        return CHECK_CLAIM;
    }
    return CHECK_OK;
}

static enum check_code check_begin(const struct checker *checker, const json_t *claims, const char *name, int64_t now,
                                   struct fault *fault) {
    int64_t from;
    bool given;
    enum check_code code = time_claim(claims, name, false, now, &from, &given, fault);
    if (code == CHECK_OK && given && from > now + checker->leeway) {
        fault_set(fault, FAULT_FIELD, "claim %s: valid in %" PRId64 " s only; are the clocks of both servers right?",
                  name, from - now);
        return CHECK_NOT_YET;
    }
    return code;
}

static enum check_code check_expiry(const struct checker *checker, const json_t *claims, int64_t now, bool ignore_exp,
                                    struct fault *fault) {
    int64_t expires;
    bool given;
    enum check_code code = time_claim(claims, "exp", true, now, &expires, &given, fault);
    if (code == CHECK_OK && !ignore_exp && now >= expires + checker->leeway) {
        fault_set(fault, FAULT_FIELD, "claim exp: the token expired %" PRId64 " s ago", now - expires);
        return CHECK_EXPIRED;
    }
    return code;
}

/* Expiry last: a caller that pardons it knows then that nothing else is wrong. */
static enum check_code check_claims(const struct checker *checker, const json_t *claims, int64_t now, bool ignore_exp,
                                    struct fault *fault) {
    enum check_code code = check_issuer(checker, claims, fault);
    code = code ? code : check_audience(checker, claims, fault);
    code = code ? code : check_room(checker, claims, fault);
    code = code ? code : check_subject(checker, claims, fault);
    code = code ? code : check_begin(checker, claims, "nbf", now, fault);
    code = code ? code : check_begin(checker, claims, "iat", now, fault);
    return code ? code : check_expiry(checker, claims, now, ignore_exp, fault);
}

enum check_code checker_check(struct checker *checker, const char *token, size_t len, int64_t now, bool ignore_exp,
                              json_t **claims, struct fault *fault) {
    json_t *payload = NULL;
    enum check_code code = jws_verify(checker->verifier, token, len, &payload, fault);
    code = code ? code : check_claims(checker, payload, now, ignore_exp, fault);
    if (code != CHECK_OK) {
        json_decref(payload);
        payload = NULL;
    }
    *claims = payload;
    return code;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static bool same_text(struct text a, struct text b) {
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.at[i]) != lower(b.at[i])) {
            return false;
        }
    }
    return true;
}

bool check_room_matches(struct text claimed, struct text node, struct text tenant) {
    if (claimed.len == 1 && claimed.at[0] == '*') {
        return true;
    }
    if (same_text(claimed, node)) {
        return true;
    }
    /* "[tenant]room": the tenant must be the token's. */
    if (tenant.at && node.len > tenant.len + 2 && node.at[0] == '[' && node.at[tenant.len + 1] == ']') {
        struct text in_node = {node.at + 1, tenant.len};
        struct text room = {node.at + tenant.len + 2, node.len - tenant.len - 2};
        return same_text(in_node, tenant) && same_text(claimed, room);
    }
    return false;
}
