#include "command.h"

#include <string.h>

#define BIT(field) (1U << COMMAND_FIELD_##field)
#define PERSON (BIT(ID) | BIT(DISPLAY_NAME))

static const struct command {
    const char *name;
    unsigned needs;
    unsigned takes; /* beside what it needs */
    bool person_required;
} commands[COMMAND_COUNT] = {
    [COMMAND_SET_MODERATOR] = {"set_moderator", BIT(CHANNEL) | BIT(MODERATOR), PERSON, true},
    [COMMAND_KICK] = {"kick", BIT(CHANNEL), PERSON | BIT(REASON) | BIT(BAN_FOR), true},
    [COMMAND_ADMIT] = {"admit", BIT(CHANNEL), PERSON, true},
    [COMMAND_DENY] = {"deny", BIT(CHANNEL), PERSON | BIT(REASON) | BIT(BAN_FOR), true},
    [COMMAND_MUTE] = {"mute", BIT(CHANNEL) | BIT(MEDIA) | BIT(MUTED), PERSON, true},
    [COMMAND_MOVE] = {"move", BIT(CHANNEL) | BIT(TO), PERSON | BIT(VALID_FOR), true},
    [COMMAND_SAY] = {"say", BIT(CHANNEL) | BIT(TEXT), PERSON | BIT(FROM), false},
    [COMMAND_OCCUPANTS] = {"occupants", BIT(CHANNEL), BIT(CURSOR), false},
    [COMMAND_ROOMS] = {"rooms", 0, BIT(CURSOR), false},
    [COMMAND_END] = {"end", BIT(CHANNEL), BIT(REASON), false},
    [COMMAND_SUBSCRIBE] = {"subscribe", BIT(EVENTS), BIT(CHANNEL), false},
    [COMMAND_PING] = {"ping", 0, 0, false},
};

int command_find(const char *name, size_t len) {
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strlen(commands[i].name) == len && memcmp(commands[i].name, name, len) == 0) {
            return i;
        }
    }
    return -1;
}

const char *command_name(int index) { return commands[index].name; }

unsigned command_needs(int index) { return commands[index].needs; }

unsigned command_takes(int index) { return commands[index].needs | commands[index].takes; }

bool command_has_person(int index, bool *required) {
    *required = commands[index].person_required;
    return (commands[index].takes & PERSON) != 0;
}
