/* Replies that wait to be sent, in the order in which their requests came. A place may be kept for a reply that is not
 * made yet; what stands behind it waits. */
#ifndef SKOTOS_OUTBOX_H
#define SKOTOS_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Replies that may wait on one connection. */
#define OUTBOX_MAX 16384

struct outbox_slot {
    char *bytes; /* owned; an open reply (padded_reply.h), NULL while it is not made */
    size_t len;
    int64_t deadline_ns; /* monotonic; not sent after it */
};

struct outbox {
    struct outbox_slot *slots; /* ring of `capacity` */
    size_t capacity;
    size_t count;
    size_t bytes;   /* of the replies that are made */
    uint64_t first; /* ticket of the oldest slot; tickets count up by one */
};

/* Frees all. Returns how many replies were waiting. */
size_t outbox_clear(struct outbox *outbox);

/* Adds a copy of the open reply (`bytes`, `len`). False when OUTBOX_MAX wait or memory is short. */
bool outbox_push(struct outbox *outbox, const char *bytes, size_t len, int64_t deadline_ns);

/* Keeps a place; `*ticket` names it. Same return. */
bool outbox_reserve(struct outbox *outbox, int64_t deadline_ns, uint64_t *ticket);

/* Puts a copy of a reply into its kept place. False when the place is gone (too late), is filled, or memory is short.
 */
bool outbox_fill(struct outbox *outbox, uint64_t ticket, const char *bytes, size_t len);

/* Gives the newest kept place back. */
void outbox_release(struct outbox *outbox, uint64_t ticket);

/* The oldest slot, or NULL. */
struct outbox_slot *outbox_front(struct outbox *outbox);

/* Removes the oldest slot. */
void outbox_pop(struct outbox *outbox);

#endif
