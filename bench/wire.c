/* The other end of a connection, game or client, as exact as C can be. Its lines on stdin:
 *
 *   listen                 listens on 127.0.0.1                     -> port N
 *   accept                 waits for who connects (10 s)            -> accepted
 *   connect PORT                                                    -> connected
 *   trips COUNT GAP-US     one request at a time, so far apart      -> trips NANOSECONDS,… SAMPLE-IN-HEX
 *   flood COUNT WINDOW     WINDOW requests on their way at a time   -> flood NANOSECONDS SAMPLE-IN-HEX
 *   bursts COUNT SIZE      SIZE requests at once, the next when all are answered
 *
 * Requests are numbered as a game does; every reply must be a success with the number that is due, or it ends with a
 * message. The sample is the last reply. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 20000

static int listener = -1, peer = -1;
static long next_seq;
static char in[1 << 20], sample[65536];
static size_t in_len, sample_len;

static void die(const char *what) {
    fprintf(stderr, "wire: %s (%s)\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void do_listen(void) {
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, len) < 0 || listen(listener, 256) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) < 0) {
        die("cannot listen");
    }
    printf("port %d\n", ntohs(address.sin_port));
}

static void begin(int fd) {
    int on = 1;
    peer = fd;
    in_len = 0;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void do_accept(void) {
    struct pollfd wait = {listener, POLLIN, 0};
    if (poll(&wait, 1, PATIENCE_MS) != 1) {
        die("nobody connects");
    }
    begin(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
    puts("accepted");
}

static void do_connect(int port) {
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        die("cannot connect");
    }
    begin(fd);
    puts("connected");
}

static size_t write_request(char *out, size_t room) {
    return (size_t)snprintf(out, room,
                            "{ \"cmd\": \"jwt_token\", \"displayName\": \"Bob\", \"channel\": \"jitsi_chat_default\", "
                            "\"moderator\": false, \"validFor\": 600, \"seq\": %ld }",
                            next_seq++) +
           1;
}

static void send_all(const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t n = send(peer, bytes, len, MSG_NOSIGNAL);
        if (n <= 0) {
            die("cannot send");
        }
        bytes += n;
        len -= (size_t)n;
    }
}

/* Takes the whole replies out of what has come; gives how many. */
static long take_replies(long *due) {
    long count = 0;
    size_t from = 0;
    char *end, *seq, key[32];
    while ((end = memchr(in + from, '\0', in_len - from)) != NULL) {
        char *reply = in + from;
        snprintf(key, sizeof key, "\"seq\":%ld", *due);
        seq = strstr(reply, key);
        if (!seq || (seq[strlen(key)] >= '0' && seq[strlen(key)] <= '9') || !strstr(reply, "\"success\":true")) {
            fprintf(stderr, "wire: %s was due, came %.120s\n", key, reply);
            exit(1);
        }
        sample_len = (size_t)(end - reply) < sizeof sample ? (size_t)(end - reply) : 0;
        memcpy(sample, reply, sample_len);
        from = (size_t)(end - in) + 1;
        (*due)++;
        count++;
    }
    memmove(in, in + from, in_len - from);
    in_len -= from;
    return count;
}

static long receive(long *due) {
    struct pollfd wait = {peer, POLLIN, 0};
    if (poll(&wait, 1, PATIENCE_MS) != 1) {
        die("no reply");
    }
    ssize_t n = recv(peer, in + in_len, sizeof in - in_len, 0);
    if (n <= 0) {
        die("the other side closed");
    }
    in_len += (size_t)n;
    return take_replies(due);
}

static void put_sample(void) {
    putchar(' ');
    for (size_t i = 0; i < sample_len; i++) {
        printf("%02x", (unsigned char)sample[i]);
    }
    putchar('\n');
}

static void do_trips(long count, long gap_us) {
    char request[256];
    struct timespec gap = {gap_us / 1000000, gap_us % 1000000 * 1000};
    printf("trips ");
    for (long i = 0; i < count; i++) {
        long due = next_seq;
        size_t len = write_request(request, sizeof request);
        nanosleep(&gap, NULL);
        int64_t from = now_ns();
        send_all(request, len);
        while (receive(&due) == 0) {
        }
        printf("%s%lld", i > 0 ? "," : "", (long long)(now_ns() - from));
    }
    put_sample();
}

/* Sends up to `window` requests whenever no more than `low` are unanswered. */
static void do_flood(long count, long window, long low) {
    static char out[1 << 20];
    long due = next_seq, sent = 0, got = 0;
    int64_t from = now_ns();
    while (got < count) {
        size_t len = 0;
        if (sent - got <= low) {
            while (sent < count && sent - got < window && len + 256 < sizeof out) {
                len += write_request(out + len, 256);
                sent++;
            }
            send_all(out, len);
        }
        got += receive(&due);
    }
    printf("flood %lld", (long long)(now_ns() - from));
    put_sample();
}

int main(void) {
    char line[128], what[16];
    long a, b;
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    while (fgets(line, sizeof line, stdin)) {
        int n = sscanf(line, "%15s %ld %ld", what, &a, &b);
        if (n == 1 && strcmp(what, "listen") == 0) {
            do_listen();
        } else if (n == 1 && strcmp(what, "accept") == 0) {
            do_accept();
        } else if (n == 2 && strcmp(what, "connect") == 0) {
            do_connect((int)a);
        } else if (n == 3 && strcmp(what, "trips") == 0) {
            do_trips(a, b);
        } else if (n == 3 && strcmp(what, "flood") == 0) {
            do_flood(a, b, b / 2);
        } else if (n == 3 && strcmp(what, "bursts") == 0) {
            do_flood(a, b, 0);
        } else {
            errno = EINVAL;
            die(line);
        }
        fflush(stdout);
    }
    return 0;
}
