/* The whole path from a game's bytes to its replies, without a socket. The game here is an unmodified one with the half
 * that gives commands: it pastes names in as they come and counts its requests, some of which are lost. It knows what
 * it has really asked. Whatever the names are, however the bytes are cut, it gets: no reply to a number that it has not
 * asked, none twice, each a frame of exactly its size, one for each request, in a success the token of the very player
 * who asked, with no claim that the game did not ask for; and only its own commands are taken. Where nobody can tell
 * (whole.h), a plain player's token of another's making is the worst that comes. */
#define _GNU_SOURCE
#include "oracle.h"

#include "command_queue.h"
#include "reply_line.h"
#include "request_queue.h"
#include "responder.h"

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
    char *member; /* "NAME" as it was pasted in, a JSON string if it is one; NULL of a command */
    size_t len;
    bool plain; /* a name like most people's, or a command */
    bool split; /* a NUL is in the name */
    bool lost;  /* it was never sent */
    long read;  /* requests of one number were settled together; of one that was lost: with the next that was sent */
    int replies;
    int taken; /* of a command: how often it was carried out */
};

/* What is true of all requests of one read. */
struct read {
    long number;
    int requests, frames;
    bool first;   /* on the connection */
    bool odd;     /* one of them is not plain */
    bool lost;    /* numbers are missing in it */
    bool stalled; /* the stream stopped within it */
    size_t bytes;
};

struct play {
    struct issuer issuer;
    struct request_queue requests;
    struct responder responder;
    struct command_queue commands;
    struct outbox outbox;
    struct event_queue events;
    struct journal journal;
    struct reply_line line;
    struct asked asked[ASKED_MAX];
    long first_seq, count; /* of this life of the game */
    struct read read;      /* the one that is not settled */
    struct read reads[ASKED_MAX + 1];
    bool raw; /* bytes came that no game would write */
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
    play.issuer = oracle_issuer();
    play.take = FRAME_SIZE;
    play.issuer.rules.commands = (1U << COMMAND_COUNT) - 1;
    MUST(name_list_add(&play.issuer.policy.moderators, "skott", 5), "there is memory");
    play.responder = (struct responder){.issuer = &play.issuer, .reply_size = FRAME_SIZE, .commands = &play.commands};
    request_queue_init(&play.requests, play.issuer.max_frame);
    MUST(reply_line_init(&play.line, FRAME_SIZE, 0), "there is memory");
    /* A socket from which nothing was sent: all is acknowledged. */
    MUST(pair[1] > 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "there is a socket");
    play.now_ns = 1000000000;
}

