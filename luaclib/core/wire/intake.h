/* From the bytes of a connection to requests that may be answered: frames are cut, read and, on a game's link, judged
 * together with what the same read brought (seq_guard.h). */
#ifndef SKOTOS_INTAKE_H
#define SKOTOS_INTAKE_H

#include "fault.h"
#include "frame.h"
#include "notes.h"
#include "request.h"
#include "seq_guard.h"

/* Requests that may wait to be answered on one connection; more are counted and dropped. */
#define INTAKE_MAX 16384
/* Bytes of theirs that may wait. */
#define INTAKE_BYTES_MAX ((size_t)1 << 25)
/* How long a read waits for the rest of a frame that began at its end. */
#define INTAKE_HOLD_NS INT64_C(1000000000)

/* One frame. */
struct entry {
    struct entry *next;
    struct request request;
    struct fault *fault; /* owned; why it is no request; NULL when it is one */
    struct arrival arrival;
    int64_t arrived_ns; /* monotonic */
    size_t len;
    char frame[]; /* the bytes that `request` may point into */
};

struct intake {
    struct frame_reader reader;
    struct seq_guard guard;
    bool guarded;       /* a game's link: numbers are judged, the driver's text is taken off */
    struct entry *head; /* oldest entry; those up to `judged` may be answered */
    struct entry *tail;
    struct entry *unjudged;   /* oldest entry that is not judged, NULL when all are */
    size_t waiting;           /* entries in all */
    size_t bytes;             /* of their frames */
    struct arrival *arrivals; /* owned; room to judge all that wait */
    size_t arrivals_room;
    bool gap;              /* what came right before the next frame is not known */
    int64_t hold_until_ns; /* 0: not waiting for the rest of a frame */
    bool starved;          /* a frame was lost for want of memory: the connection is to be dropped */
    uint64_t dropped;      /* frames lost for want of room or memory, ever */
    uint64_t driver_texts; /* pieces of the driver's text, ever */
};

/* Readies `intake` for frames of at most `max_frame` bytes. */
void intake_init(struct intake *intake, enum frame_end ending, bool guarded, size_t max_frame);

/* A new connection: forgets bytes, entries and the count. Returns how many requests had not been taken. */
size_t intake_reset(struct intake *intake);

/* Frees all memory. */
void intake_free(struct intake *intake);

/* Cuts what was fed to `intake->reader` into frames and reads them under `rules` at `now_ns`. Notes go to `notes`. */
void intake_read(struct intake *intake, const struct request_rules *rules, int64_t now_ns, struct notes *notes);

/* Call it when the socket has no more to read. Judges what has come, unless the rest of a frame is still awaited: then
 * returns the time at which to call it again, else 0. */
int64_t intake_settle(struct intake *intake, int64_t now_ns);

/* Call it before intake_settle when what has come must be judged though more is there to be read: nobody can tell then
 * what the last frame's neighbour is, so it and the next one are refused. */
void intake_cut(struct intake *intake);

/* Takes the oldest judged entry, or returns NULL. The caller frees it with entry_free. */
struct entry *intake_next(struct intake *intake);

void entry_free(struct entry *entry);

#endif
