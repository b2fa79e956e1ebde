/* Answers a connection's requests in their order: asks the game's policy, counts what came of it and says what was
 * refused. Knows no socket; the answers go into an outbox, or to wherever the caller wants them. */
#ifndef SKOTOS_RESPONDER_H
#define SKOTOS_RESPONDER_H

#include "command_queue.h"
#include "issuer.h"
#include "journal.h"
#include "outbox.h"
#include "request_queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No reply is sent later than this after its request: the game has given it up after 60 s. */
#define REPLY_WITHIN_NS INT64_C(55000000000)
/* Bytes of the longest open reply. */
#define REPLY_OPEN_MAX 16384

struct responder {
    const struct issuer *issuer;    /* the caller's; may be changed between two requests */
    struct command_queue *commands; /* the caller's; where commands wait to be carried out. NULL: none are taken */
    size_t reply_size;              /* bytes of the frame that a reply must fit, 0: any */
    uint64_t requests;              /* that were looked at */
    uint64_t tokens;                /* that got one */
    uint64_t commands_taken;        /* that are commands, and were found sound and allowed */
    uint64_t refused;               /* that did not */
    uint64_t dropped;               /* answers that found no room in the outbox or no memory */

    uint64_t refused_by[FAULT_COUNT]; /* `refused` by kind of fault */
};

/* Writes the open reply (padded_reply.h) to `request`, which is no command, at `now` (seconds since the epoch) to the
 * `room` bytes at `out`. `fault` is why it is refused already, NULL when it is sound. A refusal is noted, together with
 * whether it is `heard`: whether its sender will get this reply. Returns the length, 0 when it does not fit. */
size_t responder_reply(struct responder *responder, const struct request *request, const struct fault *fault,
                       bool heard, int64_t now, struct journal *journal, char *out, size_t room);

/* Answers at most `most` of the judged entries of `requests` into `outbox`. A command that its game may give goes into
 * `responder->commands` instead, with a place in the outbox kept for its reply (outbox_fill). Returns whether more of
 * them wait. */
bool responder_some(struct responder *responder, struct request_queue *requests, struct outbox *outbox,
                    struct journal *journal, int most);

#endif
