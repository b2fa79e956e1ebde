/* The stand-in game: SkotOS's avchat on a DGD driver, as the bridge meets it (shared facts: unescaped names, one write a request, reads of
 * at most 8192 bytes of which only the first "seq": counts, an error text without NUL for a reply that was not asked for).
 *
 * game PORT TIMEOUT_MS; commands are lines on stdin, answers lines on stdout:
 *   login NAME-IN-HEX CHANNEL   -> asked SEQ        burst N            -> burst FIRST N
 *   raw HEX                     -> ok               busy MS            -> ok (does not read for so long)
 *   seq N | drop | stop | start | restart cold|warm -> ok
 *   stats -> stats asked understood failed timeouts unasked lost connected
 *   result SEQ -> result pending|timeout|RAW-REPLY-IN-HEX             quit (or end of input) */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BINBUF_SIZE 8192
#define REQUESTS_MAX 200000
#define BACKLOG_MAX (1 << 20)

enum { FREE, PENDING, UNDERSTOOD, FAILED, TIMED_OUT };

struct asked {
    int state;
    int64_t deadline;
    char *reply;
    size_t reply_len;
};

static struct asked requests[REQUESTS_MAX];
static long next_seq, oldest;
static int listener = -1, conn = -1, port;
static int64_t timeout_ms, busy_until;
static struct { long asked, understood, failed, timeouts, unasked, lost; } count;
static char *backlog;
static size_t backlog_len;

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void open_listener(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int one = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) < 0 || listen(listener, 16) < 0) {
        perror("game: listen");
        exit(1);
    }
    getsockname(listener, (struct sockaddr *)&a, &len);
    port = ntohs(a.sin_port);
}

static void drop(void) {
    if (conn >= 0) {
        close(conn);
        conn = -1;
    }
    backlog_len = 0;
}

