#include "command.h"

#include <string.h>

static const char *const names[COMMAND_COUNT] = {
    "set_moderator", "kick", "mute", "move", "say", "occupants", "rooms", "end", "subscribe", "ping",
};

int command_find(const char *name, size_t len) {
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
            return i;
        }
    }
    return -1;
}

const char *command_name(int index) { return names[index]; }
