#define _GNU_SOURCE
#include "listener.h"

#include "caller.h"
#include "responder.h"
#include "socket.h"
#include "wakeup.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Places, with those in which callers that are turned away read why. */
#define PLACES (LISTENER_CALLERS + 16)
#define ACCEPTED_PER_STEP 16
/* How long one who is turned away may read why. */
#define FAREWELL_NS INT64_C(1000000000)
/* How long a caller may say nothing before its place is given to another, when all are taken. */
#define SILENCE_NS INT64_C(1000000000)
/* Before accepting again when descriptors or memory were short. */
#define BREATHER_NS INT64_C(1000000000)

/* What an epoll event is for, besides the index of a caller. */
enum { EVENT_LISTEN = PLACES };

struct listener {
    struct wakeup wakeup;
    int socket;
    int64_t deaf_until_ns; /* 0: it accepts */
    struct responder responder;
    struct listener_options options;
    struct listener_stats stats;
    struct journal journal;
    size_t next;                    /* whose turn it is first in the next step */
    struct caller *callers[PLACES]; /* owned; NULL: a free place */
};

static bool watch_for_callers(struct listener *listener) {
    return wakeup_watch(&listener->wakeup, listener->socket, EPOLLIN, EVENT_LISTEN, false);
}

struct listener *listener_new(const struct issuer *issuer, const struct listener_options *options) {
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener) {
        return NULL;
    }
    listener->responder = (struct responder){.issuer = issuer};
    listener->options = *options;
    listener->socket = -1;
    if (!wakeup_open(&listener->wakeup) || (listener->socket = socket_listen(&options->address)) < 0 ||
        !watch_for_callers(listener)) {
        int error = errno;
        listener_free(listener);
        errno = error;
        return NULL;
    }
    return listener;
}

int listener_fd(const struct listener *listener) { return listener->wakeup.epoll; }

struct journal *listener_journal(struct listener *listener) {
    return &listener->journal;
}

void listener_set_issuer(struct listener *listener, const struct issuer *issuer) {
    listener->responder.issuer = issuer;
    for (size_t i = 0; i < PLACES; i++) {
        if (listener->callers[i]) {
            listener->callers[i]->reader.max_frame = issuer->max_frame;
        }
    }
}

struct listener_stats listener_stats(const struct listener *listener) {
    struct listener_stats stats = listener->stats;
    stats.requests = listener->responder.requests;
    stats.tokens = listener->responder.tokens;
    stats.refused = listener->responder.refused;
    stats.dropped = listener->responder.dropped;
    return stats;
}

uint16_t listener_port(const struct listener *listener) {
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    memset(&name, 0, sizeof name);
    getsockname(listener->socket, (struct sockaddr *)&name, &len);
    return name.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&name)->sin6_port)
                                      : ntohs(((struct sockaddr_in *)&name)->sin_port);
}

/* Ends a caller's connection; returns whether something is left behind, which is counted. */
static bool dismiss(struct listener *listener, struct caller *caller) {
    listener->stats.callers -= caller->turned_away ? 0 : 1;
    listener->callers[caller->place] = NULL;
    bool left = caller_end(caller); /* and so it is no longer watched */
    free(caller);
    listener->stats.cut += left ? 1 : 0;
    return left;
}

static void watch(struct listener *listener, struct caller *caller) {
    uint32_t events = caller_events(caller);
    if (events != caller->watched) {
        wakeup_watch(&listener->wakeup, caller->fd, events, caller->place, true);
        caller->watched = events;
    }
}

static void turn_away(struct listener *listener, struct caller *caller, int64_t now_ns) {
    char reply[512];
    struct fault fault;
    fault_set(&fault, FAULT_POLICY, "%d callers are connected, which is as many as may be; please come again later",
              LISTENER_CALLERS);
    size_t len = issuer_refusal(false, 0, &fault, (int64_t)time(NULL), reply, sizeof reply);
    caller->turned_away = true;
    wakeup_by(&listener->wakeup, now_ns + FAREWELL_NS);
    caller_say(caller, reply, reply_close(reply, len, sizeof reply, 0, REPLY_END_NUL));
    listener->stats.turned_away++;
    journal_add(&listener->journal, JOURNAL_REFUSED, JOURNAL_WARN, "a caller was turned away: %d are connected already",
                LISTENER_CALLERS);
}

/* When all places are taken: frees that of the caller who has said nothing for longest, if there is one. Places are
 * few, and anybody on this host can take all of them and be silent. */
static void make_room(struct listener *listener, int64_t now_ns) {
    struct caller *silent = NULL;
    for (size_t i = 0; i < PLACES; i++) {
        struct caller *caller = listener->callers[i];
        bool still = caller && !caller->turned_away && !caller->spoke && !caller_has_unread(caller);
        if (still && now_ns - caller->moved_ns >= SILENCE_NS && (!silent || caller->moved_ns < silent->moved_ns)) {
            silent = caller;
        }
    }
    if (silent) {
        listener->stats.idle++;
        dismiss(listener, silent);
    }
}

/* Lets the caller behind `fd` in; closes `fd` when there is no place at all. */
static void welcome(struct listener *listener, int fd, int64_t now_ns) {
    uint32_t place = 0;
    listener->stats.accepted++;
    if (listener->stats.callers >= LISTENER_CALLERS) {
        make_room(listener, now_ns);
    }
    while (place < PLACES && listener->callers[place]) {
        place++;
    }
    struct caller *caller = place < PLACES ? malloc(sizeof *caller) : NULL;
    if (!caller || !wakeup_watch(&listener->wakeup, fd, EPOLLIN, place, false)) {
        listener->stats.turned_away++;
        free(caller);
        close(fd);
        return;
    }
    caller_begin(caller, fd, listener->responder.issuer->max_frame, listener->options.out_max, now_ns);
    caller->place = place;
    caller->watched = EPOLLIN;
    listener->callers[place] = caller;
    if (listener->stats.callers >= LISTENER_CALLERS) {
        turn_away(listener, caller, now_ns);
        watch(listener, caller);
    } else {
        listener->stats.callers++;
    }
}

