#include "event_queue.h"

#include "writer.h"

#include <stdlib.h>
#include <string.h>

static bool append(struct event_queue *queue, const char *bytes, size_t len) {
    char *copy = queue->count < EVENT_QUEUE_MAX ? malloc(len) : NULL;
    if (!copy) {
        return false;
    }
    memcpy(copy, bytes, len);
    queue->items[(queue->first + queue->count++) % EVENT_QUEUE_MAX] = (struct queued_event){copy, len};
    return true;
}

/* Puts the report of what was lost behind the newest item. */
static bool report(struct event_queue *queue) {
    char frame[64];
    struct writer w = writer_into(frame, sizeof frame);
    WRITER_LITERAL(&w, "{\"event\":\"lost\",\"count\":");
    writer_integer(&w, (int64_t)queue->untold);
    if (!append(queue, frame, writer_len(&w))) {
        return false;
    }
    queue->untold = 0;
    return true;
}

bool event_queue_push(struct event_queue *queue, const char *bytes, size_t len) {
    bool room = len > 0 && queue->count + (queue->untold > 0 ? 1 : 0) < EVENT_QUEUE_MAX;
    if (room && (queue->untold == 0 || report(queue)) && append(queue, bytes, len)) {
        return true;
    }
    queue->untold++;
    queue->lost++;
    return false;
}

const struct queued_event *event_queue_front(struct event_queue *queue) {
    if (queue->count == 0 && (queue->untold == 0 || !report(queue))) {
        return NULL;
    }
    return &queue->items[queue->first];
}

void event_queue_pop(struct event_queue *queue) {
    if (queue->count > 0) {
        free(queue->items[queue->first].bytes);
        queue->items[queue->first] = (struct queued_event){0};
        queue->first = (queue->first + 1) % EVENT_QUEUE_MAX;
        queue->count--;
    }
}

void event_queue_clear(struct event_queue *queue) {
    while (queue->count > 0) {
        event_queue_pop(queue);
    }
    queue->untold = 0;
}
