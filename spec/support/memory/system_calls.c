/* For every system call of a link and of a listener: its nth use fails, in a way that passes by (EINTR, EAGAIN) or in
 * one that does not. What passes by costs nothing but time; anything else ends in a refusal to start, in a dropped
 * connection or in a wait, and leaves no descriptor behind. */
#define _GNU_SOURCE
#include "failing.h"

#include "game_link.h"
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define FRAME_SIZE 8192

enum call {
    SOCKET,
    CONNECT,
    BIND,
    LISTEN,
    ACCEPT4,
    RECV,
    SEND,
    EPOLL_CREATE1,
    TIMERFD_CREATE,
    EPOLL_CTL,
    GETSOCKOPT,
    CALLS
};

static const char *const names[CALLS] = {"socket", "connect",       "bind",           "listen",    "accept4",   "recv",
                                         "send",   "epoll_create1", "timerfd_create", "epoll_ctl", "getsockopt"};

static enum call failing_call = CALLS;
static long failing_use, uses;
static int failing_error;

/* Whether this use of `call` is the one that fails; its errno is set then. */
static bool fails(enum call call) {
    if (call != failing_call || ++uses != failing_use) {
        return false;
    }
    errno = failing_error;
    return true;
}

/* The linker has the core call these (--wrap). */
int __real_socket(int domain, int type, int protocol);
int __real_connect(int fd, const struct sockaddr *address, socklen_t len);
int __real_bind(int fd, const struct sockaddr *address, socklen_t len);
int __real_listen(int fd, int backlog);
int __real_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
ssize_t __real_recv(int fd, void *out, size_t len, int flags);
ssize_t __real_send(int fd, const void *bytes, size_t len, int flags);
int __real_epoll_create1(int flags);
int __real_timerfd_create(int clock, int flags);
int __real_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int __real_getsockopt(int fd, int level, int option, void *value, socklen_t *len);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_listen(int fd, int backlog);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
ssize_t __wrap_recv(int fd, void *out, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);
int __wrap_epoll_create1(int flags);
int __wrap_timerfd_create(int clock, int flags);
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *len);

int __wrap_socket(int domain, int type, int protocol) {
    return fails(SOCKET) ? -1 : __real_socket(domain, type, protocol);
}
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len) {
    return fails(CONNECT) ? -1 : __real_connect(fd, address, len);
}
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len) {
    return fails(BIND) ? -1 : __real_bind(fd, address, len);
}
int __wrap_listen(int fd, int backlog) { return fails(LISTEN) ? -1 : __real_listen(fd, backlog); }
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags) {
    return fails(ACCEPT4) ? -1 : __real_accept4(fd, address, len, flags);
}
ssize_t __wrap_recv(int fd, void *out, size_t len, int flags) {
    return fails(RECV) ? -1 : __real_recv(fd, out, len, flags);
}
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags) {
    return fails(SEND) ? -1 : __real_send(fd, bytes, len, flags);
}
int __wrap_epoll_create1(int flags) { return fails(EPOLL_CREATE1) ? -1 : __real_epoll_create1(flags); }
int __wrap_timerfd_create(int clock, int flags) {
    return fails(TIMERFD_CREATE) ? -1 : __real_timerfd_create(clock, flags);
}
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) {
    return fails(EPOLL_CTL) ? -1 : __real_epoll_ctl(epoll, operation, fd, event);
}
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *len) {
    return fails(GETSOCKOPT) ? -1 : __real_getsockopt(fd, level, option, value, len);
}

/* `condition`, or the run ends and says which call failed how. */
static void rule(bool condition, const char *text) {
    if (!condition) {
        fprintf(stderr, "%s, use %ld: %s\n", failing_call < CALLS ? names[failing_call] : "nothing", failing_use,
                strerror(failing_error));
        must(false, 0, text);
    }
}

static int lowest_descriptor(void) {
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd;
}

static const char request[] = "{\"cmd\":\"jwt_token\",\"displayName\":\"Bob\",\"channel\":\"hall\",\"moderator\":false,"
                              "\"validFor\":60,\"seq\":1}";

static bool passes_by(enum call call, int error) {
    return (call == RECV || call == SEND) && (error == EINTR || error == EAGAIN);
}

