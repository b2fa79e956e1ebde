/* A request, for a token or a command, as it is after all of it was checked.
 *
 * The members and their bounds are those of the old chat_admin_server's protocol, which games speak. */
#ifndef SKOTOS_REQUEST_H
#define SKOTOS_REQUEST_H

#include "command_fields.h"
#include "field_faults.h"
#include "text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest number of a request: the game's scan sees none above 2^31 - 1. */
#define REQUEST_SEQ_MAX INT32_MAX
/* Characters of the other members that have a bound of their own, and bytes of those that are counted in bytes. */
#define REQUEST_GROUP_MAX 256
#define REQUEST_EMAIL_MAX 254
#define REQUEST_AVATAR_MAX 1024
#define REQUEST_FEATURES_MAX 512

/* Members beyond the six that an unmodified game sends, as bits. */
enum request_member {
    REQUEST_MEMBER_ID = 1,
    REQUEST_MEMBER_EMAIL = 2,
    REQUEST_MEMBER_AVATAR = 4,
    REQUEST_MEMBER_VALID_UNTIL = 8,
    REQUEST_MEMBER_GROUP = 16,
    REQUEST_MEMBER_FEATURES = 32,
    REQUEST_MEMBERS_ALL = 63
};

/* What this sender may say. */
struct request_rules {
    unsigned members;  /* enum request_member bits that are welcome */
    unsigned commands; /* bit n: the command of that index (command.h) is switched on */
    /* False: a game's link. It numbers its requests, sends no member that is not welcome, and pastes names in as they
     * are, so that a backslash in a request for a token is out of a name. True: a listener's caller, of whom nothing of
     * that is known. */
    bool listener;
};

struct request {
    bool numbered;                 /* `seq` could be read, be the rest as broken as it may */
    int64_t seq;                   /* 0 to REQUEST_SEQ_MAX */
    int command;                   /* index of the command (command.h); -1: a token is wanted */
    struct command_fields *fields; /* owned; the command's members, NULL with a token, of which the rest speaks */
    struct text name;              /* 1 to FIELD_NAME_MAX characters, each fit for a name (field_faults.h) */
    struct text account;           /* what tells the name's account from all others, byte by byte as the game does: the
                                    * name, with what was not UTF-8 spelled out (windows1252.h) */
    struct text channel;           /* 1 to FIELD_CHANNEL_MAX characters, a legal room name, or "*" */
    bool moderator;
    int64_t valid_for;                    /* seconds, at least 1; 0: not given */
    int64_t valid_until;                  /* seconds since the epoch, at least 1; 0: not given */
    struct text id, email, avatar, group; /* as given, `at` NULL when not */
    bool plain_only;  /* not proved to be whole (whole.h): nothing beyond a plain player's token may be given */
    bool windows1252; /* the frame was not UTF-8 */
    char *escaped;    /* owned; `account`, where it is not `name` */
    char *features;   /* compact JSON of an object, owned; NULL when not given */
    json_t *root;     /* owned; the texts above may point into it. NULL when the frame itself holds them */
};

/* Frees what `request` owns. */
void request_free(struct request *request);

/* Finds the last `"seq":N` of broken bytes, so that a refusal reaches its player. Spaces may follow the colon; N is a
 * whole number up to REQUEST_SEQ_MAX. Returns false when there is none. */
bool request_last_seq(const char *bytes, size_t len, int64_t *seq);

#endif
