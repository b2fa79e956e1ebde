/* Events on their way to a game that may not keep up: a bounded queue that counts what finds no room and says so. */
#ifndef SKOTOS_EVENT_QUEUE_H
#define SKOTOS_EVENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that wait at most, each event with its place in the row; memory is taken only for what waits. Room for a crowd
 * of 300 that does everything at once, and each of whom writes the longest message that a frame holds. */
#define EVENT_QUEUE_BYTES ((size_t)4 << 20)

struct queued_event {
    struct queued_event *next;
    size_t len;
    uint64_t reports; /* so many losses; 0: it is an event */
    char bytes[];     /* an open frame (padded_reply.h) */
};

/* All zeros: empty. */
struct event_queue {
    struct queued_event *first, *last; /* owned; NULL: none waits */
    size_t bytes;                      /* that wait */
    uint64_t untold;                   /* lost behind the newest item, not reported yet */
    uint64_t lost;                     /* ever */
};

/* Adds a copy of the open frame (`bytes`, `len`); `len` 0 stands for one that could not be written. What is lost is
 * counted, and reported by a frame {"event":"lost","count":n} in its place in the row. Returns whether it was kept. */
bool event_queue_push(struct event_queue *queue, const char *bytes, size_t len);

/* The oldest event, or NULL; a report of losses when it is that one's turn. */
const struct queued_event *event_queue_front(struct event_queue *queue);

/* Removes the oldest event. */
void event_queue_pop(struct event_queue *queue);

/* What left the queue did not go out whole: an event, which is lost, or (`reports` > 0) a report of so many losses,
 * which are to be reported again. */
void event_queue_lose(struct event_queue *queue, uint64_t reports);

/* Frees all (the connection has ended): the events that waited are lost. Returns of how many events, these and those
 * that were lost before, the game was told nothing. Keeps the count of all losses. */
uint64_t event_queue_clear(struct event_queue *queue);

#endif
