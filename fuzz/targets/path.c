/* The whole path from a game's bytes to its replies, without a socket. The game here is an unmodified one: it pastes
 * names in as they come and counts its requests. Whatever the names are, however the bytes are cut, it gets: no reply
 * to a number that it has not asked, none twice, each a frame of exactly its size, one for each request that is its
 * own, and in a success the token of the very player who asked, with no claim that the game did not ask for. */
#define _GNU_SOURCE
#include "oracle.h"

#include "answering.h"
#include "intake.h"
#include "reply_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_SIZE 8192
#define ASKED_MAX 256
#define OUT_MAX (ASKED_MAX * FRAME_SIZE * 2)

/* What the game remembers of a request. */
struct asked {
    char *member; /* "NAME" as it was pasted in, a JSON string if it is one */
    size_t len;
    bool plain; /* a name like most people's */
    bool due;   /* asked when the bridge knew the count, so that nothing can keep its answer back */
    int replies;
};

struct play {
    struct game game;
    struct intake intake;
    struct answering answering;
    struct outbox outbox;
    struct event_queue events;
    struct notes notes;
    struct reply_line line;
    struct asked asked[ASKED_MAX];
    long first_seq, count; /* of this life of the game */
    bool known;            /* the bridge has seen the count */
    bool raw;              /* bytes came that no game would write */
    bool refused_any;      /* a name was not plain, so that others may have to ask again */
    int64_t now_ns;
    size_t out_len;
    size_t take; /* bytes that the socket takes before it is full */
};

static struct play play;
static char out[OUT_MAX]; /* what was sent and not looked at */
static int pair[2];

static enum transport_result take_bytes(struct transport *transport, int fd, const char *bytes, size_t len,
                                        size_t *sent) {
    (void)transport;
    (void)fd;
    if (play.take == 0) {
        play.take = FRAME_SIZE;
        return TRANSPORT_WANT_WRITE;
    }
    *sent = len < play.take ? len : play.take;
    play.take -= *sent;
    MUST(play.out_len + *sent <= OUT_MAX, "there are no more replies than requests");
    memcpy(out + play.out_len, bytes, *sent);
    play.out_len += *sent;
    return TRANSPORT_DONE;
}

static struct transport transport = {.write = take_bytes, .name = "fuzz", .in_flight = 1};

static void begin(void) {
    memset(&play, 0, sizeof play);
    play.game = oracle_game();
    play.take = FRAME_SIZE;
    play.answering = (struct answering){.game = &play.game, .reply_size = FRAME_SIZE};
    intake_init(&play.intake, FRAME_END_NUL, true, play.game.max_frame);
    MUST(reply_line_init(&play.line, FRAME_SIZE, 0), "there is memory");
    /* A socket from which nothing was sent: all is acknowledged. */
    MUST(pair[1] > 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "there is a socket");
    play.now_ns = 1000000000;
}

static void finish(void) {
    for (long i = 0; i < play.count; i++) {
        free(play.asked[i].member);
    }
    intake_free(&play.intake);
    outbox_clear(&play.outbox);
    event_queue_clear(&play.events);
    notes_free(&play.notes);
    reply_line_free(&play.line);
    game_free(&play.game);
}

/* The player's name as the token must have it; NULL when what was pasted in is no JSON string. */
static json_t *name_of(const struct asked *asked) {
    json_t *name = oracle_json(asked->member, asked->len, JSON_DECODE_ANY | JSON_ALLOW_NUL);
    if (name && !json_is_string(name)) {
        json_decref(name);
        name = NULL;
    }
    return name;
}

static void check_token(const struct asked *asked, const json_t *token) {
    json_t *name = name_of(asked), *wanted = NULL;
    json_t *payload = oracle_payload(json_string_value(token), json_string_length(token));
    int64_t iat = json_integer_value(json_object_get(payload, "iat"));
    MUST(name, "a name that is no JSON string gets no token");
    wanted = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:{s:{s:O, s:O, s:b, s:s}}}", "iss", "skotos", "aud",
                       "jitsi", "sub", "meet.test", "room", "tavern", "iat", (json_int_t)iat, "nbf", (json_int_t)iat,
                       "exp", (json_int_t)iat + 600, "moderator", 0, "context", "user", "id", name, "name", name,
                       "moderator", 0, "affiliation", "member");
    MUST(wanted && json_equal(wanted, payload), "a token says what its own player asked, and no more");
    json_decref(wanted);
    json_decref(payload);
    json_decref(name);
}

static void check_reply(const char *frame) {
    MUST(frame[FRAME_SIZE - 1] == '\0' && strlen(frame) == FRAME_SIZE - 1, "a frame has one NUL, at its end");
    json_t *json = json_loads(frame, JSON_REJECT_DUPLICATES, NULL);
    MUST(json_is_object(json), "a reply is JSON");
    const json_t *seq = json_object_get(json, "seq");
    MUST(json_is_integer(seq), "a game's reply has a number");
    long which = (long)json_integer_value(seq) - play.first_seq;
    if (!play.raw) {
        bool success = json_is_true(json_object_get(json, "success"));
        /* A connection's first read may hold, inside a name, the number before it: nobody can tell that it was asked
         * in an earlier life, and its player is told that it failed. */
        MUST(which < play.count && (which >= 0 || !success), "no number is answered that was not asked");
        struct asked *asked = &play.asked[which < 0 ? 0 : which];
        MUST(which < 0 || asked->replies++ == 0, "no number is answered twice");
        MUST(success || !asked->plain || play.refused_any, "a plain request among plain ones gets its token");
        if (success) {
            check_token(asked, json_object_get(json, "token"));
        }
    }
    json_decref(json);
}

