/* The driver's half: sockets. What it does with output that nobody reads follows DGD's comm.cpp and the kernel
 * library's connection.c. */
#define _GNU_SOURCE
#include "game.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READS_KEPT 256

struct connection {
    int fd;       /* -1: free */
    int order;    /* where the driver's own order has it; the smallest is asked */
    bool waiting; /* the last write did not take all: nothing is tried before the socket is writable again */
    bool drained; /* all output is gone, message_done has still to be called */
    char *out;
    size_t out_len;
    char *remainder; /* of one message, kept by the connection object */
    size_t remainder_len;
};

struct driver_counts driver_counts;
static struct connection connections[CONNECTIONS];
static struct {
    char *bytes;
    size_t len;
} reads[READS_KEPT];
static int listener = -1;
static struct in_addr address; /* all zero: 127.0.0.1 */
static size_t out_max = 1 << 20;

static void *must(void *memory) {
    if (!memory) {
        perror("game");
        exit(1);
    }
    return memory;
}

void driver_address(const char *ip) {
    if (inet_pton(AF_INET, ip, &address) != 1) {
        fprintf(stderr, "game: %s is no IPv4 address\n", ip);
        exit(1);
    }
}

int driver_listen(int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = address};
    if (address.s_addr == 0) {
        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    socklen_t len = sizeof a;
    int one = 1;
    static bool fresh = true;
    for (size_t i = 0; fresh && i < CONNECTIONS; i++) {
        connections[i].fd = -1;
    }
    fresh = false;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) < 0 || listen(listener, 64) < 0 ||
        getsockname(listener, (struct sockaddr *)&a, &len) < 0) {
        perror("game: listen");
        exit(1);
    }
    return ntohs(a.sin_port);
}

void driver_deafen(void) {
    if (listener >= 0) {
        close(listener);
        listener = -1;
    }
}

static void hang_up(struct connection *c) {
    close(c->fd);
    free(c->out);
    free(c->remainder);
    *c = (struct connection){.fd = -1};
    driver_counts.connected--;
}

void driver_drop(void) {
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (connections[i].fd >= 0) {
            hang_up(&connections[i]);
        }
    }
}

void driver_keep_at_most(size_t bytes) { out_max = bytes; }

static void flush(struct connection *c) {
    if (c->out_len == 0 || c->waiting) {
        return;
    }
    ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);
    size_t gone = n > 0 ? (size_t)n : 0;
    c->waiting = gone < c->out_len;
    memmove(c->out, c->out + gone, c->out_len - gone);
    c->out_len -= gone;
    c->drained = c->out_len == 0;
}

/* Appends to what waits already, as far as the driver's longest string allows, and writes once. Gives the bytes taken.
 */
static size_t driver_write(struct connection *c, const char *bytes, size_t len) {
    size_t taken = c->out_len >= out_max ? 0 : len < out_max - c->out_len ? len : out_max - c->out_len;
    if (taken > 0) {
        c->out = must(realloc(c->out, c->out_len + taken));
        memcpy(c->out + c->out_len, bytes, taken);
        c->out_len += taken;
        c->drained = false;
        flush(c);
    }
    return taken;
}

bool driver_message(const char *bytes, size_t len) {
    struct connection *c = NULL;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (connections[i].fd >= 0 && (!c || connections[i].order < c->order)) {
            c = &connections[i];
        }
    }
    if (!c) {
        driver_counts.lost++;
        return false;
    }
    size_t taken = driver_write(c, bytes, len);
    driver_counts.torn +=
        c->remainder != NULL; /* whether it is overwritten or, as here after a whole message, let go */
    free(c->remainder);
    c->remainder = NULL;
    c->remainder_len = len - taken;
    if (taken < len) {
        c->remainder = must(malloc(len - taken));
        memcpy(c->remainder, bytes + taken, len - taken);
    }
    return true;
}

void driver_error(struct connection *c, const char *text, size_t len) { driver_write(c, text, len); }

/* The kernel library sends the remainder when the driver's buffer is empty. */
static void message_done(struct connection *c) {
    c->drained = false;
    if (c->remainder) {
        char *bytes = c->remainder;
        c->remainder = NULL;
        driver_write(c, bytes, c->remainder_len);
        free(bytes);
    }
}

static void take_in(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (connections[i].fd < 0) {
            /* avchat_port.c tells of a connection first, and counts it then. */
            if (driver_counts.connected == 0) {
                rooms_connected();
            }
            /* The order of the driver's object numbers: the oldest first for one or two, then neither oldest nor
             * newest. */
            connections[i] =
                (struct connection){.fd = fd, .order = (int)((driver_counts.connects * 7 + 3) % 16 * 64 + (long)i)};
            driver_counts.connects++;
            driver_counts.connected++;
            return;
        }
    }
    close(fd);
}

static void read_once(struct connection *c) {
    static char in[READ_SIZE];
    ssize_t n = recv(c->fd, in, sizeof in, 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            hang_up(c);
        }
        return;
    }
    long which = driver_counts.reads++ % READS_KEPT;
    reads[which].bytes = must(realloc(reads[which].bytes, READ_SIZE));
    memcpy(reads[which].bytes, in, (size_t)n);
    reads[which].len = (size_t)n;
    driver_counts.odd_reads += n != READ_SIZE;
    avchat_receive(c, in, (size_t)n);
}

const char *driver_read_bytes(long which, size_t *len) {
    if (which < 0 || which >= driver_counts.reads || which < driver_counts.reads - READS_KEPT) {
        return NULL;
    }
    *len = reads[which % READS_KEPT].len;
    return reads[which % READS_KEPT].bytes;
}

nfds_t driver_watch(struct pollfd *fds, nfds_t room) {
    nfds_t n = 0;
    if (listener >= 0 && n < room) {
        fds[n++] = (struct pollfd){.fd = listener, .events = POLLIN};
    }
    for (size_t i = 0; i < CONNECTIONS && n < room; i++) {
        struct connection *c = &connections[i];
        if (c->fd >= 0) {
            fds[n++] = (struct pollfd){.fd = c->fd, .events = (short)(POLLIN | (c->out_len > 0 ? POLLOUT : 0))};
        }
    }
    return n;
}

static struct connection *by_fd(int fd) {
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (connections[i].fd == fd) {
            return &connections[i];
        }
    }
    return NULL;
}

void driver_turn(const struct pollfd *fds, nfds_t count) {
    for (nfds_t i = 0; i < count; i++) {
        struct connection *c = fds[i].fd == listener ? NULL : by_fd(fds[i].fd);
        if (c && (fds[i].revents & POLLOUT)) {
            c->waiting = false;
            flush(c);
        }
        if (c && c->drained) {
            message_done(c);
        }
        if (c && (fds[i].revents & (POLLIN | POLLHUP | POLLERR))) {
            read_once(c);
        }
    }
    for (nfds_t i = 0; i < count; i++) {
        if (listener >= 0 && fds[i].fd == listener && (fds[i].revents & POLLIN)) {
            take_in();
        }
    }
}