static void flush_backlog(void) {
    while (conn >= 0 && backlog_len > 0) {
        ssize_t n = send(conn, backlog, backlog_len, MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        memmove(backlog, backlog + n, backlog_len - (size_t)n);
        backlog_len -= (size_t)n;
    }
}

/* One write; what the socket does not take is kept up to 1 MiB, the rest of the request is lost. */
static void send_bytes(const char *bytes, size_t len) {
    if (conn < 0) {
        count.lost++;
        return;
    }
    ssize_t n = backlog_len > 0 ? 0 : send(conn, bytes, len, MSG_NOSIGNAL);
    size_t left = len - (size_t)(n > 0 ? n : 0);
    if (left > 0) {
        if (backlog_len + left > BACKLOG_MAX) {
            count.lost++;
            left = BACKLOG_MAX - backlog_len;
        }
        memcpy(backlog + backlog_len, bytes + len - left, left);
        backlog_len += left;
    }
}

static long ask(const char *name, size_t name_len, const char *channel) {
    static char out[70000];
    static const char head[] = "{ \"cmd\": \"jwt_token\", \"displayName\": \"";
    size_t n = sizeof head - 1;
    long seq = next_seq++;
    memcpy(out, head, n);
    memcpy(out + n, name, name_len);
    n += name_len;
    n += (size_t)snprintf(out + n, sizeof out - n, "\", \"channel\": \"%s\", \"moderator\": false, \"validFor\": 600, \"seq\": %ld }", channel, seq) + 1;
    requests[seq % REQUESTS_MAX] = (struct asked){.state = PENDING, .deadline = now_ms() + timeout_ms};
    count.asked++;
    send_bytes(out, n);
    return seq;
}

static void unasked(long seq) {
    char text[600];
    int n = snprintf(text, sizeof text,
                     "Bad argument 2 for kfun call_other\n"
                     "   24 tcp_input            /kernel/lib/connection\n   57 receive_message      /kernel/obj/binary\n"
                     "   88 receive_message      /usr/System/obj/user\n  120 process_message      /usr/SkotOS/obj/avchat_tcp\n"
                     "  131 receive_reply        /usr/SkotOS/sys/avchat_port\n  209 reply_for            /usr/SkotOS/sys/avchat (seq %ld)\n"
                     "   77 call_limited         /kernel/lib/auto\n   92 call_limited         /kernel/lib/auto\n", seq);
    count.unasked++;
    send_bytes(text, (size_t)n);
}

/* What sscanf makes of one read. */
static void scan(const char *bytes, size_t len) {
    char *copy = malloc(len + 1);
    memcpy(copy, bytes, len);
    for (size_t i = 0; i < len; i++) {
        copy[i] = bytes[i] ? bytes[i] : ' ';
    }
    copy[len] = '\0';
    char *at = strstr(copy, "\"seq\":"), *end;
    if (at && at[6] >= '0' && at[6] <= '9') {
        long seq = strtol(at + 6, &end, 10);
        struct asked *a = &requests[seq % REQUESTS_MAX];
        if (seq >= next_seq || seq < oldest || a->state != PENDING) {
            unasked(seq);
        } else {
            char *token = strstr(copy, "\"token\":\"");
            bool good = strstr(copy, "\"success\":true") && token && strchr(token + 9, '"');
            a->state = good ? UNDERSTOOD : FAILED;
            a->reply = copy;
            a->reply_len = len;
            *(good ? &count.understood : &count.failed) += 1;
            return;
        }
    }
    free(copy);
}

static void expire(void) {
    int64_t now = now_ms();
    for (long s = oldest; s < next_seq; s++) {
        struct asked *a = &requests[s % REQUESTS_MAX];
        if (a->state == PENDING && now >= a->deadline) {
            a->state = TIMED_OUT;
            count.timeouts++;
        }
    }
}

static size_t from_hex(const char *hex, char *out, size_t room) {
    size_t n = 0;
    unsigned byte;
    for (; hex[0] && hex[1] && n < room && sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        out[n++] = (char)byte;
    }
    return n;
}

static void command(char *line) {
    static char bytes[65536];
    char *word = strtok(line, " "), *a = strtok(NULL, " "), *b = strtok(NULL, " ");
    if (!word) {
        return;
    }
    if (!strcmp(word, "login")) {
        size_t len = strcmp(a, "-") ? from_hex(a, bytes, sizeof bytes) : 0;
        printf("asked %ld\n", ask(bytes, len, b));
    } else if (!strcmp(word, "burst")) {
        printf("burst %ld %s\n", next_seq, a);
        for (int i = 0, n = atoi(a); i < n; i++) {
            char name[32];
            ask(name, (size_t)snprintf(name, sizeof name, "Player%d", i), "jitsi_chat_default");
        }
    } else if (!strcmp(word, "raw")) {
        send_bytes(bytes, from_hex(a, bytes, sizeof bytes));
        puts("ok");
    } else if (!strcmp(word, "busy")) {
        busy_until = now_ms() + atoi(a);
        puts("ok");
    } else if (!strcmp(word, "seq")) {
        next_seq = oldest = atol(a);
        puts("ok");
    } else if (!strcmp(word, "drop")) {
        drop();
        puts("ok");
    } else if (!strcmp(word, "stop") || !strcmp(word, "restart")) {
        drop();
        close(listener);
        listener = -1;
        expire();
        for (long s = oldest; s < next_seq; s++) {
            if (requests[s % REQUESTS_MAX].state == PENDING) {
                requests[s % REQUESTS_MAX].state = TIMED_OUT;
                count.timeouts++;
            }
        }
        oldest = next_seq;
        if (*word == 'r') {
            if (!strcmp(a, "cold")) {
                next_seq = oldest = 0;
            }
            open_listener();
        }
        puts("ok");
    } else if (!strcmp(word, "start")) {
        open_listener();
        puts("ok");
    } else if (!strcmp(word, "stats")) {
        expire();
        printf("stats %ld %ld %ld %ld %ld %ld %d\n", count.asked, count.understood, count.failed, count.timeouts, count.unasked,
               count.lost, conn >= 0);
    } else if (!strcmp(word, "result")) {
        struct asked *r = &requests[atol(a) % REQUESTS_MAX];
        if (!r->reply) {
            puts(r->state == TIMED_OUT ? "result timeout" : "result pending");
        } else {
            fputs("result ", stdout);
            for (size_t i = 0; i < r->reply_len; i++) {
                printf("%02x", (unsigned char)r->reply[i]);
            }
            puts("");
        }
    } else if (!strcmp(word, "quit")) {
        exit(0);
    }
    fflush(stdout);
}

/* Lines of commands from stdin, without stdio's buffer between poll and us. */
static void read_commands(void) {
    static char buffer[300000];
    static size_t len;
    ssize_t n = read(0, buffer + len, sizeof buffer - 1 - len);
    if (n <= 0) {
        exit(0);
    }
    len += (size_t)n;
    char *newline;
    while ((newline = memchr(buffer, '\n', len)) != NULL) {
        *newline = '\0';
        command(buffer);
        size_t used = (size_t)(newline - buffer) + 1;
        memmove(buffer, buffer + used, len - used);
        len -= used;
    }
}

int main(int argc, char **argv) {
    static char in[BINBUF_SIZE];
    port = argc > 1 ? atoi(argv[1]) : 0;
    timeout_ms = argc > 2 ? atoi(argv[2]) : 60000;
    backlog = malloc(BACKLOG_MAX);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    open_listener();
    printf("port %d\n", port);
    fflush(stdout);
    for (;;) {
        bool busy = now_ms() < busy_until;
        struct pollfd fds[3] = {{0, POLLIN, 0}, {busy ? -1 : listener, POLLIN, 0}, {busy ? -1 : conn, POLLIN, 0}};
        if (backlog_len > 0) {
            fds[2].events |= POLLOUT;
        }
        poll(fds, 3, busy ? (int)(busy_until - now_ms()) + 1 : 1000);
        if (fds[0].revents) {
            read_commands();
        }
        if (fds[1].revents && listener >= 0) {
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd >= 0) {
                drop();
                conn = fd;
            }
        }
        if (fds[2].revents && conn >= 0 && fds[2].fd == conn) {
            ssize_t n = recv(conn, in, sizeof in, 0); /* one read a turn */
            if (n > 0) {
                scan(in, (size_t)n);
            } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
                drop();
            }
            flush_backlog();
        }
    }
}
