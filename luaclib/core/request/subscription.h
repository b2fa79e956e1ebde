/* Which events of which rooms a game wants to hear of; a game's connection has one, which ends with it. */
#ifndef SKOTOS_SUBSCRIPTION_H
#define SKOTOS_SUBSCRIPTION_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

enum room_event {
    ROOM_EVENT_JOINED,
    ROOM_EVENT_LEFT,
    ROOM_EVENT_MODERATOR,
    ROOM_EVENT_OPENED,
    ROOM_EVENT_CLOSED,
    ROOM_EVENT_SAID,
    ROOM_EVENT_HAND,
    ROOM_EVENT_MUTED,
    ROOM_EVENT_SPEAKING,
    ROOM_EVENT_RENAMED,
    ROOM_EVENT_KNOCKING,
    ROOM_EVENT_COUNT
};

/* The event called (`name`, `len`), or -1. */
int room_event_find(const char *name, size_t len);

/* Name of an event, a static string. */
const char *room_event_name(enum room_event event);

/* Rooms that one connection may name. */
#define SUBSCRIPTION_ROOMS_MAX 4096

struct subscription {
    unsigned elsewhere; /* bits 1 << enum room_event: wanted of all rooms that have no entry of their own */
    struct subscribed_room {
        char *channel; /* owned */
        size_t len;
        unsigned events;
    } * rooms; /* owned */
    size_t count;
};

/* From now on `events` of the room `channel`; with no channel, of all rooms, whatever was said of single ones before.
 * False when memory or room is short. */
bool subscription_set(struct subscription *subscription, struct text channel, unsigned events);

/* Whether `event` of the room `channel` is wanted; rooms are compared as pages name them (room_name.h). */
bool subscription_wants(const struct subscription *subscription, enum room_event event, struct text channel);

/* Whether `event` of any room is wanted. */
bool subscription_wants_any(const struct subscription *subscription, enum room_event event);

/* Nothing is wanted any more; frees the memory. */
void subscription_clear(struct subscription *subscription);

#endif
