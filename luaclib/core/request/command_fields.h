/* The members of a command: from a JSON object to checked values. */
#ifndef SKOTOS_COMMAND_FIELDS_H
#define SKOTOS_COMMAND_FIELDS_H

#include "command.h"
#include "fault.h"
#include "text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Characters of a reason, and of what is said. */
#define COMMAND_REASON_MAX 256
#define COMMAND_TEXT_MAX 4000
#define COMMAND_CURSOR_MAX 1024
/* Longest ban, seconds: ten years. */
#define COMMAND_BAN_MAX INT64_C(315360000)

enum command_kind { COMMAND_KIND_TEXT, COMMAND_KIND_BOOLEAN, COMMAND_KIND_INTEGER, COMMAND_KIND_EVENTS };

struct command_value {
    bool given;
    struct text text; /* TEXT */
    int64_t number;   /* INTEGER: itself; BOOLEAN: 0 or 1; EVENTS: bits 1 << enum room_event (subscription.h) */
};

/* The values of one command by enum command_field. Texts are UTF-8 that XML can hold, and point into the JSON tree. */
struct command_fields {
    struct command_value values[COMMAND_FIELD_COUNT];
};

/* Name and kind of the member `field`; static strings. */
const char *command_field_name(enum command_field field);
enum command_kind command_field_kind(enum command_field field);

/* Reads the members of `object` but "cmd" and "seq", which are the request's own, as those of the command `index`.
 * False with `fault` naming the member, what came and what is wanted. */
bool command_fields_read(struct command_fields *fields, int index, json_t *object, struct fault *fault);

#endif
