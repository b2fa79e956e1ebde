/* The one shape in which an unmodified game writes its requests, read without a JSON tree. */
#ifndef SKOTOS_REQUEST_SCAN_H
#define SKOTOS_REQUEST_SCAN_H

#include "request.h"

/* Tries to read (`frame`, `len`) as the exact bytes of SkotOS's avchat.c with a name and a channel that need no JSON
 * decoding. Returns true with name, channel, valid_for and seq set, pointing into `frame`; the caller still checks
 * their bounds. Returns false, with `request` untouched, for anything else, which says nothing about the frame: read it
 * as JSON then. */
bool request_scan(struct request *request, const char *frame, size_t len);

#endif
