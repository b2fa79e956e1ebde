/* The members of a request, one checker each: type, size and value. */
#ifndef SKOTOS_REQUEST_FIELDS_H
#define SKOTOS_REQUEST_FIELDS_H

#include "request.h"

/* 1 to `max` characters without a control character. False with `fault` naming `field`, what came and what is wanted.
 */
bool field_check_text(const char *field, struct text value, size_t max, struct fault *fault);

/* A legal room name (the node of a JID, RFC 7622 section 3.3.1, as Prosody prepares it) of 1 to REQUEST_CHANNEL_MAX
 * characters, or "*". */
bool field_check_channel(const char *field, struct text value, struct fault *fault);

/* The same for text of several lines: newlines and tabs may stand in it, what XML cannot hold may not. */
bool field_check_lines(const char *field, struct text value, size_t max, struct fault *fault);

/* Sets `fault`: `value` came for `field`, `wanted` is wanted. Always false. */
bool field_wrong_type(struct fault *fault, const char *field, const json_t *value, const char *wanted);

/* The string `value` as text in its own memory; false with `fault` when it is none. */
bool field_string(json_t *value, const char *field, struct text *out, struct fault *fault);

/* Reads one member of the request's object into `request`. Returns false with `fault` set when its value is not what
 * the member called `name` may hold. `*known` tells whether it is a member of the protocol at all, `*bit` its enum
 * request_member bit (0 for the six that every game sends). */
bool field_read(struct request *request, const char *name, json_t *value, bool *known, unsigned *bit,
                struct fault *fault);

#endif
