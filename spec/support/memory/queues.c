/* The queues between a game's request and its reply, without a socket: what they promise when they are full, when they
 * are empty, and when any allocation of theirs fails. */
#include "failing.h"

#include "command.h"
#include "control.h"
#include "reply_line.h"
#include "responder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGE_EVENTS 10 /* an eighth of what may wait each */
#define ALL_COMMANDS ((1U << COMMAND_COUNT) - 1)

static const struct text no_text = {NULL, 0};

static struct text text_of(const char *name) { return (struct text){name, strlen(name)}; }

/* Takes the events out, in their order; returns how many losses they report. */
static uint64_t drain_events(struct event_queue *queue, int64_t *next, long nth) {
    uint64_t told = 0;
    const struct queued_event *event = event_queue_front(queue);
    /* The report itself may be what there is no memory for; it is only put off. */
    for (event = event ? event : event_queue_front(queue); event; event = event_queue_front(queue)) {
        char frame[64];
        unsigned long lost;
        int shown = (int)(event->len < sizeof frame ? event->len : sizeof frame - 1);
        snprintf(frame, sizeof frame, "%.*s", shown, event->bytes);
        if (sscanf(frame, "{\"event\":\"lost\",\"count\":%lu", &lost) == 1) {
            told += lost;
        } else {
            must(atol(frame) >= *next, nth, "events stay in their order");
            *next = atol(frame) + 1;
        }
        event_queue_pop(queue);
    }
    return told;
}

static void play_events(long nth) {
    static struct event_queue queue;
    int64_t next = 0;
    uint64_t kept = 0, told = 0;
    memset(&queue, 0, sizeof queue);
    event_queue_pop(&queue);
    must(event_queue_front(&queue) == NULL, nth, "an empty queue has no event");
    kept += event_queue_push(&queue, "", 0);
    must(kept == 0 && queue.lost == 1, nth, "an event that could not be written is a lost one");
    static char frame[EVENT_QUEUE_BYTES / 8];
    for (int i = 0; i < LARGE_EVENTS; i++) {
        snprintf(frame, sizeof frame, "%d", i);
        kept += event_queue_push(&queue, frame, sizeof frame);
    }
    must(queue.bytes <= EVENT_QUEUE_BYTES && queue.lost > 1, nth, "no more waits than may");
    told += drain_events(&queue, &next, nth);
    kept += event_queue_push(&queue, "1000", 4);
    told += drain_events(&queue, &next, nth);
    must(kept + queue.lost == LARGE_EVENTS + 2, nth, "an event is kept, or counted as lost");
    must(told == queue.lost && queue.untold == 0, nth, "each loss is told once");
    event_queue_push(&queue, "1001", 4);
    event_queue_push(&queue, "", 0);
    event_queue_clear(&queue);
    must(event_queue_front(&queue) == NULL, nth, "a cleared queue tells of nothing");
}

static void play_outbox(long nth) {
    struct outbox outbox = {0};
    uint64_t first = 0, second = 0;
    outbox_pop(&outbox);
    must(!outbox_front(&outbox), nth, "an empty outbox has no reply");
    bool one = outbox_reserve(&outbox, 1, &first), two = outbox_reserve(&outbox, 2, &second);
    outbox_release(&outbox, first);
    must(outbox.count == (one ? 1U : 0U) + (two ? 1U : 0U) - (one != two ? 1U : 0U), nth,
         "only the newest place can be given back");
    if (one && two) {
        outbox_release(&outbox, second);
        must(outbox.count == 1, nth, "the newest place can be given back");
        bool filled = outbox_fill(&outbox, first, "reply", 5);
        must(filled || nth > 0, nth, "a kept place takes its reply");
        must(!filled || !outbox_fill(&outbox, first, "other", 5), nth, "a filled place takes no other reply");
        must(!outbox_fill(&outbox, second, "other", 5), nth, "a place that was given back takes no reply");
        outbox_pop(&outbox);
        must(!outbox_fill(&outbox, first, "other", 5), nth, "a place that is gone takes no reply");
    }
    bool pushed = outbox_push(&outbox, "", 0, 3);
    must(outbox_clear(&outbox) == (pushed ? 1 : 0), nth, "what was refused does not wait");
    outbox_release(&outbox, first);
    must(outbox.count == 0, nth, "an empty outbox gives nothing back");
}

