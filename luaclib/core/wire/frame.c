#include "frame.h"

#include <stdlib.h>
#include <string.h>

void frame_reader_init(struct frame_reader *reader, enum frame_end ending, size_t max_frame) {
    memset(reader, 0, sizeof *reader);
    reader->ending = ending;
    reader->max_frame = max_frame;
}

void frame_reader_reset(struct frame_reader *reader) {
    reader->start = reader->scanned = reader->end = 0;
    reader->chosen = false;
    reader->skipping = false;
}

void frame_reader_free(struct frame_reader *reader) {
    free(reader->buffer);
    reader->buffer = NULL;
    reader->capacity = 0;
    frame_reader_reset(reader);
}

/* Moves what is not given out to the front of the buffer. */
static void compact(struct frame_reader *reader) {
    if (reader->start > 0) {
        memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
        reader->scanned -= reader->start;
        reader->end -= reader->start;
        reader->start = 0;
    }
}

char *frame_reader_room(struct frame_reader *reader, size_t want) {
    compact(reader);
    if (!reader->buffer || reader->capacity - reader->end < want) {
        size_t capacity = reader->end + (want > 0 ? want : 1);
        char *buffer = realloc(reader->buffer, capacity);
        if (!buffer) {
            return NULL;
        }
        reader->buffer = buffer;
        reader->capacity = capacity;
    }
    return reader->buffer + reader->end;
}

void frame_reader_filled(struct frame_reader *reader, size_t got) { reader->end += got; }

/* The first terminator from `scanned` on, or NULL. The first one ever seen chooses the connection's terminator. */
static char *find_end(struct frame_reader *reader) {
    char *from = reader->buffer + reader->scanned;
    size_t len = reader->end - reader->scanned;
    if (reader->ending == FRAME_END_NUL) {
        return memchr(from, '\0', len);
    }
    if (reader->chosen) {
        return memchr(from, reader->terminator, len);
    }
    for (size_t i = 0; i < len; i++) {
        if (from[i] == '\0' || from[i] == '\n') {
            reader->chosen = true;
            reader->terminator = from[i];
            return from + i;
        }
    }
    return NULL;
}

/* Keeps only the last bytes of the current, over-long frame. */
static void keep_tail(struct frame_reader *reader) {
    size_t have = reader->end - reader->start;
    if (have > FRAME_TAIL_SIZE) {
        reader->start = reader->end - FRAME_TAIL_SIZE;
    }
    reader->scanned = reader->end;
}

enum frame_status frame_reader_next(struct frame_reader *reader, const char **frame, size_t *len) {
    if (reader->scanned == reader->end) {
        return FRAME_NONE;
    }
    char *end = find_end(reader);
    if (!end) {
        reader->scanned = reader->end;
        if (reader->skipping || reader->end - reader->start > reader->max_frame) {
            reader->skipping = true;
            keep_tail(reader);
        }
        return FRAME_NONE;
    }
    size_t at = (size_t)(end - reader->buffer);
    bool too_long = reader->skipping || at - reader->start > reader->max_frame;
    size_t from = reader->start;
    if (too_long && at - from > FRAME_TAIL_SIZE) {
        from = at - FRAME_TAIL_SIZE;
    }
    *frame = reader->buffer + from;
    *len = at - from;
    reader->start = reader->scanned = at + 1;
    reader->skipping = false;
    return too_long ? FRAME_TOO_LONG : FRAME_WHOLE;
}

size_t frame_reader_partial(const struct frame_reader *reader) { return reader->end - reader->start; }

size_t frame_driver_text(const char *frame, size_t len) {
    size_t line = 0;
    while (line < len && frame[line] != '{') {
        const char *newline = memchr(frame + line, '\n', len - line);
        if (!newline) {
            return len;
        }
        line = (size_t)(newline - frame) + 1;
    }
    return line;
}