static void accept_some(struct listener *listener, int64_t now_ns) {
    for (int i = 0; i < ACCEPTED_PER_STEP; i++) {
        int fd = accept4(listener->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            socket_without_delay(fd);
            welcome(listener, fd, now_ns);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            journal_add(&listener->journal, JOURNAL_LOST, JOURNAL_ERROR, "no caller can be let in for a second: %s",
                        strerror(errno));
            wakeup_ignore(&listener->wakeup, listener->socket);
            listener->deaf_until_ns = now_ns + BREATHER_NS;
            wakeup_by(&listener->wakeup, listener->deaf_until_ns);
            return;
        }
    }
}

/* Gives a caller its turn. Returns whether it has more to answer at once. */
static bool serve(struct listener *listener, struct caller *caller, int *budget, int64_t now_ns, int64_t now) {
    enum caller_state state = caller_step(caller, &listener->responder, &listener->journal, budget, now_ns, now,
                                          &listener->stats.bytes_in, &listener->stats.bytes_out);
    if (state == CALLER_DONE || state == CALLER_LOST) {
        if (dismiss(listener, caller)) {
            journal_add(&listener->journal, JOURNAL_LOST, JOURNAL_WARN,
                        "a caller's connection ended in the middle of a request or before its replies were read");
        }
        return false;
    }
    watch(listener, caller);
    return state == CALLER_HAS_MORE;
}

/* Gives each caller that is `due`, or was left with requests, its turn, until the step's requests are used up; the next
 * step begins behind the last of them. Returns whether somebody has more to answer at once. */
static bool serve_all(struct listener *listener, const bool due[PLACES], int64_t now_ns, int64_t now) {
    int budget = LISTENER_REQUESTS_PER_STEP;
    bool more = false;
    size_t first = listener->next;
    for (size_t i = 0; i < PLACES; i++) {
        size_t at = (first + i) % PLACES;
        struct caller *caller = listener->callers[at];
        bool has_more = caller && caller->frames_wait && caller_waiting(caller) < caller->out_max;
        if (!caller || !(due[at] || has_more)) {
            continue;
        }
        if (budget == 0) {
            return true;
        }
        more = serve(listener, caller, &budget, now_ns, now) || more;
        listener->next = (at + 1) % PLACES;
    }
    return more;
}

/* Sends away who has been still for too long. Returns when to look again, INT64_MAX: nobody is there. */
static int64_t look_for_idlers(struct listener *listener, int64_t now_ns) {
    int64_t next_ns = listener->deaf_until_ns ? listener->deaf_until_ns : INT64_MAX;
    for (size_t i = 0; i < PLACES; i++) {
        struct caller *caller = listener->callers[i];
        if (!caller) {
            continue;
        }
        int64_t until_ns = caller->moved_ns + (caller->turned_away ? FAREWELL_NS : listener->options.idle_ns);
        if (now_ns < until_ns) {
            next_ns = until_ns < next_ns ? until_ns : next_ns;
            continue;
        }
        size_t waiting = caller_waiting(caller);
        if (!caller->turned_away && waiting > 0) {
            listener->stats.slow++;
            journal_add(&listener->journal, JOURNAL_LOST, JOURNAL_WARN,
                        "a caller was sent away: it has read nothing for %lld s and left %zu bytes of replies",
                        (long long)(listener->options.idle_ns / 1000000000), waiting);
        } else if (!caller->turned_away) {
            listener->stats.idle++;
        }
        dismiss(listener, caller);
    }
    return next_ns;
}

static void on_timer(struct listener *listener, int64_t now_ns) {
    if (listener->deaf_until_ns && now_ns >= listener->deaf_until_ns) {
        listener->deaf_until_ns = 0;
        watch_for_callers(listener);
    }
}

void listener_step(struct listener *listener) {
    struct epoll_event events[PLACES + 2];
    bool due[PLACES] = {false}, more;
    if (listener->wakeup.epoll < 0) {
        return;
    }
    int64_t now_ns = wakeup_now_ns();
    int count = wakeup_events(&listener->wakeup, events, PLACES + 2);
    int64_t now = (int64_t)time(NULL);
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == WAKEUP_TIMER) {
            on_timer(listener, now_ns);
        } else if (events[i].data.u32 == EVENT_LISTEN) {
            accept_some(listener, now_ns);
        } else {
            due[events[i].data.u32] = true;
        }
    }
    more = serve_all(listener, due, now_ns, now);
    if (listener->wakeup.armed_ns == 0) { /* it went off, or nobody was there */
        int64_t next_ns = look_for_idlers(listener, now_ns);
        if (next_ns != INT64_MAX) {
            wakeup_by(&listener->wakeup, next_ns);
        }
    }
    if (more) {
        wakeup_by(&listener->wakeup, 1);
    }
    step_end(&listener->stats.step_times, now_ns);
}

size_t listener_close(struct listener *listener) {
    size_t left = 0;
    for (size_t i = 0; i < PLACES; i++) {
        if (listener->callers[i]) {
            left += dismiss(listener, listener->callers[i]) ? 1 : 0;
        }
    }
    if (listener->socket >= 0) {
        close(listener->socket);
        listener->socket = -1;
    }
    wakeup_close(&listener->wakeup);
    return left;
}

void listener_free(struct listener *listener) {
    if (listener) {
        listener_close(listener);
        journal_clear(&listener->journal);
        free(listener);
    }
}
