/* Replies as bytes. What the game scans for comes first, without a space after a colon: "seq", "success", "token".
 * Behind the token comes "guard", with the number once more and a token that is none: where a proxy or the network has
 * parted the frames, a read begins anywhere in one and ends in the next, and the game would take a number and a token
 * that belong to two players. So he whose token was parted gets none, and not somebody else's.
 * What is left: a read that begins between number and token and ends within the guard's digits makes a shorter number.
 *
 * A reply is written open, without its closing brace, when it is made, and closed when it is sent, since only then it
 * is known how its connection wants it: filled to one frame of the game, or bare. */
#ifndef SKOTOS_PADDED_REPLY_H
#define SKOTOS_PADDED_REPLY_H

#include "writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reply {
    bool numbered; /* the request had a number */
    int64_t seq;
    bool success;
    const char *token; /* `token_len` bytes of base64url and dots; ignored on a failure */
    size_t token_len;
    const char *message; /* UTF-8, NUL-terminated */
    int64_t time;        /* seconds since the epoch */
};

enum reply_end {
    REPLY_END_NUL,    /* a newline and a NUL, as the old server wrote */
    REPLY_END_NEWLINE /* a newline */
};

/* Appends the members "token", `len` bytes of base64url and dots, and, to a reply that has a number, "guard". */
void reply_token(struct writer *writer, const char *token, size_t len, bool numbered, int64_t seq);

/* Writes `reply` open to the `room` bytes at `out`. Returns its length, 0 when it does not fit. */
size_t reply_open(char *out, size_t room, const struct reply *reply);

/* Bytes that closing adds at least. */
#define REPLY_CLOSE_MIN 3

/* Closes the open reply of `len` bytes at `out`, where there is `room` in all. With `size` 0 it is closed as short as
 * can be, else it is filled to exactly `size` bytes with a last member "pad". Returns the length, or 0 when it does not
 * fit. */
size_t reply_close(char *out, size_t len, size_t room, size_t size, enum reply_end end);

#endif
