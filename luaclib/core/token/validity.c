#include "validity.h"

#include <inttypes.h>
#include <math.h>

/* Beyond any clock, and far from where adding to it overflows. */
#define TIME_BOUND ((double)(INT64_C(1) << 53))

/* The time `name` in whole seconds, the first at which what it says holds. False when it is no number. */
static bool read_time(const struct claims *claims, const char *name, int64_t *out, bool *given, struct fault *fault) {
    const struct json_node *value = claims_get(claims, name);
    *given = value != NULL;
    if (!value) {
        return true;
    }
    if (value->kind != JSON_KIND_INTEGER && value->kind != JSON_KIND_REAL) {
        fault_set(fault, FAULT_FIELD, "claim %s: %s came, seconds since 1970 are wanted", name,
                  json_tree_describe(value));
        return false;
    }
    double seconds = value->kind == JSON_KIND_REAL ? ceil(value->value.real) : (double)value->value.integer;
    *out = (int64_t)fmax(-TIME_BOUND, fmin(TIME_BOUND, seconds));
    return true;
}

static enum verdict check_begin(const struct validity_rules *rules, const struct claims *claims, int64_t now,
                                struct fault *fault) {
    int64_t from;
    bool given;
    if (!read_time(claims, "nbf", &from, &given, fault)) {
        return VERDICT_CLAIM;
    }
    if (given && from > now + rules->leeway) {
        fault_set(fault, FAULT_FIELD, "claim nbf: valid in %" PRId64 " s only; are the clocks of both servers right?",
                  from - now);
        return VERDICT_NOT_YET;
    }
    return VERDICT_OK;
}

/* A token of the old server's, which gave them no `exp`. */
static enum verdict check_old(const struct validity_rules *rules, const struct claims *claims, int64_t now,
                              struct fault *fault) {
    int64_t issued;
    bool given;
    if (!read_time(claims, "iat", &issued, &given, fault)) {
        return VERDICT_CLAIM;
    }
    if (given && issued < rules->old_before && now < rules->old_until) {
        return VERDICT_OK;
    }
    fault_set(fault, FAULT_FIELD, "claim exp: nothing came, seconds since 1970 are wanted%s",
              rules->old_until > 0 ? " (skotos_old_tokens_before, skotos_old_tokens_until)" : "");
    return VERDICT_CLAIM;
}

static enum verdict check_expiry(const struct validity_rules *rules, const struct claims *claims, int64_t now,
                                 int64_t pardon, struct fault *fault) {
    int64_t expires, use_by;
    bool given, limited;
    if (!read_time(claims, "exp", &expires, &given, fault) ||
        !read_time(claims, VALIDITY_USE_BY, &use_by, &limited, fault)) {
        return VERDICT_CLAIM;
    }
    if (!given) {
        return check_old(rules, claims, now, fault);
    }
    if (expires > now + VALIDITY_FAR_S) {
        fault_set(fault, FAULT_FIELD,
                  "claim exp: %" PRId64 " came, a time within ten years of now (%" PRId64 ") is wanted", expires, now);
        return VERDICT_CLAIM;
    }
    if (now >= expires + rules->leeway && (pardon == VALIDITY_STRICT || now - expires > pardon)) {
        fault_set(fault, FAULT_FIELD, "claim exp: the token expired %" PRId64 " s ago", now - expires);
        return VERDICT_EXPIRED;
    }
    if (limited && pardon == VALIDITY_STRICT && now >= use_by + rules->leeway) {
        fault_set(fault, FAULT_FIELD,
                  "claim " VALIDITY_USE_BY ": the token was to be used for the first time until %" PRId64 " s ago",
                  now - use_by);
        return VERDICT_EXPIRED;
    }
    return VERDICT_OK;
}

enum verdict validity_verify(const struct validity_rules *rules, const struct claims *claims, int64_t now,
                             int64_t pardon, struct fault *fault) {
    enum verdict code = check_begin(rules, claims, now, fault);
    return code || pardon == VALIDITY_EVER ? code : check_expiry(rules, claims, now, pardon, fault);
}