static void play_subscription(long nth) {
    struct subscription wanted = {0};
    must(subscription_set(&wanted, no_text, 1U << ROOM_EVENT_JOINED), nth, "a wish for all rooms needs no memory");
    bool bell = subscription_set(&wanted, text_of("bell"), 1U << ROOM_EVENT_LEFT);
    bool hall = subscription_set(&wanted, text_of("hall"), 0);
    must(subscription_wants(&wanted, ROOM_EVENT_LEFT, text_of("BELL")) == bell, nth,
         "a room's own wish holds, or was refused");
    must(subscription_wants(&wanted, ROOM_EVENT_JOINED, text_of("Hall")) == !hall, nth,
         "a refused wish leaves the former one");
    must(subscription_wants(&wanted, ROOM_EVENT_JOINED, text_of("elsewhere")), nth,
         "other rooms keep the wish for all");
    if (nth == 0) {
        for (size_t i = wanted.count; i < SUBSCRIPTION_ROOMS_MAX; i++) {
            char name[16];
            snprintf(name, sizeof name, "r%zu", i);
            must(subscription_set(&wanted, text_of(name), 1), nth, "as many rooms as may be can be named");
        }
        must(!subscription_set(&wanted, text_of("one more"), 1), nth, "a room too many is refused");
        must(subscription_set(&wanted, text_of("bell"), 1), nth, "a room that has its place keeps it");
    }
    subscription_clear(&wanted);
}

/* Gives `bytes` to the queue as one read. */
static void feed(struct request_queue *requests, const struct issuer *issuer, const char *bytes, size_t len,
                 struct journal *journal) {
    char *room = frame_reader_room(&requests->reader, len);
    if (room) {
        memcpy(room, bytes, len);
        frame_reader_filled(&requests->reader, len);
        request_queue_read(requests, &issuer->rules, 1, journal);
    }
    request_queue_settle(requests, 1);
}

static const char commands_in[] =
    "{\"cmd\":\"ping\",\"seq\":0}\0{\"cmd\":\"subscribe\",\"events\":[\"left\"],\"channel\":\"hall\",\"seq\":1}\0"
    "{\"cmd\":\"jwt_token\",\"displayName\":\"Bob\",\"channel\":\"hall\",\"moderator\":false,\"validFor\":60,\"seq\":2}"
    "\0"
    "{\"cmd\":\"say\",\"channel\":\"hall\",\"text\":\"hey\",\"id\":\"b\",\"seq\":3}\0{\"cmd\":"
    "\"rooms\",\"seq\":4}";
#define COMMANDS_IN 5

/* Each of the requests gets one place in the outbox, or is counted as dropped, or was lost before it could be read. */
static void play_commands(const struct issuer *issuer, bool taken, long nth) {
    struct request_queue requests;
    struct outbox outbox = {0};
    struct journal journal = {0};
    static struct control control;
    memset(&control, 0, sizeof control);
    control.outbox = &outbox;
    struct responder responder = {.issuer = issuer, .commands = taken ? &control.commands : NULL, .reply_size = 8192};
    request_queue_init(&requests, 1024);
    feed(&requests, issuer, commands_in, sizeof commands_in, &journal);
    while (responder_some(&responder, &requests, &outbox, &journal, 2)) {
    }
    feed(&requests, issuer, "{]", 3, &journal);
    responder_some(&responder, &requests, &outbox, &journal, 2);
    must(outbox.count + responder.dropped + requests.dropped == COMMANDS_IN || nth > 0, nth,
         "each request is answered");
    must(outbox.count <= COMMANDS_IN, nth, "no request is answered twice, and none that has no number");
    must(taken || responder.commands_taken == 0, nth, "where no commands are taken, none is");
    must(nth > 0 || responder.commands_taken == (taken ? 4U : 0U), nth, "a sound command waits to be carried out");
    must(control.commands.count == responder.commands_taken, nth, "a command that was taken waits");
    for (const struct pending_command *c = command_queue_take(&control.commands); c;
         c = command_queue_take(&control.commands)) {
        uint64_t ticket = c->ticket;
        bool subscribed =
            c->entry->request.command != COMMAND_SUBSCRIBE || control_subscribe(&control, c->entry->request.fields);
        must(command_queue_find(&control.commands, ticket) == c, nth, "a command is found by its ticket");
        must(!command_queue_find(&control.commands, ticket + 1000), nth, "and by no other");
        bool answered = control_reply(&control, ticket, "x", 1);
        must(answered || nth > 0, nth, "a command is answered");
        must(!answered || !control_reply(&control, ticket, "x", 1), nth, "a command is answered once");
        must(subscribed || nth > 0, nth, "a wish for events is taken");
    }
    command_queue_end(&control.commands, 1000);
    must(control.commands.count == 0, nth, "an answered command is forgotten");
    control_clear(&control);
    outbox_clear(&outbox);
    request_queue_free(&requests);
    journal_clear(&journal);
}

