#include "subscription.h"

#include "ascii.h"
#include "room_name.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[ROOM_EVENT_COUNT] = {
    [ROOM_EVENT_JOINED] = "joined",      [ROOM_EVENT_LEFT] = "left",          [ROOM_EVENT_MODERATOR] = "moderator",
    [ROOM_EVENT_OPENED] = "room_opened", [ROOM_EVENT_CLOSED] = "room_closed", [ROOM_EVENT_SAID] = "said",
    [ROOM_EVENT_HAND] = "hand",          [ROOM_EVENT_MUTED] = "muted",        [ROOM_EVENT_SPEAKING] = "speaking",
    [ROOM_EVENT_RENAMED] = "renamed",    [ROOM_EVENT_KNOCKING] = "knocking",
};

const char *room_event_name(enum room_event event) { return names[event]; }

int room_event_find(const char *name, size_t len) {
    for (int i = 0; i < ROOM_EVENT_COUNT; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
            return i;
        }
    }
    return -1;
}

static struct subscribed_room *find(const struct subscription *subscription, struct text channel) {
    for (size_t i = 0; i < subscription->count; i++) {
        struct subscribed_room *room = &subscription->rooms[i];
        if (ascii_same((struct text){room->channel, room->len}, channel)) {
            return room;
        }
    }
    return NULL;
}

static struct subscribed_room *add(struct subscription *subscription, struct text channel) {
    if (subscription->count >= SUBSCRIPTION_ROOMS_MAX) {
        return NULL;
    }
    struct subscribed_room *rooms = realloc(subscription->rooms, (subscription->count + 1) * sizeof *rooms);
    if (!rooms) {
        return NULL;
    }
    subscription->rooms = rooms;
    char *copy = malloc(channel.len);
    if (!copy) {
        return NULL;
    }
    memcpy(copy, channel.at, channel.len);
    rooms[subscription->count] = (struct subscribed_room){.channel = copy, .len = channel.len};
    return &rooms[subscription->count++];
}

/* The form in which rooms are compared; it may stand in `name`. */
static struct text plain(struct text channel, char name[ROOM_NAME_MAX]) {
    const char *why;
    size_t len = room_name_plain(channel, name, &why);
    return len > 0 ? (struct text){name, len} : channel;
}

bool subscription_set(struct subscription *subscription, struct text channel, unsigned events) {
    if (!channel.at) {
        subscription_clear(subscription);
        subscription->elsewhere = events;
        return true;
    }
    char name[ROOM_NAME_MAX];
    channel = plain(channel, name);
    struct subscribed_room *room = find(subscription, channel);
    if (!room) {
        room = add(subscription, channel);
    }
    if (room) {
        room->events = events;
    }
    return room != NULL;
}

bool subscription_wants(const struct subscription *subscription, enum room_event event, struct text channel) {
    char name[ROOM_NAME_MAX];
    const struct subscribed_room *room = subscription->count > 0 ? find(subscription, plain(channel, name)) : NULL;
    return ((room ? room->events : subscription->elsewhere) & 1U << event) != 0;
}

bool subscription_wants_any(const struct subscription *subscription, enum room_event event) {
    unsigned wanted = subscription->elsewhere;
    for (size_t i = 0; i < subscription->count; i++) {
        wanted |= subscription->rooms[i].events;
    }
    return (wanted & 1U << event) != 0;
}

void subscription_clear(struct subscription *subscription) {
    for (size_t i = 0; i < subscription->count; i++) {
        free(subscription->rooms[i].channel);
    }
    free(subscription->rooms);
    *subscription = (struct subscription){0};
}
