/* What a spec says, a line each; every line gets one line back.
 *
 *   login NAME CHANNEL      (both in hex, "-" is nothing)   -> asked SEQ ID
 *   player ACCOUNT          (hex; as an unchanged game asks when that player logs in) -> asked SEQ ID
 *   get_instance PATH       (hex)                           -> jitsi_host HOST-IN-HEX | unreadable
 *   renew MEMBERS [inside]  (hex; rooms_renew)              -> ok
 *   command MEMBERS         (hex: JSON without its closing brace; the number is added) -> asked SEQ ID
 *   burst N [PREFIX]        names PREFIX0 … (Player)        -> burst FIRST-SEQ N FIRST-ID
 *   raw HEX                 to whom a request would go      -> ok
 *   busy MS | drop | stop | start | restart cold|warm | seq N | keep BYTES -> ok
 *   stats                                                   -> {"asked":…}
 *   result SEQ | result #ID                                 -> result STATE ID SEQ MS NAME-IN-HEX REPLY-IN-HEX ORDER
 *   sent SEQ | sent #ID                                 -> sent HEX | gone
 *   event N                 the N-th event, from 0          -> event HEX | gone
 *   read N                  the N-th read, from 0           -> read HEX | gone
 *   wait MS settled | connected N | connects N | asked N | understood N | reads N | unasked N | torn N | events N
 *                                                           -> {"asked":…} | late {"asked":…}
 *   quit                    (as end of input)
 *
 * A busy game runs nothing: login, burst, raw, drop, stop, start, restart wait until it is no longer busy. */
#define _GNU_SOURCE
#include "game.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int64_t busy_until;
static int port;
static char lines[1 << 20];
static size_t lines_len;
static struct {
    bool on;
    int64_t until;
    char what[16];
    long count;
} waiting;

void control_begin(int wanted) {
    port = driver_listen(wanted);
    printf("port %d\n", port);
}

static size_t from_hex(const char *hex, char *out, size_t room) {
    size_t n = 0;
    unsigned byte;
    while (hex && hex[0] && hex[1] && n < room && sscanf(hex, "%2x", &byte) == 1) {
        out[n++] = (char)byte;
        hex += 2;
    }
    return n;
}

static void put_hex(const char *bytes, size_t len) {
    if (len == 0) {
        putchar('-');
    }
    for (size_t i = 0; i < len; i++) {
        printf("%02x", (unsigned char)bytes[i]);
    }
}

static void put_stats(void) {
    printf(
        "{\"asked\":%ld,\"understood\":%ld,\"failed\":%ld,\"timeouts\":%ld,\"unasked\":%ld,\"warnings\":%ld,"
        "\"pending\":%ld,"
        "\"connected\":%ld,\"connects\":%ld,\"reads\":%ld,\"odd_reads\":%ld,\"lost\":%ld,\"torn\":%ld,\"events\":%ld,"
        "\"next_seq\":%ld}\n",
        avchat_counts.asked, avchat_counts.understood, avchat_counts.failed, avchat_counts.timeouts,
        avchat_counts.unasked, avchat_counts.warnings, avchat_pending(), driver_counts.connected,
        driver_counts.connects, driver_counts.reads, driver_counts.odd_reads, driver_counts.lost, driver_counts.torn,
        rooms_events(), avchat_next_seq());
}

static struct request *request_of(const char *which) {
    return which && *which == '#' ? avchat_request(strtol(which + 1, NULL, 10))
                                  : avchat_by_seq(which ? strtol(which, NULL, 10) : -1);
}

static void put_sent(const char *which) {
    struct request *r = request_of(which);
    if (!r || !r->sent) {
        puts("gone");
        return;
    }
    fputs("sent ", stdout);
    put_hex(r->sent, r->sent_len);
    putchar('\n');
}

static void put_result(const char *which) {
    static const char *const states[] = {"pending", "understood", "failed", "timeout"};
    struct request *r = request_of(which);
    if (!r) {
        puts("result unknown");
        return;
    }
    printf("result %s %ld %ld %ld ", states[r->state], r->id, r->seq,
           r->state == REQUEST_PENDING ? -1L : (long)(r->ended_at - r->asked_at));
    put_hex(r->name, r->name_len);
    putchar(' ');
    put_hex(r->reply, r->reply_len);
    printf(" %ld\n", r->order);
}

static void put_kept(const char *what, const char *bytes, size_t len) {
    if (!bytes) {
        puts("gone");
        return;
    }
    printf("%s ", what);
    put_hex(bytes, len);
    putchar('\n');
}

static void put_instance(const char *hex) {
    char path[4096];
    path[from_hex(hex, path, sizeof path - 1)] = '\0';
    if (!initd_get_instance(path)) {
        puts("unreadable");
        return;
    }
    put_kept("jitsi_host", initd_jitsi_host(), strlen(initd_jitsi_host()));
}

static void burst(long n, const char *prefix) {
    static const char channel[] = "jitsi_chat_default";
    long seq = avchat_next_seq(), first = -1;
    for (long i = 0; i < n; i++) {
        char name[160];
        long id = avchat_ask(name, (size_t)snprintf(name, sizeof name, "%.120s%ld", prefix ? prefix : "Player", i),
                             channel, sizeof channel - 1);
        first = i == 0 ? id : first;
    }
    printf("burst %ld %ld %ld\n", seq, n, first);
}