/* Fault that the reply line's transport answers with; TRANSPORT_DONE: it takes all. */
static enum transport_result line_result;
static size_t line_taken;

static enum transport_result line_write(struct transport *transport, int fd, const char *bytes, size_t len,
                                        size_t *sent) {
    (void)transport;
    (void)fd;
    (void)bytes;
    *sent = len;
    line_taken += line_result == TRANSPORT_DONE ? 1 : 0;
    return line_result;
}

static void play_line(long nth) {
    static struct event_queue events;
    static char huge[200000];
    struct transport transport = {.write = line_write, .in_flight = 1};
    struct outbox outbox = {0};
    struct reply_line line;
    uint64_t ticket;
    int64_t again;
    int pair[2];
    memset(&events, 0, sizeof events);
    memset(huge, 'x', sizeof huge);
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, nth, "there are sockets");
    if (reply_line_init(&line, 0, 0)) {
        line_taken = 0;
        line_result = TRANSPORT_DONE;
        bool late = outbox_push(&outbox, "{\"late\":1", 9, 5), unmade = outbox_reserve(&outbox, 6, &ticket);
        bool large = outbox_push(&outbox, huge, sizeof huge, 1000), kept = outbox_reserve(&outbox, 2000, &ticket);
        must(reply_line_send(&line, &outbox, NULL, &transport, pair[0], 10, &again) == TRANSPORT_DONE, nth,
             "nothing is wrong");
        must(line_taken == 0 && line.late == (size_t)late + unmade + large, nth,
             "a reply that is late, was never made, or fits no frame is given up and counted");
        must(!kept || (outbox.count == 1 && again == 2001), nth, "a kept place is waited for until it is too late");
        reply_line_flush(&line, &outbox, &transport, pair[0], 10);
        must(line_taken == 0, nth, "what is not made is not sent at the end either");
        bool told = event_queue_push(&events, huge, sizeof huge);
        told = event_queue_push(&events, "{\"event\":\"left\"", 15) && told;
        reply_line_send(&line, &outbox, &events, &transport, pair[0], 10, &again);
        must(!told || line.events == 1, nth, "an event passes a reply that is not made");
        must(!told || (events.lost == 1 && line_taken == (events.untold > 0 ? 1 : 2)), nth,
             "an event that fits no frame is lost, and reported where there is memory");
        bool filled = kept && outbox_fill(&outbox, ticket, "{\"seq\":1", 8);
        line_result = TRANSPORT_WANT_WRITE;
        reply_line_send(&line, &outbox, NULL, &transport, pair[0], 10, &again);
        must(!filled || line.want_write, nth, "a full socket is waited for");
        line_result = TRANSPORT_FAILED;
        must(!filled || reply_line_send(&line, &outbox, NULL, &transport, pair[0], 10, &again) == TRANSPORT_FAILED, nth,
             "a broken connection is told of");
        line_result = TRANSPORT_CLOSED;
        must(!filled || reply_line_send(&line, &outbox, NULL, &transport, pair[0], 10, &again) == TRANSPORT_CLOSED, nth,
             "a closed connection is told of");
        must(reply_line_reset(&line, true) == filled, nth, "a reply that was cut is told of");
        reply_line_free(&line);
    }
    reply_line_free(&line);
    event_queue_clear(&events);
    outbox_clear(&outbox);
    close(pair[0]);
    close(pair[1]);
}

static const struct issuer *issuer_of_commands;

static void play_taken(long nth) { play_commands(issuer_of_commands, true, nth); }
static void play_not_taken(long nth) { play_commands(issuer_of_commands, false, nth); }

/* `play` with none, then with each allocation failing once. Returns how many there were. */
static long each(void (*play)(long nth)) {
    play(0);
    for (long nth = 1;; nth++) {
        failing_at(nth);
        play(nth);
        long used = failing_count();
        failing_at(0);
        if (used < nth) {
            return nth - 1;
        }
    }
}

long fail_in_queues(void) {
    static void (*const plays[])(long nth) = {play_events, play_outbox,    play_subscription,
                                              play_taken,  play_not_taken, play_line};
    struct issuer issuer = {.rules = {.members = REQUEST_MEMBERS_ALL, .commands = ALL_COMMANDS},
                            .policy = {.default_validity = 600, .max_validity = 86400},
                            .max_frame = 1024};
    issuer.maker = token_maker_new("skotos", "meet.test", HMAC_SHA256, "a secret of some length", 23);
    must(issuer.maker != NULL, 0, "OpenSSL takes the key");
    issuer_of_commands = &issuer;
    long failed = 0;
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        failed += each(plays[i]);
    }
    issuer_free(&issuer);
    return failed;
}
