/* avchat's half: requests, their 60 s, and what its sscanf makes of whatever one read returned. */
#define _GNU_SOURCE
#include "game.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Requests of which is known how they ended; of the newest REPLIES_KEPT also the reply. */
#define REQUESTS_KEPT (1 << 17)
#define REPLIES_KEPT (1 << 14)

struct avchat_counts avchat_counts;
static struct request requests[REQUESTS_KEPT];
static long next_id, next_seq, oldest_pending;
/* Since the last cold boot: which id has which seq. */
static long life_first_id, life_first_seq;
static int64_t timeout_ms = 60000;

void avchat_timeout(int64_t ms) { timeout_ms = ms; }
long avchat_next_seq(void) { return next_seq; }

void avchat_set_seq(long seq) {
    next_seq = life_first_seq = seq;
    life_first_id = next_id;
}

struct request *avchat_request(long id) {
    return id < 0 || id >= next_id || id < next_id - REQUESTS_KEPT ? NULL : &requests[id % REQUESTS_KEPT];
}

struct request *avchat_by_seq(long seq) {
    return seq < life_first_seq || seq >= next_seq ? NULL : avchat_request(life_first_id + (seq - life_first_seq));
}

long avchat_pending(void) {
    return avchat_counts.asked - avchat_counts.understood - avchat_counts.failed - avchat_counts.timeouts;
}

static void forget_reply(struct request *r) {
    free(r->name);
    free(r->sent);
    free(r->reply);
    r->name = r->sent = r->reply = NULL;
    r->name_len = r->sent_len = r->reply_len = 0;
}

static void end(struct request *r, enum request_state state, long *count) {
    r->state = state;
    r->ended_at = now_ms();
    ++*count;
}

long avchat_send(const char *bytes, size_t len, const char *name, size_t name_len, bool command) {
    struct request *r = &requests[next_id % REQUESTS_KEPT];
    if (next_id >= REPLIES_KEPT) {
        forget_reply(&requests[(next_id - REPLIES_KEPT) % REQUESTS_KEPT]);
    }
    *r = (struct request){.id = next_id,
                          .seq = next_seq,
                          .asked_at = now_ms(),
                          .name = malloc(name_len + 1),
                          .name_len = name_len,
                          .sent = malloc(len),
                          .sent_len = len,
                          .command = command};
    if (!r->sent || !r->name) {
        perror("game");
        exit(1);
    }
    r->deadline = r->asked_at + timeout_ms;
    memcpy(r->name, name, name_len);
    memcpy(r->sent, bytes, len);
    next_id++;
    next_seq++;
    avchat_counts.asked++;
    driver_message(r->sent, r->sent_len);
    return r->id;
}

long avchat_ask(const char *name, size_t name_len, const char *channel, size_t channel_len) {
    static const char head[] = "{ \"cmd\": \"jwt_token\", \"displayName\": \"", middle[] = "\", \"channel\": \"";
    size_t room = sizeof head + sizeof middle + name_len + channel_len + 100;
    char *out = malloc(room);
    if (!out) {
        perror("game");
        exit(1);
    }
    char *at = mempcpy(out, head, sizeof head - 1);
    at = mempcpy(at, name, name_len);
    at = mempcpy(at, middle, sizeof middle - 1);
    at = mempcpy(at, channel, channel_len);
    at += snprintf(at, room - (size_t)(at - out), "\", \"moderator\": false, \"validFor\": 600, \"seq\": %ld }",
                   next_seq);
    /* with snprintf's NUL */
    long id = avchat_send(out, (size_t)(at - out) + 1, name, name_len, false);
    free(out);
    return id;
}

/* An error in LPC: the game tells the connection from which the reply came. An empty line and one that says something,
 * no NUL. */
static void error_in_game(struct connection *c) {
    static const char text[] =
        "\n[Nov 29 16:21:18] Oops!  Your action could not be completed correctly.  Please report this to the staff.\n";
    avchat_counts.unasked++;
    driver_error(c, text, sizeof text - 1);
}

/* sscanf(line, "%*s\"seq\":%d"): only the first place counts; no space, no string, nothing over 31 bits. */
static bool scan_seq(const char *bytes, size_t len, long *seq) {
    const char *at = memmem(bytes, len, "\"seq\":", 6), *end = bytes + len;
    bool negative = at && at + 6 < end && at[6] == '-';
    long value = 0;
    if (!at || (at += 6 + negative) >= end || *at < '0' || *at > '9') {
        return false;
    }
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        value = value * 10 + (*at - '0');
        if (value > INT32_MAX) {
            return false;
        }
    }
    *seq = negative ? -value : value;
    return true;
}

/* The first token that is there. An empty one is a success to the game, but none to its player. */
static bool scan_token(const char *bytes, size_t len) {
    const char *at = memmem(bytes, len, "\"token\":\"", 9);
    const char *quote = at ? memchr(at + 9, '"', len - (size_t)(at + 9 - bytes)) : NULL;
    return quote && quote > at + 9;
}

void avchat_receive(struct connection *c, const char *bytes, size_t len) {
    long seq;
    if (!scan_seq(bytes, len, &seq)) {
        avchat_counts.warnings++;
        rooms_receive(bytes, len);
        return;
    }
    struct request *r = avchat_by_seq(seq);
    if (!r || r->state != REQUEST_PENDING) {
        error_in_game(c);
        return;
    }
    r->reply = malloc(len);
    if (r->reply) {
        memcpy(r->reply, bytes, len);
        r->reply_len = len;
    }
    r->order = avchat_counts.understood + avchat_counts.failed;
    if (memmem(bytes, len, "\"success\":true", 14) && (r->command || scan_token(bytes, len))) {
        end(r, REQUEST_UNDERSTOOD, &avchat_counts.understood);
    } else {
        end(r, REQUEST_FAILED, &avchat_counts.failed);
    }
}

int avchat_expire(void) {
    int64_t now = now_ms();
    for (; oldest_pending < next_id; oldest_pending++) {
        struct request *r = avchat_request(oldest_pending);
        if (r && r->state == REQUEST_PENDING) {
            if (r->deadline > now) {
                return (int)(r->deadline - now);
            }
            end(r, REQUEST_TIMED_OUT, &avchat_counts.timeouts);
        }
    }
    return -1;
}

void avchat_forget(void) {
    for (; oldest_pending < next_id; oldest_pending++) {
        struct request *r = avchat_request(oldest_pending);
        if (r && r->state == REQUEST_PENDING) {
            end(r, REQUEST_TIMED_OUT, &avchat_counts.timeouts);
        }
    }
}
