/* Every stream of up to three requests whose names split them, without chance: what the judge of whole frames
 * (whole.h) makes of it. */
#include "probes.h"

#include "whole.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define REQUESTS 3
#define DECOYS 3
/* A decoy is numbered from four below its request's number to four above it, or far off. */
#define NUMBERS 10
#define FAR 1000000000
#define COUNT_BEFORE 100
/* Numbers of a stream that can be the game's lie in a range this long. */
#define SPAN 32

struct stream {
    int requests, decoys[REQUESTS];
    int which[REQUESTS][DECOYS]; /* index of the decoy's number */
    bool lost[REQUESTS];         /* a number was lost right before the request */
    bool cut[REQUESTS];          /* a read ends with the request */
    bool first;                  /* nothing has come on the connection before */
    /* As they are played: */
    int64_t seq[REQUESTS];
    struct count count;
    unsigned char answers[SPAN];
    const char *broken; /* the rule that does not hold */
};

struct frame {
    struct arrival arrival;
    int request;
    bool split; /* a decoy or a tail */
    bool tail;  /* the request's last frame, with its number */
};

static int64_t decoy_number(const struct stream *s, int request, int decoy) {
    int which = s->which[request][decoy];
    return which == NUMBERS - 1 ? FAR : s->seq[request] - 4 + which;
}

static void must(struct stream *s, bool holds, const char *rule) {
    if (!holds && !s->broken) {
        s->broken = rule;
    }
}

static bool is_asked(const struct stream *s, int64_t seq) {
    for (int i = 0; i < s->requests; i++) {
        if (s->seq[i] == seq) {
            return true;
        }
    }
    return false;
}

static bool is_lost(const struct stream *s, int64_t seq) {
    for (int i = 0; i < s->requests; i++) {
        if (s->lost[i] && s->seq[i] - 1 == seq) {
            return true;
        }
    }
    return false;
}

static size_t fill(struct stream *s, int from, int to, struct frame *frames) {
    size_t n = 0;
    for (int r = from; r < to; r++) {
        for (int d = 0; d <= s->decoys[r]; d++) {
            bool tail = d == s->decoys[r];
            frames[n++] = (struct frame){.arrival = {.numbered = true, .seq = tail ? s->seq[r] : decoy_number(s, r, d)},
                                         .request = r,
                                         .split = s->decoys[r] > 0,
                                         .tail = tail};
        }
    }
    for (size_t i = 0; i + 1 < n; i++) {
        frames[i].arrival.next = &frames[i + 1].arrival;
    }
    return n;
}

/* Whether nobody can tell that the batch is split: each decoy has the number of a request that was lost, or nobody
 * knows the count. */
static bool is_unknowable(const struct stream *s, const struct frame *frames, size_t n, bool known) {
    for (size_t i = 0; known && i < n; i++) {
        if (!frames[i].tail && !is_lost(s, frames[i].arrival.seq)) {
            return false;
        }
    }
    return true;
}

static void check(struct stream *s, const struct frame *frames, size_t n, bool known, int64_t low) {
    bool split = false, asked_all = true, unknowable = is_unknowable(s, frames, n, known);
    for (size_t i = 0; i < n; i++) {
        split = split || frames[i].split;
        asked_all = asked_all && (frames[i].arrival.seq == low + (int64_t)i + 1 || !known);
    }
    for (size_t i = 0; i < n; i++) {
        const struct arrival *a = &frames[i].arrival;
        int64_t at = a->seq - (COUNT_BEFORE - 12);
        if (frames[i].split) {
            must(s, a->whole != WHOLE_PROVEN, "no decoy and no tail gets more than a plain token");
            must(s, a->whole == WHOLE_NOT || unknowable, "no decoy and no tail is served where it can be known");
        }
        must(s, split || a->whole != WHOLE_NOT, "an innocent read is served");
        must(s, split || n > 1 || !asked_all || a->whole == WHOLE_PROVEN, "a request that came alone is whole");
        if (a->answer) {
            must(s, !known || is_asked(s, a->seq) || is_lost(s, a->seq), "no number is answered that was not asked");
            must(s, a->whole == WHOLE_NOT || frames[i].tail || !is_asked(s, a->seq), "nobody gets another's answer");
            must(s, at < 0 || at >= SPAN || s->answers[at]++ == 0, "no number is answered twice");
        } else {
            must(s, a->whole == WHOLE_NOT, "what is served is answered");
        }
    }
}

