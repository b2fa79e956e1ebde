#include "policy.h"

#include "ascii.h"
#include "room_name.h"
#include "utf8.h"
#include "windows1252.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether `text` matches `pattern`, in which '*' stands for any characters. Goes back to the last '*' only, so its time
 * is bounded by the product of both lengths. */
static bool matches(const char *pattern, size_t pattern_len, struct text text) {
    size_t p = 0, t = 0, star = SIZE_MAX, mark = 0;
    while (t < text.len) {
        if (p < pattern_len && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern_len && ascii_lower(pattern[p]) == ascii_lower(text.at[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern_len && pattern[p] == '*') {
        p++;
    }
    return p == pattern_len;
}

/* The form in which rooms are compared; it may stand in `name`. A name that no page opens stays as it is. */
static struct text plain(struct text channel, char name[ROOM_NAME_MAX]) {
    const char *why;
    size_t len = room_name_plain(channel, name, &why);
    return len > 0 ? (struct text){name, len} : channel;
}

bool policy_fold_rooms(struct policy *policy) {
    struct name_list folded = {0};
    for (size_t i = 0; i < policy->rooms.count; i++) {
        char name[ROOM_NAME_MAX];
        struct text pattern = plain((struct text){policy->rooms.names[i], policy->rooms.lengths[i]}, name);
        if (!name_list_add(&folded, pattern.at, pattern.len)) {
            name_list_free(&folded);
            return false;
        }
    }
    name_list_free(&policy->rooms);
    policy->rooms = folded;
    return true;
}

struct text policy_full_name(const struct policy *policy, struct text channel, char out[POLICY_FULL_NAME_MAX]) {
    if (policy->tenant[0] == '\0') {
        return channel;
    }
    int len = snprintf(out, POLICY_FULL_NAME_MAX, "[%s]%.*s", policy->tenant, (int)channel.len, channel.at);
    return (struct text){out, (size_t)len};
}

static bool is_other_tenants(const struct policy *policy, struct text channel) {
    struct text tenant, room;
    return policy->tenant[0] == '\0' && room_name_of_tenant(channel, &tenant, &room) &&
           name_list_has_any_case(&policy->tenants, tenant);
}

bool policy_fold_moderators(struct policy *policy) {
    struct name_list *list = &policy->moderators;
    for (size_t i = 0; i < list->count; i++) {
        size_t len = list->lengths[i];
        if (utf8_valid(list->names[i], len)) {
            continue;
        }
        char *wide = malloc(WINDOWS1252_TO_UTF8_MAX(len) + 1);
        char *escaped = malloc(WINDOWS1252_ESCAPE_MAX(WINDOWS1252_TO_UTF8_MAX(len)) + 1);
        if (!wide || !escaped) {
            free(wide);
            free(escaped);
            return false;
        }
        struct text text = {wide, windows1252_to_utf8(wide, list->names[i], len)};
        list->lengths[i] = windows1252_escape(escaped, text);
        free(list->names[i]);
        free(wide);
        list->names[i] = escaped;
    }
    return true;
}

bool policy_covers(const struct policy *policy, struct text channel) {
    char name[ROOM_NAME_MAX];
    if (is_other_tenants(policy, channel)) {
        return false;
    }
    if (!policy->limit_rooms) {
        return true;
    }
    channel = plain(channel, name);
    for (size_t i = 0; i < policy->rooms.count; i++) {
        if (matches(policy->rooms.names[i], policy->rooms.lengths[i], channel)) {
            return true;
        }
    }
    return false;
}

static bool cover(const struct policy *policy, const char *field, struct text channel, struct fault *fault) {
    char quoted[FAULT_QUOTE_SIZE];
    if (!policy_covers(policy, channel)) {
        fault_set(fault, FAULT_POLICY, "%s: %s came, which %s", field, fault_quote(quoted, channel.at, channel.len),
                  is_other_tenants(policy, channel) ? "is a room of another game's tenant"
                                                    : "matches none of this game's rooms");
        return false;
    }
    return true;
}

bool policy_allows_command(const struct policy *policy, const struct command_fields *fields, struct fault *fault) {
    const struct command_value *channel = &fields->values[COMMAND_FIELD_CHANNEL];
    const struct command_value *to = &fields->values[COMMAND_FIELD_TO];
    return (!channel->given || cover(policy, "channel", channel->text, fault)) &&
           (!to->given || cover(policy, "to", to->text, fault));
}

static bool decide_channel(const struct policy *policy, struct text channel, struct fault *fault) {
    if (room_name_is_any(channel) && !policy->allow_wildcard) {
        fault_set(fault, FAULT_POLICY,
                  "channel: \"*\" came, one room is wanted; skotos_allow_wildcard_room = true allows all");
        return false;
    }
    return cover(policy, "channel", channel, fault);
}

static bool decide_expiry(const struct policy *policy, const struct request *request, int64_t now, int64_t *use_by,
                          struct fault *fault) {
    int64_t seconds = request->valid_for ? request->valid_for : policy->default_validity;
    const char *field = "validFor";
    if (request->valid_until) {
        field = "validUntil";
        if (request->valid_until <= now) {
            fault_set(fault, FAULT_POLICY, "validUntil: %" PRId64 " came, a time after now (%" PRId64 ") is wanted",
                      request->valid_until, now);
            return false;
        }
        seconds = request->valid_until - now;
    }
    if (seconds > policy->max_validity) {
        fault_set(fault, FAULT_POLICY,
                  "%s: %" PRId64 " seconds came, at most %" PRId64 " are allowed (skotos_token_max_validity)", field,
                  seconds, policy->max_validity);
        return false;
    }
    *use_by = now + seconds;
    return true;
}

/* A request that may be out of a player's name may wish for what any player has. */
static bool decide_plain(const struct request *request, struct fault *fault) {
    const char *more = request->moderator                   ? "moderator"
                       : request->id.at                     ? "id"
                       : request->email.at                  ? "email"
                       : request->avatar.at                 ? "avatar"
                       : request->group.at                  ? "group"
                       : request->features                  ? "features"
                       : request->valid_until               ? "validUntil"
                       : room_name_is_any(request->channel) ? "channel *"
                                                            : NULL;
    if (more) {
        fault_set(fault, FAULT_SEQUENCE,
                  "refused: %s is not given to a request that came together with others; please ask again", more);
    }
    return !more;
}

bool policy_withholds(const struct policy *policy, const struct request *request) {
    return request->plain_only && name_list_has_any_case(&policy->moderators, request->account);
}

static bool decide(const struct policy *policy, const struct request *request, int64_t now, struct grant *grant,
                   struct fault *fault) {
    if (!decide_channel(policy, request->channel, fault) ||
        !decide_expiry(policy, request, now, &grant->use_by, fault)) {
        return false;
    }
    if (request->moderator && !policy->allow_moderator) {
        fault_set(fault, FAULT_POLICY, "moderator: true came, false is wanted; skotos_allow_moderator_tokens is false");
        return false;
    }
    if (request->plain_only && !decide_plain(request, fault)) {
        return false;
    }
    int64_t session_ends = now + policy->session_validity;
    grant->expires = session_ends > grant->use_by ? session_ends : grant->use_by;
    grant->moderator =
        request->moderator || (!request->plain_only && name_list_has_any_case(&policy->moderators, request->account));
    return true;
}

/* A game with a tenant owns rooms of that tenant only, however it calls them. */
static bool owns(const struct policy *owner, struct text channel) {
    return owner->tenant[0] == '\0' && (room_name_is_any(channel) || policy_covers(owner, channel));
}

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

/* The strictest of all that have a word in it. */
bool policy_decide(const struct policy *policy, const struct request *request, int64_t now, struct grant *grant,
                   struct fault *fault) {
    if (!decide(policy, request, now, grant, fault)) {
        return false;
    }
    for (size_t i = 0; i < policy->owner_count; i++) {
        struct grant other;
        if (!owns(policy->owners[i], request->channel)) {
            continue;
        }
        if (!decide(policy->owners[i], request, now, &other, fault)) {
            return false;
        }
        grant->moderator = grant->moderator && other.moderator;
        grant->use_by = earlier(grant->use_by, other.use_by);
        grant->expires = earlier(grant->expires, other.expires);
    }
    return true;
}
