/* The frame reader: bytes in, frames out. It knows no socket and no JSON.
 *
 * A game's frames end in NUL; a listener's connection may end them in a newline instead (the first terminator that it
 * sends is its terminator). A frame longer than the bound is skipped to its terminator and reported as FRAME_TOO_LONG
 * with its last bytes, in which the request's number may still be read. */
#ifndef SKOTOS_FRAME_H
#define SKOTOS_FRAME_H

#include <stdbool.h>
#include <stddef.h>

enum frame_end {
    FRAME_END_NUL,  /* NUL only: a game's link */
    FRAME_END_FIRST /* NUL or newline, whichever comes first on this connection */
};

enum frame_status {
    FRAME_NONE,    /* no whole frame: feed more */
    FRAME_WHOLE,   /* a frame, without its terminator */
    FRAME_TOO_LONG /* the last FRAME_TAIL_SIZE bytes of a frame that was too long */
};

/* Bytes that are kept of a frame that is too long. */
#define FRAME_TAIL_SIZE 64

struct frame_reader {
    char *buffer;     /* owned; bytes from `start` to `end` are not yet given out */
    size_t capacity;  /* bytes allocated */
    size_t start;     /* first byte of the current frame */
    size_t scanned;   /* bytes from the start up to here hold no terminator */
    size_t end;       /* one past the last byte that was fed */
    size_t max_frame; /* bytes of a frame, without its terminator */
    enum frame_end ending;
    bool chosen; /* FRAME_END_FIRST: the terminator is known */
    char terminator;
    bool skipping; /* inside a frame that is too long */
};

/* Readies `reader` for frames of at most `max_frame` bytes. Allocates nothing yet. */
void frame_reader_init(struct frame_reader *reader, enum frame_end ending, size_t max_frame);

/* Forgets everything that was fed (a new connection); keeps the memory. */
void frame_reader_reset(struct frame_reader *reader);

/* Frees the memory. */
void frame_reader_free(struct frame_reader *reader);

/* Where to read up to `want` bytes to: returns room inside the reader, or NULL when memory is short. Frames given out
 * before are void after this call. Follow it with frame_reader_filled. */
char *frame_reader_room(struct frame_reader *reader, size_t want);

/* Tells that `got` bytes (at most the `want` of the call before) were put into the room. */
void frame_reader_filled(struct frame_reader *reader, size_t got);

/* The next frame, as (`*frame`, `*len`) inside the reader's memory, valid until the next frame_reader_room. */
enum frame_status frame_reader_next(struct frame_reader *reader, const char **frame, size_t *len);

/* Bytes of a frame that has begun and not ended; 0 at a frame's boundary. Call it after frame_reader_next gave
 * FRAME_NONE. */
size_t frame_reader_partial(const struct frame_reader *reader);

/* The driver of a game writes its error texts to the same port, in whole lines and without a terminator, in front of
 * the request that follows. Given a frame, returns how many of its bytes are such lines: those before the first line
 * that starts with '{'. Returns 0 when the frame starts with '{', and `len` when no line does. */
size_t frame_driver_text(const char *frame, size_t len);

#endif
