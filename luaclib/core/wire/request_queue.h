/* From the bytes of a game's connection to requests that may be answered: the driver's text is taken off, frames are
 * cut and read, and judged together once the stream has come to rest (whole.h). */
#ifndef SKOTOS_REQUEST_QUEUE_H
#define SKOTOS_REQUEST_QUEUE_H

#include "fault.h"
#include "frame.h"
#include "journal.h"
#include "memory_blocks.h"
#include "request.h"
#include "whole.h"

/* Requests that may wait to be answered on one connection; more are counted and dropped. */
#define REQUEST_QUEUE_MAX 16384
/* Bytes of theirs that may wait. */
#define REQUEST_QUEUE_BYTES_MAX ((size_t)1 << 25)
/* How long frames wait for the stream to come to rest: for the end of a frame that has begun, for a frame with a number
 * that a rest may have, and for more when numbers are missing. */
#define REQUEST_QUEUE_HOLD_NS INT64_C(1000000000)
/* How long they wait at most behind a frame that does not end (the driver's text does so): the game has given them up
 * then. */
#define REQUEST_QUEUE_WAIT_NS INT64_C(55000000000)

/* One frame. */
struct entry {
    struct entry *next;
    struct request request;
    bool sound;
    struct fault *fault; /* owned; why it is not sound; NULL also when there was no memory for it */
    struct arrival arrival;
    int64_t arrived_ns; /* monotonic */
    size_t len;
    char frame[]; /* the bytes that `request` may point into */
};

struct request_queue {
    struct frame_reader reader;
    struct count count;
    struct block_pool memory; /* the entries' */
    struct entry *head;       /* oldest entry; those before `batch` may be answered */
    struct entry *tail;
    struct entry *batch;   /* oldest entry that is not judged, NULL when all are */
    size_t batch_frames;   /* since the last rest, those for which there was no room included */
    size_t batch_bytes;    /* theirs */
    bool batch_cut;        /* for one of them there was no room */
    bool batch_late;       /* the stream did not come to rest in time */
    bool last_numbered;    /* the batch's last frame has a number */
    int64_t last_seq;      /* that number */
    size_t waiting;        /* entries in all */
    size_t bytes;          /* of their frames */
    int64_t hold_until_ns; /* 0: nothing is waited for */
    bool starved;          /* a frame was lost for want of memory: the connection is to be dropped */
    bool adrift;           /* the stream rests where no request can end: the connection is to be dropped */
    uint64_t dropped;      /* frames lost for want of room or memory, ever */
    uint64_t driver_texts; /* pieces of the driver's text, ever */
};

/* Readies `requests` for frames of at most `max_frame` bytes. */
void request_queue_init(struct request_queue *requests, size_t max_frame);

/* A new connection: forgets bytes, entries and the count. Returns how many requests had not been taken. */
size_t request_queue_reset(struct request_queue *requests);

/* Frees all memory. */
void request_queue_free(struct request_queue *requests);

/* Cuts what was fed to `requests->reader` into frames and reads them under `rules` at `now_ns`. Notes go to `journal`.
 */
void request_queue_read(struct request_queue *requests, const struct request_rules *rules, int64_t now_ns,
                        struct journal *journal);

/* Call it when the socket has no more to read. Judges what has come if the stream rests behind it; else returns the
 * time at which to call it again, 0: when more has come. What waits in vain is refused behind whole lines that may be
 * the driver's, which ends no text of its own; else the first to have asked is. */
int64_t request_queue_settle(struct request_queue *requests, int64_t now_ns);

/* Takes the oldest judged entry, or returns NULL. The caller frees it with entry_free. */
struct entry *request_queue_next(struct request_queue *requests);

void entry_free(struct entry *entry);

#endif
