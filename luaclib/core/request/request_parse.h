/* From a frame's bytes to a request. Knows JSON, no policy and no time. */
#ifndef SKOTOS_REQUEST_PARSE_H
#define SKOTOS_REQUEST_PARSE_H

#include "request.h"

#include <stdbool.h>
#include <stddef.h>

/* Reads the frame (`frame`, `len`) as a request under `rules`. Bytes that are not UTF-8 are read as Latin-1.
 *
 * Returns true with `request` filled; its texts point into `frame` or into `request->root`, so the frame must outlive
 * it. Returns false with `fault` set, and still fills `numbered` and `seq` when the frame's number can be read. Either
 * way `request` is to be freed with request_free. */
bool request_parse(struct request *request, const struct request_rules *rules, const char *frame, size_t len,
                   struct fault *fault);

/* The same for a frame of more than `max_frame` bytes, of which (`tail`, `len`) are the last ones. Always false. */
bool request_too_long(struct request *request, size_t max_frame, const char *tail, size_t len, struct fault *fault);

#endif
