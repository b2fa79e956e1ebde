/* What wakes Prosody's loop for us: one descriptor to watch for reading, with sockets and a timer behind it (epoll(7),
 * timerfd_create(2)), so that the owner's loop needs no timer of its own and knows no socket of ours. */
#ifndef SKOTOS_WAKEUP_H
#define SKOTOS_WAKEUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct wakeup {
    int epoll, timer; /* -1: closed */
    int64_t armed_ns; /* when the timer goes off, monotonic; 0: it is off */
};

/* The tag of the timer's event; sockets have others. */
#define WAKEUP_TIMER UINT32_MAX

/* Nanoseconds of the clock that the timer goes by, CLOCK_MONOTONIC. */
int64_t wakeup_now_ns(void);

/* Opens both descriptors. False with errno; wakeup_close is to be called all the same. */
bool wakeup_open(struct wakeup *wakeup);

/* Closes them; may be called twice. */
void wakeup_close(struct wakeup *wakeup);

/* Has the timer go off at `when_ns` (monotonic; what is past: at once), 0: never. */
void wakeup_at(struct wakeup *wakeup, int64_t when_ns);

/* The same, unless it goes off before that anyway. */
void wakeup_by(struct wakeup *wakeup, int64_t when_ns);

/* Watches `fd` for `events` (EPOLLIN, …) under `tag`; `known`: it is watched already, for others. It is forgotten when
 * it is closed. False with errno. */
bool wakeup_watch(struct wakeup *wakeup, int fd, uint32_t events, uint32_t tag, bool known);

/* No longer watches `fd`, which stays open. */
void wakeup_ignore(struct wakeup *wakeup, int fd);

/* What has happened, without waiting: at most `room` events, each with its tag in data.u32. Returns how many. The
 * timer, when it went off, is among them and off from then on. */
int wakeup_events(struct wakeup *wakeup, struct epoll_event *events, int room);

#endif