/* One life of a link up to its first answer. */
static void play_link(const struct issuer *issuer, int listener, uint16_t port) {
    struct address address;
    struct game_link_options options = {.reply_size = FRAME_SIZE, .transport = transport_plain_new()};
    char reply[FRAME_SIZE];
    size_t got = 0;
    int fd = -1;
    bool ended = false;
    rule(options.transport && address_parse(&address, "127.0.0.1", port), "an address is an address");
    struct game_link *link = game_link_new(issuer, &options);
    rule(link || errno == failing_error, "a link that cannot be made says why");
    if (link) {
        game_link_connect(link, &address);
    }
    for (int turn = 0; link && !ended && got < FRAME_SIZE && turn < 400; turn++) {
        struct pollfd watched[2] = {{.fd = game_link_fd(link), .events = POLLIN}, {.fd = fd, .events = POLLIN}};
        poll(watched, fd >= 0 ? 2 : 1, 5);
        game_link_step(link);
        if (fd < 0 && (fd = accept(listener, NULL, NULL)) >= 0) {
            rule(__real_send(fd, request, sizeof request, MSG_NOSIGNAL) == (ssize_t)sizeof request,
                 "the game can write");
        }
        ssize_t n = fd >= 0 ? __real_recv(fd, reply + got, sizeof reply - got, MSG_DONTWAIT) : -1;
        got += n > 0 ? (size_t)n : 0;
        ended = game_link_state(link) == GAME_LINK_WAITING;
    }
    rule(!link || ended || got == FRAME_SIZE, "a request is answered, or its link is dropped and tried again later");
    rule(!passes_by(failing_call, failing_error) || got == FRAME_SIZE, "what passes by costs no answer");
    if (link) {
        game_link_close(link);
        game_link_step(link);
        game_link_connect(link, &address);
        rule(game_link_state(link) == GAME_LINK_CLOSED, "a closed link stays closed");
    }
    game_link_free(link);
    while (fd >= 0 || (fd = accept(listener, NULL, NULL)) >= 0) {
        close(fd);
        fd = -1;
    }
}

/* A caller of the listener with one request. */
static void play_listener(const struct issuer *issuer) {
    struct listener_options options = {.idle_ns = INT64_C(60000000000), .out_max = 65536};
    char reply[4096];
    ssize_t got = -1;
    rule(address_parse(&options.address, "127.0.0.1", 0), "an address is an address");
    struct listener *listener = listener_new(issuer, &options);
    rule(listener || errno == failing_error, "a listener that cannot be made says why");
    if (listener) {
        struct address address;
        rule(address_parse(&address, "127.0.0.1", listener_port(listener)), "an address is an address");
        int fd = __real_socket(AF_INET, SOCK_STREAM, 0);
        rule(__real_connect(fd, (struct sockaddr *)&address.sockaddr, address.len) == 0, "a caller can connect");
        rule(__real_send(fd, request, sizeof request, MSG_NOSIGNAL) == (ssize_t)sizeof request, "a caller can write");
        for (int turn = 0; got < 0 && turn < 1000; turn++) {
            struct pollfd watched[2] = {{.fd = listener_fd(listener), .events = POLLIN}, {.fd = fd, .events = POLLIN}};
            poll(watched, 2, 5);
            listener_step(listener);
            got = __real_recv(fd, reply, sizeof reply, MSG_DONTWAIT);
            /* A reset is an end too. */
            got = got < 0 && errno != EAGAIN ? 0 : got;
        }
        rule(got >= 0, "a caller is answered, or its connection is ended");
        rule(got > 0 || failing_call == RECV || failing_call == SEND || failing_call == EPOLL_CTL,
             "a caller waits for others' troubles only");
        rule(got > 0 || !passes_by(failing_call, failing_error), "what passes by costs no answer");
        close(fd);
        listener_close(listener);
        listener_step(listener);
    }
    listener_free(listener);
}

long fail_system_calls(const struct issuer *issuer, int listener, uint16_t port) {
    static const int errors[] = {EINTR, EAGAIN, ENOMEM, EMFILE, ECONNRESET};
    long failed = 0;
    for (int call = 0; call < CALLS; call++) {
        for (size_t e = 0; e < sizeof errors / sizeof errors[0]; e++) {
            for (int who = 0; who < 2; who++) {
                /* What a link's epoll is told later (not when it is opened) has no way to fail but a lack of memory. */
                long most = call == EPOLL_CTL && who == 0 ? 1 : 3;
                for (failing_use = 1; failing_use <= most; failing_use++) {
                    int before = lowest_descriptor();
                    failing_error = errors[e];
                    uses = 0;
                    failing_call = (enum call)call;
                    if (who == 0) {
                        play_link(issuer, listener, port);
                    } else {
                        play_listener(issuer);
                    }
                    failing_call = CALLS;
                    failed += uses >= failing_use ? 1 : 0;
                    rule(lowest_descriptor() == before, "no descriptor is left behind");
                }
            }
        }
    }
    return failed;
}