static void finish(void) {
    for (long i = 0; i < play.count; i++) {
        free(play.asked[i].member);
    }
    command_queue_clear(&play.commands);
    request_queue_free(&play.requests);
    outbox_clear(&play.outbox);
    event_queue_clear(&play.events);
    journal_clear(&play.journal);
    reply_line_free(&play.line);
    issuer_free(&play.issuer);
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

static const struct read *read_of(const struct asked *asked) {
    return asked->read == play.read.number ? &play.read : &play.reads[asked->read % (ASKED_MAX + 1)];
}

/* Whether nobody can tell which frames of the read are whole. */
static bool is_unknowable(const struct read *read) { return read->lost || (read->first && read->frames > 1); }

static void check_token(const struct asked *asked, const json_t *token) {
    const struct read *read = read_of(asked);
    json_t *payload = oracle_payload(json_string_value(token), json_string_length(token));
    json_t *name = asked->member ? name_of(asked) : NULL;
    const json_t *user = json_object_get(json_object_get(payload, "context"), "user");
    bool own = name && json_equal(name, json_object_get(user, "name"));
    if (own && !asked->split && !asked->lost) {
        bool moderator = json_is_true(json_object_get(payload, "moderator"));
        bool listed = strcasecmp(json_string_value(name), "skott") == 0;
        bool alone = read->frames == 1 && !read->lost && !read->stalled && read->bytes <= WHOLE_BYTES;
        MUST(!moderator || (listed && read->requests == 1), "only a listed moderator who asked alone is one");
        MUST(moderator || !listed || !alone, "a listed moderator who asked alone is one");
        json_t *account = oracle_account(asked->member, asked->len, name);
        oracle_check_claims(payload, account, name, moderator);
        json_decref(account);
        MUST(strcmp(json_string_value(json_object_get(payload, "room")), "tavern") == 0, "in the room that he asked");
        MUST(json_integer_value(json_object_get(payload, "exp")) -
                     json_integer_value(json_object_get(payload, "iat")) ==
                 600,
             "for as long as he asked");
    } else {
        MUST(is_unknowable(read), "nobody is served out of another's name where it can be known");
        json_t *account = oracle_account("\xFF", 1, json_object_get(user, "name"));
        const json_t *id = json_object_get(user, "id");
        oracle_check_claims(payload, json_equal(id, account) ? account : json_object_get(user, "name"),
                            json_object_get(user, "name"), false);
        json_decref(account);
    }
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
    if (!play.raw && which < 0) {
        const struct read *first = play.read.first ? &play.read : &play.reads[0];
        MUST(first->frames > 1, "an earlier life's number only in a first read of several frames");
    } else if (!play.raw) {
        MUST(which < play.count, "no number is answered that was not asked");
        struct asked *asked = &play.asked[which];
        MUST(asked->read >= 0, "no number is answered before something came behind it");
        const struct read *read = read_of(asked);
        bool success = json_is_true(json_object_get(json, "success"));
        MUST(asked->replies++ == 0, "no number is answered twice");
        MUST(success || !asked->plain || read->odd || read->lost || read->stalled || !asked->member,
             "a plain request among plain ones gets its token");
        if (success) {
            check_token(asked, json_object_get(json, "token"));
        }
    }
    json_decref(json);
}

/* Carries out what is given, as far as it is the game's own. */
static void take_commands(void) {
    const struct pending_command *command;
    while ((command = command_queue_take(&play.commands)) != NULL) {
        static const char done[] = "{\"seq\":%lld,\"success\":false";
        char bytes[64];
        long which = (long)command->entry->request.seq - play.first_seq;
        MUST(play.raw || (which >= 0 && which < play.count && !play.asked[which].member && !play.asked[which].lost &&
                          play.asked[which].taken++ == 0),
             "only the game's own commands are taken, each once");
        int len = snprintf(bytes, sizeof bytes, done, (long long)command->entry->request.seq);
        outbox_fill(&play.outbox, command->ticket, bytes, (size_t)len);
        command_queue_end(&play.commands, command->ticket);
    }
}

/* The read that is not settled begins anew. */
static void next_read(void) {
    play.reads[play.read.number % (ASKED_MAX + 1)] = play.read;
    play.read = (struct read){.number = play.read.number + 1};
}

/* As the link does when the socket has no more to read. */
static void settle(void) {
    request_queue_settle(&play.requests, play.now_ns);
    play.read.stalled = play.read.stalled || play.requests.batch_late;
    bool settled =
        play.requests.batch_frames == 0 && play.read.frames > 0 && frame_reader_partial(&play.requests.reader) == 0;
    if (settled) {
        next_read();
    }
    while (responder_some(&play.responder, &play.requests, &play.outbox, &play.journal, 3)) {
    }
    take_commands();
    journal_clear(&play.journal);
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
    play.out_len = 0;
}

static void feed(const char *bytes, size_t len) {
    char *room = frame_reader_room(&play.requests.reader, len);
    MUST(room, "there is memory");
    memcpy(room, bytes, len);
    frame_reader_filled(&play.requests.reader, len);
    request_queue_read(&play.requests, &play.issuer.rules, play.now_ns, &play.journal);
}

/* One write of the game's. `cut` 32nds of it come in a read of their own, but for a read that ends behind a name's
 * NUL: nobody could tell that from a request. */
static void write_request(const char *bytes, size_t size, uint8_t cut) {
    size_t at = size * cut / 32;
    for (long i = play.count - 2; i >= 0 && play.asked[i].lost && play.asked[i].read < 0; i--) {
        play.asked[i].read = play.read.number;
        play.read.lost = true;
    }
    play.read.requests++;
    for (size_t i = 0; i < size; i++) {
        play.read.frames += bytes[i] == '\0';
    }
    play.read.bytes += size;
    if (at > 0 && bytes[at - 1] == '\0') {
        at++;
    }
    if (at > 0 && at < size) {
        feed(bytes, at);
        settle();
        feed(bytes + at, size - at);
    } else {
        feed(bytes, size);
    }
}

static struct asked *next_asked(void) {
    struct asked *asked = &play.asked[play.count++];
    *asked = (struct asked){.read = play.read.number, .plain = true};
    return asked;
}

/* The game asks for a player's token. */
static void ask(const char *raw_name, size_t raw_len, uint8_t cut) {
    static char name[ORACLE_NAME_MAX(256)], request[sizeof name + 256];
    if (play.count == ASKED_MAX) {
        return;
    }
    size_t len = oracle_hostile_name(name, raw_name, raw_len, play.first_seq + play.count);
    long seq = play.first_seq + play.count;
    struct asked *asked = next_asked();
    asked->plain = oracle_is_plain_name(name, len);
    asked->split = memchr(name, '\0', len);
    play.read.odd = play.read.odd || !asked->plain;
    asked->member = malloc(len + 2);
    MUST(asked->member, "there is memory");
    asked->len = len + 2;
    asked->member[0] = asked->member[len + 1] = '"';
    memcpy(asked->member + 1, name, len);
    char *at = mempcpy(request, ORACLE_HEAD, sizeof ORACLE_HEAD - 1);
    at = mempcpy(at, name, len);
    at += sprintf(at, "\", \"channel\": \"tavern\", \"moderator\": false, \"validFor\": 600, \"seq\": %ld }", seq);
    write_request(request, (size_t)(at - request) + 1, cut);
}

/* The game gives a command, or loses a request. */
static void command_or_loss(bool lost) {
    char request[64];
    if (play.count == ASKED_MAX) {
        return;
    }
    struct asked *asked = next_asked();
    asked->lost = lost;
    if (lost) {
        asked->read = -1;
    } else {
        int len = snprintf(request, sizeof request, "{\"cmd\":\"ping\",\"seq\":%ld}", play.first_seq + play.count - 1);
        write_request(request, (size_t)len + 1, 0);
    }
}

/* A new life of the game, or only of the connection; whoever waits waits in vain. */
static void restart(long first_seq) {
    command_queue_clear(&play.commands);
    request_queue_reset(&play.requests);
    outbox_clear(&play.outbox);
    reply_line_reset(&play.line, false);
    for (long i = 0; i < play.count; i++) {
        free(play.asked[i].member);
    }
    memset(play.asked, 0, sizeof play.asked);
    memset(play.reads, 0, sizeof play.reads);
    play.read = (struct read){.first = true};
    play.first_seq = first_seq;
    play.count = 0;
    play.raw = false;
}

/* At the end each request has its reply. */
static void check_answered(void) {
    settle();
    play.now_ns += 2 * REQUEST_QUEUE_HOLD_NS;
    settle();
    MUST(!play.requests.adrift || play.raw, "what a game writes never drifts");
    for (long i = 0; i < play.count && !play.raw; i++) {
        const struct asked *asked = &play.asked[i];
        if (asked->lost) {
            continue;
        }
        const struct read *read = read_of(asked);
        /* Behind the driver's text nobody can tell; in a first read with losses, who is so far back. */
        bool may_wait = (read->first && read->lost) || asked->read == play.read.number;
        MUST(asked->replies == 1 || may_wait, "each request is answered");
    }
}

static void play_one(uint8_t what, const char *bytes, size_t len) {
    static const char driver_text[] = "Bad argument 2 for kfun call_other\n   57 receive_message\n";
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
        } else {
            command_or_loss(what & 16);
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
    if (play.requests.adrift) {
        MUST(play.raw, "what a game writes never drifts");
        restart(play.first_seq + play.count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    begin();
    restart(input_byte(&input) % 3 * 1000);
    while (input.left > 0) {
        uint8_t what = input_byte(&input);
        size_t len;
        const char *bytes = input_bytes(&input, input_byte(&input), &len);
        play_one(what, bytes, len);
    }
    check_answered();
    finish();
    return 0;
}
