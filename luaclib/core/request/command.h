/* The commands beyond tokens with which a game may run its rooms: their names, and the members that each takes. */
#ifndef SKOTOS_COMMAND_H
#define SKOTOS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum command_index {
    COMMAND_SET_MODERATOR,
    COMMAND_KICK,
    COMMAND_ADMIT,
    COMMAND_DENY,
    COMMAND_MUTE,
    COMMAND_MOVE,
    COMMAND_SAY,
    COMMAND_OCCUPANTS,
    COMMAND_ROOMS,
    COMMAND_END,
    COMMAND_SUBSCRIBE,
    COMMAND_PING,
    COMMAND_COUNT
};

/* Members of all commands, beside "cmd" and "seq". */
enum command_field {
    COMMAND_FIELD_CHANNEL,
    COMMAND_FIELD_ID,
    COMMAND_FIELD_DISPLAY_NAME,
    COMMAND_FIELD_MODERATOR,
    COMMAND_FIELD_REASON,
    COMMAND_FIELD_BAN_FOR,
    COMMAND_FIELD_MEDIA,
    COMMAND_FIELD_MUTED,
    COMMAND_FIELD_TO,
    COMMAND_FIELD_VALID_FOR,
    COMMAND_FIELD_TEXT,
    COMMAND_FIELD_FROM,
    COMMAND_FIELD_EVENTS,
    COMMAND_FIELD_CURSOR,
    COMMAND_FIELD_COUNT
};

/* The command called (`name`, `len`), or -1. */
int command_find(const char *name, size_t len);

/* Name of the command `index`, a static string. */
const char *command_name(int index);

/* Bits 1 << enum command_field: the members that the command `index` cannot do without, and those that it takes. */
unsigned command_needs(int index);
unsigned command_takes(int index);

/* Whether the command is about one person: then either an id or a displayName has to come, and not both. `*required`
 * tells whether it may also be about nobody. */
bool command_has_person(int index, bool *required);

#endif
