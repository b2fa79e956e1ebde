/* Sends the replies of an outbox, and events while no reply is ready, over one connection as the game can take them:
 * each whole, in a frame of its own, no more of them unacknowledged by the peer's kernel than the transport allows. */
#ifndef SKOTOS_REPLY_LINE_H
#define SKOTOS_REPLY_LINE_H

#include "event_queue.h"
#include "latency.h"
#include "outbox.h"
#include "transport.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reply_line {
    char *frame;          /* owned; the frame that is on its way */
    size_t room;          /* bytes of `frame` */
    size_t len;           /* its length; 0: none */
    size_t sent;          /* bytes of it that the kernel has taken */
    size_t size;          /* bytes of each frame, 0: as short as it is */
    int64_t interval_ns;  /* at least so long from one frame to the next */
    int64_t last_sent_ns; /* when the last one was written whole; 0: none was on this connection */
    size_t widest;        /* the peer's largest window so far, bytes */
    size_t open;          /* bytes that the peer has opened its window for and that were not sent since */
    bool ack_events;      /* the kernel tells of an acknowledgement */
    unsigned acks_due;    /* frames of whose acknowledgement it has not told */
    uint32_t polls;       /* looks at the socket since the last frame */
    bool want_write;      /* waits for the socket to be writable */
    bool carries_event;   /* `frame` is an event, or the report of lost ones */
    uint64_t reports;     /* so many lost events; 0: it is no report */
    uint64_t replies, events, late, bytes; /* what is counted was handed to the kernel whole */
    struct latency latency;                /* from a request's arrival until its reply is sent */
};

/* Readies `line`. False when memory is short. */
bool reply_line_init(struct reply_line *line, size_t size, int64_t interval_ns);
void reply_line_free(struct reply_line *line);

/* A new connection; `ack_events` as socket_watch_acks said. Returns whether a frame was cut in the middle by the end of
 * the old one; carries_event and reports say until the next one what it was. */
bool reply_line_reset(struct reply_line *line, bool ack_events);

/* Frames that one call sends at most, so that the server's loop is never held up. */
#define REPLY_LINE_FRAMES 24

/* Sends what may be sent at `now_ns` (monotonic): replies first, then events (NULL: there are none). `*again_ns`
 * becomes the time of the next call, 0: when the socket, the outbox or the events change. DONE, CLOSED or FAILED. */
enum transport_result reply_line_send(struct reply_line *line, struct outbox *outbox, struct event_queue *events,
                                      struct transport *transport, int fd, int64_t now_ns, int64_t *again_ns);

/* The socket has an error to tell of. Returns whether it was no more than that replies have arrived. */
bool reply_line_acknowledged(struct reply_line *line, int fd);

/* The connection is about to be closed: writes what is ready as far as the kernel takes it, without waiting for
 * acknowledgements. */
void reply_line_flush(struct reply_line *line, struct outbox *outbox, struct transport *transport, int fd,
                      int64_t now_ns);

#endif
