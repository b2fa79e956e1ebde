#define _GNU_SOURCE
#include "verifier.h"

#include "ascii.h"

#include "jws.h"
#include "room_name.h"

#include <stdlib.h>
#include <string.h>

struct verifier {
    struct jws_verifier *jws;
    struct name_list issuers, audiences;
    char *domain;
    bool tenants;
    bool require_room;
    struct validity_rules validity;
};

static bool copy_list(struct name_list *to, const struct name_list *from) {
    for (size_t i = 0; from && i < from->count; i++) {
        if (!name_list_add(to, from->names[i], from->lengths[i])) {
            return false;
        }
    }
    return true;
}

struct verifier *verifier_new(const struct verifier_options *options, struct fault *fault) {
    struct verifier *verifier = calloc(1, sizeof *verifier);
    fault_set(fault, FAULT_MEMORY, "no memory");
    if (!verifier) {
        return NULL;
    }
    verifier->tenants = options->tenants;
    verifier->require_room = options->require_room;
    verifier->validity = options->validity;
    verifier->domain = options->domain ? strdup(options->domain) : NULL;
    if ((options->domain && !verifier->domain) || !copy_list(&verifier->issuers, options->issuers) ||
        !copy_list(&verifier->audiences, options->audiences) ||
        !(verifier->jws = jws_verifier_new(options->algorithm, options->secrets, options->public_key, fault))) {
        verifier_free(verifier);
        return NULL;
    }
    return verifier;
}

void verifier_free(struct verifier *verifier) {
    if (verifier) {
        jws_verifier_free(verifier->jws);
        name_list_free(&verifier->issuers);
        name_list_free(&verifier->audiences);
        free(verifier->domain);
        free(verifier);
    }
}

static bool is_any(struct text text) { return text.at && text.len == 1 && text.at[0] == '*'; }

/* A string claim's text; `at` is NULL when it is none, or empty. */
static struct text text_of(const struct json_node *node) {
    struct text text = {NULL, 0};
    if (node && node->kind == JSON_KIND_STRING && node->value.text.len > 0) {
        text = (struct text){node->value.text.at, node->value.text.len};
    }
    return text;
}

static bool accepts(const struct name_list *list, const struct json_node *node) {
    static const struct text any = {"*", 1};
    struct text text = text_of(node);
    return node && (name_list_has(list, any) || (text.at && name_list_has(list, text)));
}

/* What came, for the log. */
static const char *shown(char out[FAULT_QUOTE_SIZE], const struct json_node *node) {
    bool text = node && node->kind == JSON_KIND_STRING;
    return text ? fault_quote(out, node->value.text.at, node->value.text.len) : json_tree_describe(node);
}

static enum verdict check_issuer(const struct verifier *verifier, const struct claims *claims, struct fault *fault) {
    char quote[FAULT_QUOTE_SIZE];
    const struct json_node *iss = claims_get(claims, "iss");
    if (!accepts(&verifier->issuers, iss)) {
        fault_set(fault, FAULT_FIELD, "claim iss: %s came, app_id or one of asap_accepted_issuers is wanted",
                  shown(quote, iss));
        return VERDICT_ISSUER;
    }
    return VERDICT_OK;
}

/* A string, or an array of strings of which one is accepted (RFC 7519 section 4.1.3). */
static enum verdict check_audience(const struct verifier *verifier, const struct claims *claims, struct fault *fault) {
    char quote[FAULT_QUOTE_SIZE];
    const struct json_node *aud = claims_get(claims, "aud");
    bool accepted = accepts(&verifier->audiences, aud);
    if (aud && aud->kind == JSON_KIND_ARRAY) {
        const struct json_node *one = aud + 1;
        for (uint32_t i = 0; i < aud->count; i++, one = json_tree_after(&claims->tree, one)) {
            accepted = accepted || accepts(&verifier->audiences, one);
        }
    }
    if (!accepted) {
        fault_set(fault, FAULT_FIELD, "claim aud: %s came, one of asap_accepted_audiences is wanted",
                  shown(quote, aud));
        return VERDICT_AUDIENCE;
    }
    return VERDICT_OK;
}

static enum verdict check_room(const struct verifier *verifier, const struct claims *claims, struct fault *fault) {
    const struct json_node *room = claims_get(claims, "room");
    if ((room || verifier->require_room) && !text_of(room).at) {
        bool empty = room && room->kind == JSON_KIND_STRING;
        fault_set(fault, FAULT_FIELD, "claim room: %s came, a room's name is wanted%s",
                  empty ? "an empty string" : json_tree_describe(room), room ? "" : " (asap_require_room_claim)");
        return VERDICT_ROOM;
    }
    return VERDICT_OK;
}

static enum verdict check_subject(const struct verifier *verifier, const struct claims *claims, struct fault *fault) {
    char quote[FAULT_QUOTE_SIZE];
    const struct json_node *sub = claims_get(claims, "sub");
    struct text came = text_of(sub);
    if (!came.at) {
        fault_set(fault, FAULT_FIELD, "claim sub: %s came, the name of a domain or tenant, or \"*\", is wanted",
                  shown(quote, sub));
        return VERDICT_SUBJECT;
    }
    if (verifier->domain && !verifier->tenants && !is_any(came) &&
        !ascii_same(came, (struct text){verifier->domain, strlen(verifier->domain)})) {
        fault_set(fault, FAULT_FIELD, "claim sub: %s came, \"%s\" is wanted (enable_domain_verification)",
                  shown(quote, sub), verifier->domain);
        return VERDICT_SUBJECT;
    }
    return VERDICT_OK;
}

/* Expiry last: a caller that pardons it knows then that nothing else is wrong. */
static enum verdict check_claims(const struct verifier *verifier, const struct claims *claims, int64_t now,
                                 int64_t pardon, struct fault *fault) {
    enum verdict code = check_issuer(verifier, claims, fault);
    code = code ? code : check_audience(verifier, claims, fault);
    code = code ? code : check_room(verifier, claims, fault);
    code = code ? code : check_subject(verifier, claims, fault);
    return code ? code : validity_verify(&verifier->validity, claims, now, pardon, fault);
}

enum verdict verifier_verify(struct verifier *verifier, const char *token, size_t len, int64_t now, int64_t pardon,
                             struct claims *claims, struct fault *fault) {
    enum verdict code = jws_verify(verifier->jws, token, len, claims, fault);
    return code ? code : check_claims(verifier, claims, now, pardon, fault);
}

/* Whether `claimed`, a room's name or its node, is the room whose node, without its tenant, is `room`. */
static bool same_room(struct text claimed, struct text room) {
    char node[ROOM_NAME_MAX];
    const char *why;
    if (is_any(claimed) || ascii_same(claimed, room)) {
        return true;
    }
    size_t len = room_name_node(claimed, (struct text){NULL, 0}, node, &why);
    return len > 0 && ascii_same((struct text){node, len}, room);
}

bool verifier_room_matches(struct text claimed, struct text node, struct text subject, struct text domain) {
    struct text tenant, room;
    bool of_tenant = room_name_split(node, &tenant, &room);
    if (claimed.len == 0) {
        return false;
    }
    if (domain.at) {
        return (is_any(subject) || ascii_same(subject, of_tenant ? tenant : domain)) &&
               same_room(claimed, of_tenant ? room : node);
    }
    return same_room(claimed, node) || (of_tenant && ascii_same(subject, tenant) && same_room(claimed, room));
}
