#define _GNU_SOURCE
#include "game_link.h"

#include "backoff.h"
#include "outbox.h"
#include "reply_line.h"
#include "request_queue.h"
#include "responder.h"
#include "socket.h"
#include "wakeup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_WITHIN_NS INT64_C(10000000000)
#define READ_SIZE 16384
/* Bytes that one step reads at most. */
#define READ_PER_STEP READ_SIZE
/* Replies that are made ahead of their sending: requests take less room than replies, and a token is better young. */
#define READY_BYTES 32768
/* A connection that lived so long and brought something is worth another one at once, and one that lived so long in
 * silence has been a good one too; after any other the delay grows. */
#define LIVED_NS INT64_C(1000000000)
#define LIVED_SILENT_NS INT64_C(10000000000)
#define EVENTS_TEXT_MAX 64

struct game_link {
    struct wakeup wakeup;
    int socket;
    enum game_link_state state;
    uint32_t watched;    /* epoll events that the socket is watched for */
    int64_t deadline_ns; /* of connecting, handshake, or waiting */
    int64_t up_since_ns;
    bool more;            /* there is work for another step at once */
    bool unread;          /* the transport may hold bytes of which no event tells */
    uint64_t came_before; /* bytes_in when this connection came up */
    struct responder responder;
    struct transport *transport;
    struct address address;
    struct backoff backoff;
    struct request_queue requests;
    struct outbox outbox;
    struct control control;
    struct reply_line line;
    struct journal journal;
    struct game_link_stats stats;
    uint64_t told_dropped, told_late; /* what the administrator has heard of */
};

static void watch(struct game_link *link, uint32_t events) {
    if (link->socket >= 0 && events != link->watched) {
        wakeup_watch(&link->wakeup, link->socket, events, 0, link->watched != 0);
        link->watched = events;
    }
}

struct game_link *game_link_new(const struct issuer *issuer, const struct game_link_options *options) {
    struct game_link *link = calloc(1, sizeof *link);
    if (!link) {
        options->transport->free(options->transport);
        return NULL;
    }
    link->control.outbox = &link->outbox;
    link->responder =
        (struct responder){.issuer = issuer, .reply_size = options->reply_size, .commands = &link->control.commands};
    link->transport = options->transport;
    link->socket = -1;
    link->backoff.random = (uint64_t)wakeup_now_ns() ^ (uint64_t)(uintptr_t)link;
    request_queue_init(&link->requests, issuer->max_frame);
    if (!wakeup_open(&link->wakeup) || !reply_line_init(&link->line, options->reply_size, options->reply_interval_ns)) {
        int error = errno;
        game_link_free(link);
        errno = error;
        return NULL;
    }
    return link;
}

int game_link_fd(const struct game_link *link) { return link->wakeup.epoll; }

struct journal *game_link_journal(struct game_link *link) {
    return &link->journal;
}

/* Closes the socket and drops what belonged to it. Returns what was lost with it. */
static struct game_link_losses drop_connection(struct game_link *link) {
    struct game_link_losses lost = {0};
    if (link->socket < 0) {
        return lost;
    }
    link->transport->reset(link->transport);
    close(link->socket); /* and so it is no longer watched */
    link->socket = -1;
    link->watched = 0;
    link->more = link->unread = false;
    bool cut = reply_line_reset(&link->line, false);
    if (cut && link->line.carries_event) {
        event_queue_lose(&link->control.events, link->line.reports);
    } else if (cut) {
        lost.requests++;
    }
    lost.requests += outbox_clear(&link->outbox);
    lost.requests += request_queue_reset(&link->requests);
    lost.events = control_clear(&link->control);
    link->stats.dropped += lost.requests;
    link->told_dropped += lost.requests;
    return lost;
}

/* "" or, written into `text`, ", 3 events untold". */
static const char *untold(uint64_t events, char text[EVENTS_TEXT_MAX]) {
    const char *form = events == 1 ? ", %llu event untold" : ", %llu events untold";
    snprintf(text, EVENTS_TEXT_MAX, form, (unsigned long long)events);
    return events > 0 ? text : "";
}

