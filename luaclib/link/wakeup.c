#define _GNU_SOURCE
#include "wakeup.h"

#include <stddef.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int64_t wakeup_now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

bool wakeup_open(struct wakeup *wakeup) {
    wakeup->armed_ns = 0;
    wakeup->epoll = epoll_create1(EPOLL_CLOEXEC);
    wakeup->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return wakeup->epoll >= 0 && wakeup->timer >= 0 &&
           wakeup_watch(wakeup, wakeup->timer, EPOLLIN, WAKEUP_TIMER, false);
}

void wakeup_close(struct wakeup *wakeup) {
    int *fds[] = {&wakeup->timer, &wakeup->epoll};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (*fds[i] >= 0) {
            close(*fds[i]);
            *fds[i] = -1;
        }
    }
}

void wakeup_at(struct wakeup *wakeup, int64_t when_ns) {
    if (when_ns == wakeup->armed_ns) {
        return;
    }
    struct itimerspec spec = {.it_value = {.tv_sec = when_ns / 1000000000, .tv_nsec = when_ns % 1000000000}};
    timerfd_settime(wakeup->timer, TFD_TIMER_ABSTIME, &spec, NULL);
    wakeup->armed_ns = when_ns;
}

void wakeup_by(struct wakeup *wakeup, int64_t when_ns) {
    if (wakeup->armed_ns == 0 || when_ns < wakeup->armed_ns) {
        wakeup_at(wakeup, when_ns);
    }
}

bool wakeup_watch(struct wakeup *wakeup, int fd, uint32_t events, uint32_t tag, bool known) {
    struct epoll_event event = {.events = events, .data.u32 = tag};
    return epoll_ctl(wakeup->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0;
}

void wakeup_ignore(struct wakeup *wakeup, int fd) { epoll_ctl(wakeup->epoll, EPOLL_CTL_DEL, fd, NULL); }

int wakeup_events(struct wakeup *wakeup, struct epoll_event *events, int room) {
    uint64_t ticks;
    int count = epoll_wait(wakeup->epoll, events, room, 0);
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == WAKEUP_TIMER && read(wakeup->timer, &ticks, sizeof ticks) == sizeof ticks) {
            wakeup->armed_ns = 0;
        }
    }
    return count > 0 ? count : 0;
}
