#include "event_queue.h"

#include "writer.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of a report of losses at most. */
#define REPORT_MAX 64

static size_t size_of(size_t len) { return sizeof(struct queued_event) + len; }

static bool append(struct event_queue *queue, const char *bytes, size_t len, uint64_t reports) {
    struct queued_event *event = malloc(size_of(len));
    if (!event) {
        return false;
    }
    event->next = NULL;
    event->len = len;
    event->reports = reports;
    memcpy(event->bytes, bytes, len);
    *(queue->last ? &queue->last->next : &queue->first) = event;
    queue->last = event;
    queue->bytes += size_of(len);
    return true;
}

/* Puts the report of what was lost behind the newest item. */
static bool report(struct event_queue *queue) {
    char frame[REPORT_MAX];
    struct writer w = writer_into(frame, sizeof frame);
    WRITER_LITERAL(&w, "{\"event\":\"lost\",\"count\":");
    writer_integer(&w, (int64_t)queue->untold);
    if (!append(queue, frame, writer_len(&w), queue->untold)) {
        return false;
    }
    queue->untold = 0;
    return true;
}

void event_queue_lose(struct event_queue *queue, uint64_t reports) {
    queue->untold += reports ? reports : 1;
    queue->lost += reports ? 0 : 1;
}

bool event_queue_push(struct event_queue *queue, const char *bytes, size_t len) {
    size_t wanted = size_of(len) + (queue->untold > 0 ? size_of(REPORT_MAX) : 0);
    bool room = len > 0 && queue->bytes + wanted <= EVENT_QUEUE_BYTES;
    if (room && (queue->untold == 0 || report(queue)) && append(queue, bytes, len, 0)) {
        return true;
    }
    event_queue_lose(queue, 0);
    return false;
}

const struct queued_event *event_queue_front(struct event_queue *queue) {
    if (!queue->first && queue->untold > 0) {
        report(queue);
    }
    return queue->first;
}

void event_queue_pop(struct event_queue *queue) {
    struct queued_event *event = queue->first;
    if (event) {
        queue->first = event->next;
        queue->last = queue->first ? queue->last : NULL;
        queue->bytes -= size_of(event->len);
        free(event);
    }
}

uint64_t event_queue_clear(struct event_queue *queue) {
    while (queue->first) {
        event_queue_lose(queue, queue->first->reports);
        event_queue_pop(queue);
    }
    uint64_t untold = queue->untold;
    queue->untold = 0;
    return untold;
}
