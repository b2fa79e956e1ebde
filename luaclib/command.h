/* The commands beyond tokens with which a game may run its rooms: their names and which of them exist. */
#ifndef SKOTOS_COMMAND_H
#define SKOTOS_COMMAND_H

#include "request.h"

/* Number of commands; an index below it names one. */
#define COMMAND_COUNT 10

/* The command called (`name`, `len`), or -1. */
int command_find(const char *name, size_t len);

/* Name of the command `index`, a static string. */
const char *command_name(int index);

#endif
