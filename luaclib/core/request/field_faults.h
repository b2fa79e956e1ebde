/* What one member of a request or a command may hold (types, sizes, characters), and the fault that says what came and
 * what is wanted. */
#ifndef SKOTOS_FIELD_FAULTS_H
#define SKOTOS_FIELD_FAULTS_H

#include "fault.h"
#include "text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Characters of the texts that requests and commands have in common. */
#define FIELD_NAME_MAX 128
#define FIELD_CHANNEL_MAX 256
#define FIELD_ID_MAX 256

/* The offset of the first character that no name may hold, or `value.len`: one that is not printable (printable.h), a
 * newline, a tab, or a C1 control character. */
size_t field_find_unfit(struct text value);

/* 1 to `max` characters, each fit for a name. False with `fault` naming `field`, what came and what is wanted.
 */
bool field_check_text(const char *field, struct text value, size_t max, struct fault *fault);

/* The name of a room that a Jitsi page can open (room_name.h), of 1 to FIELD_CHANNEL_MAX characters, or "*". */
bool field_check_channel(const char *field, struct text value, struct fault *fault);

/* The same for text of several lines: newlines and tabs may stand in it, what XML cannot hold may not. */
bool field_check_lines(const char *field, struct text value, size_t max, struct fault *fault);

/* Sets `fault`: `value` came for `field`, `wanted` is wanted. Always false. */
bool field_wrong_type(struct fault *fault, const char *field, const json_t *value, const char *wanted);

/* The string `value` as text in its own memory; false with `fault` when it is none. */
bool field_string(json_t *value, const char *field, struct text *out, struct fault *fault);

#endif
