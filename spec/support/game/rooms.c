/* What the game's object beside avchat does: commands with avchat's own numbers, and the events that are pushed. */
#define _GNU_SOURCE
#include "game.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_KEPT 4096

static struct {
    char *bytes;
    size_t len;
} events[EVENTS_KEPT];
static long count;

long rooms_command(const char *members, size_t len) {
    char *out = malloc(len + 40);
    if (!out) {
        perror("game");
        exit(1);
    }
    memcpy(out, members, len);
    size_t tail = (size_t)snprintf(out + len, 40, ", \"seq\": %ld }", avchat_next_seq());
    long id = avchat_send(out, len + tail + 1, "", 0, true);
    free(out);
    return id;
}

static struct {
    char *members;
    size_t len;
    bool inside, due;
} renewal;

void rooms_renew(const char *members, size_t len, bool inside) {
    free(renewal.members);
    renewal.members = malloc(len + 1);
    if (!renewal.members) {
        perror("game");
        exit(1);
    }
    memcpy(renewal.members, members, len);
    renewal.len = len;
    renewal.inside = inside;
}

void rooms_connected(void) {
    if (renewal.members && renewal.inside) {
        rooms_command(renewal.members, renewal.len);
    }
    renewal.due = renewal.members && !renewal.inside;
}

void rooms_turn(void) {
    if (renewal.due) {
        renewal.due = false;
        rooms_command(renewal.members, renewal.len);
    }
}

void rooms_receive(const char *bytes, size_t len) {
    static const char head[] = "{\"event\":";
    if (len < sizeof head || memcmp(bytes, head, sizeof head - 1) != 0) {
        return;
    }
    long which = count++ % EVENTS_KEPT;
    free(events[which].bytes);
    events[which].bytes = malloc(len);
    events[which].len = events[which].bytes ? len : 0;
    if (events[which].bytes) {
        memcpy(events[which].bytes, bytes, len);
    }
}

long rooms_events(void) { return count; }

const char *rooms_event(long which, size_t *len) {
    if (which < 0 || which >= count || which < count - EVENTS_KEPT) {
        return NULL;
    }
    *len = events[which % EVENTS_KEPT].len;
    return events[which % EVENTS_KEPT].bytes;
}
