/* What a game may have: decided before anything is signed. Knows no JSON and no clock of its own. */
#ifndef SKOTOS_POLICY_H
#define SKOTOS_POLICY_H

#include "fault.h"
#include "name_list.h"
#include "request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest tenant's name, and of the longest room's name with one. */
#define POLICY_TENANT_MAX 63
#define POLICY_FULL_NAME_MAX (FIELD_CHANNEL_MAX * 4 + POLICY_TENANT_MAX + 2)

struct policy {
    int64_t default_validity; /* seconds a token lives when the request does not say */
    int64_t max_validity;     /* seconds; a longer wish is refused */
    int64_t session_validity; /* seconds that a token in use stays good for, whatever the wish; 0: no longer than it */
    bool allow_moderator;     /* a request may ask for a moderator's token */
    bool allow_wildcard;      /* the channel "*" */
    bool limit_rooms;         /* only channels that match `rooms` */
    struct name_list moderators; /* accounts that are moderators though the game does not ask */
    /* Policies of the games whose rooms this one may touch too; not owned. In a room of theirs it grants no more than
     * they. */
    const struct policy **owners;
    size_t owner_count;
    struct name_list rooms; /* patterns, folded; '*' stands for any characters */
    /* The game's rooms are all this tenant's, whom Jitsi keeps apart: "tavern" is the room "[tenant]tavern" to
     * everybody else. "" without one; the rooms of `tenants`, those of other games, are then none of its own. */
    char tenant[POLICY_TENANT_MAX + 1];
    struct name_list tenants;
};

/* Writes the name by which everybody else knows the game's room `channel` to `out`. Returns the name, which may be
 * `channel` itself. */
struct text policy_full_name(const struct policy *policy, struct text channel, char out[POLICY_FULL_NAME_MAX]);

/* What is granted. */
struct grant {
    bool moderator;
    int64_t use_by;  /* until when it may be used for the first time, as the request wished; seconds since the epoch */
    int64_t expires; /* until when it is good while in use; not before `use_by` */
};

/* Decides `request` at `now` (seconds since the epoch). True with `grant` filled, or false with `fault` naming the
 * field, what came and which option forbids it. */
bool policy_decide(const struct policy *policy, const struct request *request, int64_t now, struct grant *grant,
                   struct fault *fault);

/* Brings the patterns in `rooms` into the form in which rooms are compared, that of room_name_plain; to be called once
 * they are all there. False when memory is short. */
bool policy_fold_rooms(struct policy *policy);

/* Brings `moderators` into the form of a request's `account`: what is not UTF-8 there is an account of an old game. To
 * be called once they are all there. False when memory is short. */
bool policy_fold_moderators(struct policy *policy);

/* Whether the person whom the request names is a moderator by `moderators`, and yet gets a plain token, since it may be
 * another who named him. */
bool policy_withholds(const struct policy *policy, const struct request *request);

/* Whether the policy lets its game touch `channel`, as the game calls it: any, unless `limit_rooms`, but those of other
 * games' tenants. */
bool policy_covers(const struct policy *policy, struct text channel);

/* Whether the game may give the command `fields`: its rooms are among `rooms`. Same returns. */
bool policy_allows_command(const struct policy *policy, const struct command_fields *fields, struct fault *fault);

#endif
