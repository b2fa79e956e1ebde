/* The least program that gives a game its tokens, to measure the link against: epoll, recv, cut, a keyed HMAC, one
 * write of 8192 bytes, its acknowledgement awaited. It trusts whatever comes, and knows one game, one room and no
 * policy.
 *
 *   least PORT     connects to 127.0.0.1:PORT and answers until the other side closes */
#define _GNU_SOURCE
#include "contenders.h"
#include "floor.h"

#include <arpa/inet.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#define REPLY_SIZE 8192
#define SEQ ", \"seq\": "

static char in[1 << 22], reply[REPLY_SIZE];
static size_t start, end;

static void die(const char *what) {
    fprintf(stderr, "least: ");
    perror(what);
    exit(1);
}

static int connect_to(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    int acks =
        SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &acks, sizeof acks) < 0) {
        die("connect");
    }
    return fd;
}

/* What stands between `before` and the next quote, in `out`; gives what is behind it. */
static const char *take(const char *from, const char *before, char out[128]) {
    const char *at = strstr(from, before), *quote = at ? strchr(at + strlen(before), '"') : NULL;
    size_t len = quote ? (size_t)(quote - at) - strlen(before) : 128;
    if (len >= 128) {
        die(from);
    }
    memcpy(out, quote - len, len);
    out[len] = '\0';
    return quote;
}

/* The token that the request at `frame` asks for, in a reply of REPLY_SIZE bytes. */
static void answer(const char *frame) {
    char name[128], channel[128], token[1024];
    int64_t now = (int64_t)time(NULL);
    const char *rest = take(take(frame, "\"displayName\": \"", name), "\"channel\": \"", channel);
    const char *seq = strstr(rest, SEQ);
    if (!seq || !floor_token(token, name, channel, now, BENCH_VALID_FOR)) {
        die(frame);
    }
    int len = snprintf(reply, sizeof reply,
                       "{\"seq\":%ld,\"success\":true,\"token\":\"%s\",\"message\":\"OK\",\"time\":%lld,\"pad\":\"",
                       strtol(seq + sizeof SEQ - 1, NULL, 10), token, (long long)now);
    memset(reply + len, ' ', sizeof reply - (size_t)len);
    memcpy(reply + sizeof reply - 4, "\"}\n", 4);
}

/* Takes the oldest whole request, if there is one, and sends its reply. */
static bool serve(int fd) {
    char *nul = memchr(in + start, '\0', end - start);
    if (!nul) {
        return false;
    }
    answer(in + start);
    start = (size_t)(nul - in) + 1;
    if (send(fd, reply, sizeof reply, MSG_NOSIGNAL) != sizeof reply) {
        die("send");
    }
    return true;
}

/* False when the other side has closed. */
static bool receive(int fd) {
    if (start == end) {
        start = end = 0;
    }
    ssize_t n = recv(fd, in + end, sizeof in - end, 0);
    end += n > 0 ? (size_t)n : 0;
    return n > 0;
}

int main(int argc, char **argv) {
    int fd = argc == 2 && floor_begin(BENCH_SECRET) ? connect_to(atoi(argv[1])) : -1, epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    bool waits = false;
    if (fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        die("least PORT");
    }
    while (epoll_wait(epoll, &event, 1, -1) == 1) {
        char control[256];
        struct msghdr acknowledged = {.msg_control = control, .msg_controllen = sizeof control};
        if (event.events & EPOLLERR && recvmsg(fd, &acknowledged, MSG_ERRQUEUE) >= 0) {
            waits = false;
        }
        if (event.events & EPOLLIN && !receive(fd)) {
            return 0;
        }
        waits = waits || serve(fd);
    }
    return 1;
}