static void wait_for(struct game_link *link, int64_t delay_ns) {
    link->state = GAME_LINK_WAITING;
    link->deadline_ns = wakeup_now_ns() + delay_ns;
}

static void connect_failed(struct game_link *link, const char *why) {
    uint32_t delay_ms = backoff_next(&link->backoff);
    drop_connection(link);
    journal_add(&link->journal, JOURNAL_RETRY, JOURNAL_WARN, "cannot reach the game at %s: %s; next try in %.1f s",
                link->address.text, why, delay_ms / 1000.0);
    wait_for(link, (int64_t)delay_ms * 1000000);
}

static void connection_lost(struct game_link *link, const char *why) {
    int64_t lived_ns = wakeup_now_ns() - link->up_since_ns;
    bool spoke = lived_ns >= LIVED_NS && link->stats.bytes_in > link->came_before;
    if (spoke || lived_ns >= LIVED_SILENT_NS) {
        backoff_reset(&link->backoff);
    }
    uint32_t delay_ms = spoke ? 0 : backoff_next(&link->backoff);
    struct game_link_losses lost = drop_connection(link);
    char events[EVENTS_TEXT_MAX];
    journal_add(&link->journal, JOURNAL_DOWN, JOURNAL_WARN,
                "lost the game at %s: %s; %zu %s unanswered%s; connecting again %s", link->address.text, why,
                lost.requests, lost.requests == 1 ? "request goes" : "requests go", untold(lost.events, events),
                delay_ms ? "shortly" : "at once");
    wait_for(link, (int64_t)delay_ms * 1000000);
}

void game_link_connect(struct game_link *link, const struct address *address) {
    if (link->state == GAME_LINK_CLOSED) {
        return;
    }
    struct game_link_losses lost = drop_connection(link);
    if (lost.requests > 0 || lost.events > 0) {
        char events[EVENTS_TEXT_MAX];
        journal_add(&link->journal, JOURNAL_LOST, JOURNAL_WARN, "left the game at %s with %zu requests unanswered%s",
                    link->address.text, lost.requests, untold(lost.events, events));
    }
    link->address = *address;
    link->socket = socket_connect(address);
    if (link->socket < 0) {
        connect_failed(link, strerror(errno));
    } else {
        link->state = GAME_LINK_CONNECTING;
        link->deadline_ns = wakeup_now_ns() + CONNECT_WITHIN_NS;
        watch(link, EPOLLOUT);
    }
    wakeup_at(&link->wakeup, link->deadline_ns);
}

static void up(struct game_link *link, int64_t now_ns) {
    link->state = GAME_LINK_UP;
    link->up_since_ns = now_ns;
    link->stats.connects++;
    link->came_before = link->stats.bytes_in;
    link->unread = true;
    reply_line_reset(&link->line, socket_watch_acks(link->socket));
    journal_add(&link->journal, JOURNAL_UP, JOURNAL_INFO, "connected to the game at %s (%s)", link->address.text,
                link->transport->name);
}

static void step_handshake(struct game_link *link, int64_t now_ns) {
    switch (link->transport->handshake(link->transport, link->socket)) {
    case TRANSPORT_DONE:
        up(link, now_ns);
        break;
    case TRANSPORT_WANT_READ:
        watch(link, EPOLLIN);
        break;
    case TRANSPORT_WANT_WRITE:
        watch(link, EPOLLOUT);
        break;
    case TRANSPORT_CLOSED:
        connect_failed(link, "closed by the other side");
        break;
    case TRANSPORT_FAILED:
        connect_failed(link, link->transport->reason(link->transport));
        break;
    }
}

static void step_connecting(struct game_link *link, int64_t now_ns) {
    int error = socket_connect_result(link->socket);
    if (error == 0) {
        link->state = GAME_LINK_HANDSHAKE;
        step_handshake(link, now_ns);
    } else if (error != EINPROGRESS) {
        connect_failed(link, strerror(error));
    }
}

