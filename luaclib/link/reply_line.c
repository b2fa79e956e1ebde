#include "reply_line.h"

#include "padded_reply.h"
#include "responder.h"
#include "socket.h"
#include "socket_window.h"
#include "token_maker.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* Room for any open reply with its close. */
#define BARE_ROOM (TOKEN_MAX + 4096)
/* The kernel's own word of an acknowledgement is backed by a slow look; without it the look is quick at first. */
#define LOOK_FIRST_NS INT64_C(50000)
#define LOOK_BACKUP_NS INT64_C(5000000)
#define LOOK_SLOWEST_SHIFT 6

bool reply_line_init(struct reply_line *line, size_t size, int64_t interval_ns) {
    *line = (struct reply_line){.size = size, .interval_ns = interval_ns};
    line->room = size > BARE_ROOM ? size : BARE_ROOM;
    line->frame = malloc(line->room);
    return line->frame != NULL;
}

void reply_line_free(struct reply_line *line) {
    if (line->frame) {
        OPENSSL_cleanse(line->frame, line->room);
        free(line->frame);
        line->frame = NULL;
    }
}

bool reply_line_reset(struct reply_line *line, bool ack_events) {
    bool cut = line->len > 0;
    line->len = line->sent = 0;
    line->last_sent_ns = 0;
    line->widest = line->open = 0;
    line->want_write = false;
    line->acks_due = 0;
    line->ack_events = ack_events;
    return cut;
}

/* Puts the next reply that is made and not too late into the frame. */
static bool load(struct reply_line *line, struct outbox *outbox, int64_t now_ns) {
    struct outbox_slot *slot;
    while ((slot = outbox_front(outbox)) != NULL) {
        bool late = now_ns > slot->deadline_ns;
        if (!late && !slot->bytes) {
            return false;
        }
        line->carries_event = false;
        if (!late && slot->len <= line->room) {
            memcpy(line->frame, slot->bytes, slot->len);
            line->len = reply_close(line->frame, slot->len, line->room, line->size, REPLY_END_NUL);
            latency_count(&line->latency, slot->deadline_ns - REPLY_WITHIN_NS);
        }
        if (slot->bytes) {
            OPENSSL_cleanse(slot->bytes, slot->len);
        }
        outbox_pop(outbox);
        if (line->len > 0) {
            return true;
        }
        line->late++;
    }
    return false;
}

/* Puts the next event into the frame; only while no reply could be sent. */
static bool load_event(struct reply_line *line, struct event_queue *events) {
    const struct queued_event *event;
    while (events && (event = event_queue_front(events)) != NULL) {
        line->carries_event = true;
        line->reports = event->reports;
        if (event->len <= line->room) {
            memcpy(line->frame, event->bytes, event->len);
            line->len = reply_close(line->frame, event->len, line->room, line->size, REPLY_END_NUL);
        }
        event_queue_pop(events);
        if (line->len > 0) {
            return true;
        }
        event_queue_lose(events, line->reports);
    }
    return false;
}

/* Whether as many frames travel as may; sets when to look again. */
static bool travels(struct reply_line *line, const struct transport *transport, int fd, int64_t now_ns,
                    int64_t *again_ns) {
    if (line->last_sent_ns == 0 || (size_t)socket_unacknowledged(fd) <= (transport->in_flight - 1) * line->size) {
        return false;
    }
    uint32_t shift = line->polls < LOOK_SLOWEST_SHIFT ? line->polls : LOOK_SLOWEST_SHIFT;
    line->polls++;
    *again_ns = now_ns + (line->ack_events ? LOOK_BACKUP_NS : LOOK_FIRST_NS << shift);
    return true;
}

/* Whether a whole frame fits the window of a peer that reads; sets when to look again. A busy game's window ends inside
 * a frame sooner or later, and of a frame that was written the kernel sends what fits when 200 ms have passed: the game
 * would read it in two pieces. A frame that is larger than any window was is let go as soon as the window is as wide as
 * ever. What a peer has opened it does not take back (RFC 9293 section 3.8.6), so it is asked again only when that is
 * used up; with several frames on their way it is not known how much of it they use. */
