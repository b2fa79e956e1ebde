/* One connection of the listener: some program of this host that wants tokens. Requests in, replies out, in their order
 * and as many at once as the program likes. Knows its socket, but not who waits for it. */
#ifndef SKOTOS_CALLER_H
#define SKOTOS_CALLER_H

#include "frame.h"
#include "journal.h"
#include "responder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct caller {
    int fd; /* owned */
    struct frame_reader reader;
    char *out;       /* owned; replies from `out_start` to `out_end` are not yet written */
    size_t out_room; /* bytes allocated */
    size_t out_start, out_end;
    size_t out_max;   /* with so many bytes waiting nothing more is read or answered */
    bool frames_wait; /* the reader may hold frames that were not looked at */
    bool spoke;       /* it has sent something */
    bool ended;       /* it sends no more */
    bool turned_away; /* is only to read why, what it sends is thrown away */
    int64_t moved_ns; /* monotonic; when bytes last moved */
    uint32_t place;   /* the listener's; among its callers */
    uint32_t watched; /* the listener's; epoll events */
};

enum caller_state {
    CALLER_WAITS,    /* for its socket; caller_events tells for what */
    CALLER_HAS_MORE, /* requests that are not answered yet */
    CALLER_DONE,     /* it has had its answers and has ended */
    CALLER_LOST      /* its connection is gone */
};

/* Begins with the non-blocking socket `fd`. `max_frame`: bytes of one request. */
void caller_begin(struct caller *caller, int fd, size_t max_frame, size_t out_max, int64_t now_ns);

/* Closes and frees. Returns whether something is left behind: a request cut off, or replies that were not read. */
bool caller_end(struct caller *caller);

/* Reads, answers at most `*budget` requests, which is lessened by those, and writes what was answered in one go. What
 * is written counts into `*bytes_out`, what is read into `*bytes_in`. `now`: seconds since the epoch. */
enum caller_state caller_step(struct caller *caller, struct responder *responder, struct journal *journal, int *budget,
                              int64_t now_ns, int64_t now, uint64_t *bytes_in, uint64_t *bytes_out);

/* Puts the `len` bytes of a whole reply into the output. False when memory is short. */
bool caller_say(struct caller *caller, const char *reply, size_t len);

/* The epoll events to wait for: EPOLLIN, EPOLLOUT, both or none. */
uint32_t caller_events(const struct caller *caller);

/* Whether it has sent something that was not read yet. */
bool caller_has_unread(const struct caller *caller);

/* Bytes that it has not taken yet. */
size_t caller_waiting(const struct caller *caller);

#endif