/* What only a running game can do. False: it is none of these. */
static bool run(const char *word, const char *a, const char *b) {
    static char name[1 << 19], channel[1 << 17];
    if (!strcmp(word, "login")) {
        size_t name_len = from_hex(a, name, sizeof name), channel_len = from_hex(b, channel, sizeof channel);
        long id = avchat_ask(name, name_len, channel, channel_len);
        printf("asked %ld %ld\n", avchat_request(id)->seq, id);
        return true;
    }
    if (!strcmp(word, "player")) {
        long id = user_login(name, from_hex(a, name, sizeof name));
        printf("asked %ld %ld\n", avchat_request(id)->seq, id);
        return true;
    }
    if (!strcmp(word, "command")) {
        long id = rooms_command(name, from_hex(a, name, sizeof name));
        printf("asked %ld %ld\n", avchat_request(id)->seq, id);
        return true;
    }
    if (!strcmp(word, "burst")) {
        burst(a ? strtol(a, NULL, 10) : 1, b);
        return true;
    }
    if (!strcmp(word, "raw")) {
        driver_message(name, from_hex(a, name, sizeof name));
    } else if (!strcmp(word, "drop")) {
        driver_drop();
    } else if (!strcmp(word, "start")) {
        driver_listen(port);
    } else if (!strcmp(word, "stop") || !strcmp(word, "restart")) {
        driver_deafen();
        driver_drop();
        avchat_forget();
        if (*word == 'r') {
            if (a && !strcmp(a, "cold")) {
                avchat_set_seq(0);
            }
            driver_listen(port);
        }
    } else {
        return false;
    }
    puts("ok");
    return true;
}

static bool needs_running(const char *line) {
    static const char *const words[] = {"login", "player", "command", "burst",  "raw",
                                        "drop",  "start",  "stop",    "restart"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t len = strlen(words[i]);
        if (!strncmp(line, words[i], len) && (line[len] == ' ' || line[len] == '\0')) {
            return true;
        }
    }
    return false;
}

static void obey(char *line) {
    char *save, *word = strtok_r(line, " ", &save), *a = strtok_r(NULL, " ", &save), *b = strtok_r(NULL, " ", &save),
                *c = strtok_r(NULL, " ", &save);
    size_t len = 0;
    if (!word || run(word, a, b)) {
        return;
    }
    if (!strcmp(word, "stats")) {
        put_stats();
    } else if (!strcmp(word, "result")) {
        put_result(a);
    } else if (!strcmp(word, "sent")) {
        put_sent(a);
    } else if (!strcmp(word, "read")) {
        const char *bytes = driver_read_bytes(a ? strtol(a, NULL, 10) : -1, &len);
        put_kept("read", bytes, len);
    } else if (!strcmp(word, "event")) {
        const char *bytes = rooms_event(a ? strtol(a, NULL, 10) : -1, &len);
        put_kept("event", bytes, len);
    } else if (!strcmp(word, "wait") && a && b) {
        waiting.on = true;
        waiting.until = now_ms() + strtol(a, NULL, 10);
        waiting.count = c ? strtol(c, NULL, 10) : 0;
        snprintf(waiting.what, sizeof waiting.what, "%s", b);
    } else if (!strcmp(word, "get_instance") && a) {
        put_instance(a);
    } else if (!strcmp(word, "renew") && a) {
        char members[4096];
        rooms_renew(members, from_hex(a, members, sizeof members), b && !strcmp(b, "inside"));
        puts("ok");
    } else if (!strcmp(word, "busy") && a) {
        busy_until = now_ms() + strtol(a, NULL, 10);
        puts("ok");
    } else if (!strcmp(word, "seq") && a) {
        avchat_set_seq(strtol(a, NULL, 10));
        puts("ok");
    } else if (!strcmp(word, "keep") && a) {
        driver_keep_at_most((size_t)strtol(a, NULL, 10));
        puts("ok");
    } else if (!strcmp(word, "quit")) {
        exit(0);
    } else {
        printf("what is \"%s\"?\n", word);
    }
}

static bool holds(void) {
    const struct {
        const char *what;
        bool is;
    } conditions[] = {
        {"settled", avchat_pending() == 0},
        {"connected", driver_counts.connected == waiting.count},
        {"connects", driver_counts.connects >= waiting.count},
        {"asked", avchat_counts.asked >= waiting.count},
        {"understood", avchat_counts.understood >= waiting.count},
        {"reads", driver_counts.reads >= waiting.count},
        {"unasked", avchat_counts.unasked >= waiting.count},
        {"torn", driver_counts.torn >= waiting.count},
        {"events", rooms_events() >= waiting.count},
    };
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        if (!strcmp(conditions[i].what, waiting.what)) {
            return conditions[i].is;
        }
    }
    return false;
}

int control_turn(void) {
    char *newline;
    while (!waiting.on && (newline = memchr(lines, '\n', lines_len)) != NULL) {
        *newline = '\0';
        if (now_ms() < busy_until && needs_running(lines)) {
            *newline = '\n';
            break;
        }
        obey(lines);
        size_t used = (size_t)(newline - lines) + 1;
        memmove(lines, lines + used, lines_len - used);
        lines_len -= used;
    }
    if (!waiting.on) {
        return -1;
    }
    int64_t left = waiting.until - now_ms();
    if (holds() || left <= 0) {
        waiting.on = false;
        fputs(holds() ? "" : "late ", stdout);
        put_stats();
        return 0;
    }
    return (int)left;
}

void control_read(void) {
    ssize_t n = read(0, lines + lines_len, sizeof lines - lines_len);
    if (n <= 0) {
        exit(0);
    }
    lines_len += (size_t)n;
}