/* Why the connection is gone, `result` being what has become of a read or write; NULL when it is not. */
static const char *gone(struct game_link *link, enum transport_result result) {
    return result == TRANSPORT_CLOSED   ? "closed by the game"
           : result == TRANSPORT_FAILED ? link->transport->reason(link->transport)
                                        : NULL;
}

/* Reads until the socket is empty (`*drained` then), or enough for one step. Returns why the connection is gone, else
 * NULL. */
static const char *read_socket(struct game_link *link, bool *drained) {
    *drained = false;
    for (size_t total = 0, got = 0; total < READ_PER_STEP; total += got) {
        char *room = frame_reader_room(&link->requests.reader, READ_SIZE);
        if (!room) {
            return "no memory";
        }
        enum transport_result result = link->transport->read(link->transport, link->socket, room, READ_SIZE, &got);
        if (result != TRANSPORT_DONE) {
            *drained = true;
            return gone(link, result);
        }
        frame_reader_filled(&link->requests.reader, got);
        link->stats.bytes_in += got;
        request_queue_read(&link->requests, &link->responder.issuer->rules, wakeup_now_ns(), &link->journal);
        if (link->requests.starved) {
            return "no memory";
        }
    }
    return NULL;
}

/* Tells what was lost since it was last told. */
static void tell_losses(struct game_link *link) {
    uint64_t dropped = link->stats.dropped + link->responder.dropped + link->requests.dropped;
    if (dropped > link->told_dropped) {
        journal_add(&link->journal, JOURNAL_LOST, JOURNAL_ERROR, "%llu requests were lost for want of room or memory",
                    (unsigned long long)(dropped - link->told_dropped));
        link->told_dropped = dropped;
    }
    if (link->line.late > link->told_late) {
        journal_add(&link->journal, JOURNAL_LOST, JOURNAL_WARN,
                    "%llu replies were too late (over 55 s) and were not sent",
                    (unsigned long long)(link->line.late - link->told_late));
        link->told_late = link->line.late;
    }
}

static void step_up(struct game_link *link, int64_t now_ns, uint32_t events, int64_t *wake_ns) {
    bool drained = true;
    bool failed = events & EPOLLERR && !reply_line_acknowledged(&link->line, link->socket);
    if (failed || events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP)) {
        link->unread = true;
    }
    const char *lost = link->unread ? read_socket(link, &drained) : NULL;
    link->unread = !drained;
    int64_t again_ns = 0;
    if (drained && !lost) {
        *wake_ns = request_queue_settle(&link->requests, now_ns);
        lost = link->requests.adrift ? "no request of a game's ends where it stopped" : NULL;
    }
    if (lost) {
        connection_lost(link, lost);
        return;
    }
    int most = link->outbox.bytes < READY_BYTES ? GAME_LINK_REQUESTS_PER_STEP : 0;
    bool waiting = responder_some(&link->responder, &link->requests, &link->outbox, &link->journal, most);
    enum transport_result sent = reply_line_send(&link->line, &link->outbox, &link->control.events, link->transport,
                                                 link->socket, now_ns, &again_ns);
    lost = gone(link, sent);
    if (lost) {
        connection_lost(link, lost);
        return;
    }
    /* Whatever sends a reply comes by here again. */
    link->more = link->unread || (waiting && link->outbox.bytes < READY_BYTES / 2);
    if (again_ns && (*wake_ns == 0 || again_ns < *wake_ns)) {
        *wake_ns = again_ns;
    }
    watch(link, EPOLLIN | (link->line.want_write ? (uint32_t)EPOLLOUT : 0));
}