static bool fits(struct reply_line *line, const struct transport *transport, int fd, int64_t now_ns,
                 int64_t *again_ns) {
    if (line->open >= line->size) {
        return true;
    }
    size_t window = socket_peer_window(fd);
    line->widest = window > line->widest ? window : line->widest;
    line->open = transport->in_flight == 1 ? window : 0;
    if (window >= line->size || window >= line->widest) {
        return true;
    }
    *again_ns = now_ns + LOOK_BACKUP_NS;
    return false;
}

static enum transport_result write_rest(struct reply_line *line, struct transport *transport, int fd, int64_t now_ns) {
    while (line->sent < line->len) {
        size_t sent = 0;
        enum transport_result result =
            transport->write(transport, fd, line->frame + line->sent, line->len - line->sent, &sent);
        if (result != TRANSPORT_DONE) {
            line->want_write = result == TRANSPORT_WANT_WRITE;
            return result;
        }
        line->sent += sent;
        line->bytes += sent;
    }
    line->want_write = false;
    line->open -= line->len < line->open ? line->len : line->open;
    line->len = line->sent = 0;
    line->last_sent_ns = now_ns;
    line->acks_due++;
    line->polls = 0;
    if (!line->carries_event) {
        line->replies++;
    } else if (line->reports == 0) {
        line->events++;
    }
    return TRANSPORT_DONE;
}

/* Loads what is next; else sets when the oldest reply is given up. */
static bool load_next(struct reply_line *line, struct outbox *outbox, struct event_queue *events, int64_t now_ns,
                      int64_t *again_ns) {
    if (load(line, outbox, now_ns) || load_event(line, events)) {
        return true;
    }
    struct outbox_slot *front = outbox_front(outbox);
    *again_ns = front ? front->deadline_ns + 1 : 0;
    return false;
}

enum transport_result reply_line_send(struct reply_line *line, struct outbox *outbox, struct event_queue *events,
                                      struct transport *transport, int fd, int64_t now_ns, int64_t *again_ns) {
    *again_ns = 0;
    for (int frames = 0;; frames++) {
        if (line->len > 0) {
            enum transport_result result = write_rest(line, transport, fd, now_ns);
            if (result == TRANSPORT_CLOSED || result == TRANSPORT_FAILED) {
                return result;
            }
            if (line->len > 0) {
                return TRANSPORT_DONE;
            }
        }
        if ((outbox->count == 0 && (!events || !event_queue_front(events))) ||
            travels(line, transport, fd, now_ns, again_ns) || !fits(line, transport, fd, now_ns, again_ns)) {
            return TRANSPORT_DONE;
        }
        if (frames == REPLY_LINE_FRAMES) {
            *again_ns = now_ns;
            return TRANSPORT_DONE;
        }
        if (now_ns < line->last_sent_ns + line->interval_ns) {
            *again_ns = line->last_sent_ns + line->interval_ns;
            return TRANSPORT_DONE;
        }
        if (!load_next(line, outbox, events, now_ns, again_ns)) {
            return TRANSPORT_DONE;
        }
    }
}

bool reply_line_acknowledged(struct reply_line *line, int fd) {
    /* One message a frame, but for one that was written in pieces: what is left wakes the link again. */
    unsigned taken = socket_take_errors(fd, line->acks_due > 0 ? line->acks_due : 1);
    line->acks_due -= taken < line->acks_due ? taken : line->acks_due;
    return taken > 0;
}

void reply_line_flush(struct reply_line *line, struct outbox *outbox, struct transport *transport, int fd,
                      int64_t now_ns) {
    do {
        if (line->len > 0 && write_rest(line, transport, fd, now_ns) != TRANSPORT_DONE) {
            return;
        }
    } while (load(line, outbox, now_ns));
}