static void play_read(struct stream *s, int from, int to) {
    struct frame frames[REQUESTS * (DECOYS + 1)];
    size_t n = fill(s, from, to, frames);
    bool known = s->count.known;
    int64_t low = s->count.last, last = s->seq[to - 1];
    must(s, count_rest(&s->count, true, last, n) != REST_NOT, "the stream can rest behind each request");
    whole_judge(&s->count, &frames[0].arrival, n, last, WHOLE_PROVEN);
    must(s, s->count.known && s->count.last == last, "the game's own number counts");
    check(s, frames, n, known, low);
    for (int r = from; r < to; r++) {
        bool in_reach = known || s->seq[r] > last - (int64_t)n;
        must(s, !in_reach || s->answers[s->seq[r] - (COUNT_BEFORE - 12)] == 1, "each request is answered at once");
    }
}

static void play(struct stream *s) {
    int64_t seq = COUNT_BEFORE;
    s->count = (struct count){.known = !s->first, .last = COUNT_BEFORE};
    memset(s->answers, 0, sizeof s->answers);
    for (int r = 0; r < s->requests; r++) {
        s->seq[r] = seq += s->lost[r] ? 2 : 1;
    }
    for (int r = 0, from = 0; r < s->requests; r++) {
        if (s->cut[r] || r == s->requests - 1) {
            play_read(s, from, r + 1);
            from = r + 1;
        }
    }
}

/* Plays the stream with its requests lost or not, cut or not, on a connection new or not. */
static long play_all(struct stream *s) {
    for (unsigned how = 0; how < 1U << 2 * s->requests && !s->broken; how++) {
        for (int r = 0; r < s->requests; r++) {
            s->lost[r] = how & 1U << r;
            s->cut[r] = how & 1U << (s->requests + r);
        }
        s->first = s->cut[s->requests - 1]; /* the stream ends there anyhow */
        play(s);
    }
    return 1L << 2 * s->requests;
}

/* All numbers that the decoys can have. */
static long number_decoys(struct stream *s) {
    long played = 0, many = 1;
    for (int r = 0; r < s->requests; r++) {
        for (int d = 0; d < s->decoys[r]; d++) {
            many *= NUMBERS;
        }
    }
    for (long number = 0; number < many && !s->broken; number++) {
        long rest = number;
        for (int r = 0; r < s->requests; r++) {
            for (int d = 0; d < s->decoys[r]; d++, rest /= NUMBERS) {
                s->which[r][d] = (int)(rest % NUMBERS);
            }
        }
        played += play_all(s);
    }
    return played;
}

static void tell(lua_State *L, const struct stream *s) {
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int r = 0; r < s->requests; r++) {
        char text[32];
        for (int d = 0; d < s->decoys[r]; d++) {
            snprintf(text, sizeof text, "%lld ", (long long)decoy_number(s, r, d));
            luaL_addstring(&b, text);
        }
        snprintf(text, sizeof text, "%lld. %s", (long long)s->seq[r], s->cut[r] ? "| " : "");
        luaL_addstring(&b, text);
    }
    luaL_addstring(&b, s->first ? "on a new connection: " : "after 100: ");
    luaL_addstring(&b, s->broken);
    luaL_pushresult(&b);
}

/* probes.splits(requests, most) -> how many streams of so many requests were played, with up to three decoys each and
 * `most` in all; and the first that breaks a rule, as text */
static int splits(lua_State *L) {
    struct stream s = {.requests = (int)luaL_checkinteger(L, 1)};
    int most = (int)luaL_checkinteger(L, 2);
    long played = 0;
    luaL_argcheck(L, s.requests >= 1 && s.requests <= REQUESTS, 1, "1 to 3 is wanted");
    for (int how = 0; how < 1 << 2 * s.requests && !s.broken; how++) {
        int decoys = 0;
        for (int r = 0; r < s.requests; r++) {
            s.decoys[r] = how >> 2 * r & DECOYS;
            decoys += s.decoys[r];
        }
        played += decoys <= most ? number_decoys(&s) : 0;
    }
    lua_pushinteger(L, played);
    if (s.broken) {
        tell(L, &s);
        return 2;
    }
    return 1;
}

static const luaL_Reg functions[] = {{"splits", splits}, {NULL, NULL}};

void probe_splits_open(lua_State *L) { luaL_setfuncs(L, functions, 0); }
