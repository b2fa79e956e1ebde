/* The members of a request for a token, one reader each: type, size and value. */
#ifndef SKOTOS_REQUEST_MEMBERS_H
#define SKOTOS_REQUEST_MEMBERS_H

#include "request.h"

/* Reads one member of the request's object into `request`. Returns false with `fault` set when its value is not what
 * the member called `name` may hold. `*known` tells whether it is a member of the protocol at all, `*bit` its enum
 * request_member bit (0 for the six that every game sends). */
bool request_member_read(struct request *request, const char *name, json_t *value, bool *known, unsigned *bit,
                         struct fault *fault);

/* The bit of the member called `name` that skotos_request_members may list, or 0. */
unsigned request_member_bit(const char *name);

/* The name of the `n`-th of those members, from 0 on, a static string; NULL when there are not so many. */
const char *request_member_name(size_t n);

#endif