/* As the link does when the socket has no more to read. */
static void settle(void) {
    intake_settle(&play.intake, play.now_ns);
    while (answering_some(&play.answering, &play.intake, &play.outbox, &play.notes, 3)) {
    }
    notes_clear(&play.notes);
    size_t checked = 0;
    int64_t again_ns;
    do {
        MUST(reply_line_send(&play.line, &play.outbox, &play.events, &transport, pair[0], play.now_ns, &again_ns) ==
                 TRANSPORT_DONE,
             "sending goes on");
    } while (play.line.want_write || (play.outbox.count > 0 && again_ns == 0));
    for (; play.out_len - checked >= FRAME_SIZE; checked += FRAME_SIZE) {
        check_reply(out + checked);
    }
    MUST(checked == play.out_len, "only whole frames are sent");
    play.known = play.known || (play.count > 0 && !play.intake.unjudged);
    play.out_len = 0;
}

static void feed(const char *bytes, size_t len) {
    char *room = frame_reader_room(&play.intake.reader, len);
    MUST(room, "there is memory");
    memcpy(room, bytes, len);
    frame_reader_filled(&play.intake.reader, len);
    intake_read(&play.intake, &play.game.rules, play.now_ns, &play.notes);
}

static bool is_plain(const char *name, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (name[i] < 0x20 || name[i] > 0x7E || name[i] == '"' || name[i] == '\\') {
            return false;
        }
    }
    return len > 0 && len <= FIELD_NAME_MAX;
}

/* The game asks: one write. `cut` bytes of it come in a read of their own, when the name is plain; what a name has
 * split arrives together. */
static void ask(const char *name, size_t len, uint8_t cut) {
    static const char head[] = "{ \"cmd\": \"jwt_token\", \"displayName\": ";
    if (play.count == ASKED_MAX) {
        return;
    }
    struct asked *asked = &play.asked[play.count];
    asked->plain = is_plain(name, len);
    asked->due = play.known;
    play.refused_any = play.refused_any || !asked->plain;
    asked->member = malloc(len + 2);
    char *request = malloc(sizeof head + len + 120);
    MUST(asked->member && request, "there is memory");
    asked->len = len + 2;
    asked->member[0] = asked->member[len + 1] = '"';
    memcpy(asked->member + 1, name, len);
    char *at = mempcpy(request, head, sizeof head - 1);
    at = mempcpy(at, asked->member, asked->len);
    at += sprintf(at, ", \"channel\": \"tavern\", \"moderator\": false, \"validFor\": 600, \"seq\": %ld }",
                  play.first_seq + play.count++);
    size_t size = (size_t)(at - request) + 1;
    if (cut > 0 && asked->plain && cut < size) {
        feed(request, cut);
        settle();
        feed(request + cut, size - cut);
    } else {
        feed(request, size);
    }
    free(request);
}

/* A new life of the game, or only of the connection; whoever waits waits in vain. */
static void restart(long first_seq) {
    intake_reset(&play.intake);
    outbox_clear(&play.outbox);
    reply_line_reset(&play.line, false);
    for (long i = 0; i < play.count; i++) {
        free(play.asked[i].member);
    }
    memset(play.asked, 0, sizeof play.asked);
    play.first_seq = first_seq;
    play.count = 0;
    play.refused_any = play.raw = play.known = false;
}

/* At the end each request has its reply. */
static void check_answered(void) {
    settle();
    play.now_ns += 2 * INTAKE_HOLD_NS;
    settle();
    for (long i = 0; i < play.count && !play.raw; i++) {
        MUST(play.asked[i].replies == 1 || (play.refused_any && !play.asked[i].due), "each request is answered");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    begin();
    restart(input_byte(&input) % 3 * 1000);
    while (input.left > 0) {
        static const char driver_text[] = "Bad argument 2 for kfun call_other\n   57 receive_message\n";
        uint8_t what = input_byte(&input);
        size_t len;
        const char *bytes = input_bytes(&input, input_byte(&input), &len);
        switch (what & 7) {
        case 0:
            play.take = what * 37U;
            settle();
            break;
        case 1:
            /* Time passes for a link too: what waits is judged and sent before it is too late for it. */
            play.now_ns += (int64_t)what << 24;
            settle();
            break;
        case 2:
            if (what & 8) {
                feed(driver_text, sizeof driver_text - 1);
            }
            break;
        case 3:
            if (what >> 3 == 19) {
                play.raw = true;
                feed(bytes, len);
            } else if (what >> 3 == 17 || what >> 3 == 18) {
                check_answered();
                restart(what >> 3 == 17 ? 0 : play.first_seq + play.count);
            }
            break;
        default:
            ask(bytes, len, what >> 3);
            if (what & 1) {
                settle();
            }
            break;
        }
    }
    check_answered();
    finish();
    return 0;
}