bool game_link_step(struct game_link *link) {
    struct epoll_event events[2];
    uint32_t happened = 0;
    int64_t wake_ns = 0;
    if (link->state == GAME_LINK_CLOSED) {
        return false;
    }
    int64_t now_ns = wakeup_now_ns();
    int count = wakeup_events(&link->wakeup, events, 2);
    for (int i = 0; i < count; i++) {
        happened |= events[i].data.u32 == WAKEUP_TIMER ? 0 : events[i].events;
    }
    if (link->state == GAME_LINK_CONNECTING && happened) {
        step_connecting(link, now_ns);
    } else if (link->state == GAME_LINK_HANDSHAKE && happened) {
        step_handshake(link, now_ns);
    }
    if ((link->state == GAME_LINK_CONNECTING || link->state == GAME_LINK_HANDSHAKE) && now_ns >= link->deadline_ns) {
        connect_failed(link,
                       link->state == GAME_LINK_CONNECTING ? "no answer within 10 s" : "no TLS handshake within 10 s");
    }
    if (link->state == GAME_LINK_UP) {
        step_up(link, now_ns, happened, &wake_ns);
        tell_losses(link);
    }
    bool wants_address = link->state == GAME_LINK_WAITING && now_ns >= link->deadline_ns;
    if (wants_address) {
        link->state = GAME_LINK_IDLE;
    }
    if (link->state == GAME_LINK_CONNECTING || link->state == GAME_LINK_HANDSHAKE || link->state == GAME_LINK_WAITING) {
        wake_ns = link->deadline_ns;
    } else if (link->more || link->control.commands.untaken > 0) {
        wake_ns = 1;
    }
    if (wake_ns == 0) {
        wakeup_at(&link->wakeup, 0);
    } else { /* to set the timer anew for each reply would cost more than to wake in vain once */
        wakeup_by(&link->wakeup, wake_ns);
    }
    step_end(&link->stats.step_times, now_ns);
    return wants_address;
}

void game_link_set_issuer(struct game_link *link, const struct issuer *issuer) {
    link->responder.issuer = issuer;
    link->requests.reader.max_frame = issuer->max_frame;
}

const struct issuer *game_link_issuer(const struct game_link *link) { return link->responder.issuer; }

struct control *game_link_control(struct game_link *link) {
    return &link->control;
}

size_t game_link_reply_size(const struct game_link *link) { return link->responder.reply_size; }

enum game_link_state game_link_state(const struct game_link *link) { return link->state; }

const char *game_link_state_name(enum game_link_state state) {
    static const char *const names[] = {"idle", "connecting", "handshake", "up", "waiting", "closed"};
    return names[state];
}

const char *game_link_address(const struct game_link *link) { return link->address.text; }

const char *game_link_transport(const struct game_link *link) { return link->transport->name; }

int64_t game_link_certificate_until(const struct game_link *link) { return link->transport->certificate_until; }

struct game_link_stats game_link_stats(const struct game_link *link) {
    struct game_link_stats stats = link->stats;
    stats.requests = link->responder.requests;
    stats.tokens = link->responder.tokens;
    stats.refused = link->responder.refused;
    stats.dropped += link->responder.dropped + link->requests.dropped;
    memcpy(stats.refused_by, link->responder.refused_by, sizeof stats.refused_by);
    stats.latency = link->line.latency;
    stats.late = link->line.late;
    stats.replies = link->line.replies;
    stats.commands = link->responder.commands_taken;
    stats.events = link->line.events;
    stats.events_lost = link->control.events.lost;
    stats.bytes_out = link->line.bytes;
    stats.came = stats.bytes_in - link->came_before;
    stats.driver_errors = link->requests.driver_texts;
    stats.queued = link->outbox.count + link->requests.waiting + (link->line.len > 0 ? 1 : 0);
    return stats;
}

struct game_link_losses game_link_close(struct game_link *link) {
    if (link->state == GAME_LINK_UP) {
        reply_line_flush(&link->line, &link->outbox, link->transport, link->socket, wakeup_now_ns());
    }
    struct game_link_losses lost = drop_connection(link);
    wakeup_close(&link->wakeup);
    link->state = GAME_LINK_CLOSED;
    return lost;
}

void game_link_free(struct game_link *link) {
    if (link) {
        game_link_close(link);
        request_queue_free(&link->requests);
        outbox_clear(&link->outbox);
        reply_line_free(&link->line);
        journal_clear(&link->journal);
        link->transport->free(link->transport);
        free(link);
    }
}
