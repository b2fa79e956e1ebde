/* The frame reader against the plainest reading of the same bytes: however they are cut into pieces, the frames are
 * those between the terminators, and memory stays within the bound. The driver's text against its definition. */
#include "oracle.h"

#include "frame.h"

#include <string.h>

/* Where the frame at `start` ends, or `len`; the first terminator ever chooses. */
static size_t end_of_frame(const char *bytes, size_t len, size_t start, enum frame_end ending, int *chosen) {
    for (size_t i = start; i < len; i++) {
        if (*chosen < 0 ? bytes[i] == '\0' || (ending == FRAME_END_FIRST && bytes[i] == '\n') : bytes[i] == *chosen) {
            *chosen = bytes[i];
            return i;
        }
    }
    return len;
}

static void check_frame(enum frame_status status, const char *frame, size_t frame_len, const char *wanted,
                        size_t wanted_len, size_t max_frame) {
    if (wanted_len > max_frame) {
        MUST(status == FRAME_TOO_LONG, "a frame beyond the bound is told so");
        size_t tail = wanted_len < FRAME_TAIL_SIZE ? wanted_len : FRAME_TAIL_SIZE;
        wanted += wanted_len - tail;
        wanted_len = tail;
    } else {
        MUST(status == FRAME_WHOLE, "a frame within the bound is whole");
    }
    MUST(frame_len == wanted_len && memcmp(frame, wanted, wanted_len) == 0, "a frame holds its bytes and no others");
}

static void check_driver_text(const char *frame, size_t len) {
    size_t text = frame_driver_text(frame, len);
    MUST(text <= len, "the driver's text lies within the frame");
    for (size_t i = 0; i < text; i++) {
        MUST(frame[i] != '{' || (i > 0 && frame[i - 1] != '\n'), "no line of the driver's text starts with a brace");
    }
    if (text < len) {
        MUST(frame[text] == '{' && (text == 0 || frame[text - 1] == '\n'), "a request starts a line with its brace");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    struct frame_reader reader;
    uint8_t how = input_byte(&input);
    enum frame_end ending = how & 1 ? FRAME_END_FIRST : FRAME_END_NUL;
    size_t max_frame = FRAME_TAIL_SIZE + (how >> 1), piece_max = (size_t)input_byte(&input) + 1;
    const char *bytes = (const char *)input.at;
    size_t len = input.left, fed = 0, start = 0;
    int chosen = -1;
    frame_reader_init(&reader, ending, max_frame);
    while (fed < len) {
        size_t piece = fed % 3 == 0 ? piece_max : 1 + fed % piece_max;
        piece = piece < len - fed ? piece : len - fed;
        char *room = frame_reader_room(&reader, piece);
        MUST(room, "there is memory");
        MUST(reader.capacity <= max_frame + 2 * (piece_max + 1), "the reader keeps one frame and one piece");
        memcpy(room, bytes + fed, piece);
        frame_reader_filled(&reader, piece);
        fed += piece;
        const char *frame;
        size_t frame_len, end;
        enum frame_status status;
        while ((status = frame_reader_next(&reader, &frame, &frame_len)) != FRAME_NONE) {
            end = end_of_frame(bytes, fed, start, ending, &chosen);
            MUST(end < fed, "a frame has its terminator");
            check_frame(status, frame, frame_len, bytes + start, end - start, max_frame);
            check_driver_text(frame, frame_len);
            start = end + 1;
        }
        MUST(end_of_frame(bytes, fed, start, ending, &chosen) == fed, "no frame is kept back");
        MUST((frame_reader_partial(&reader) > 0) == (start < fed), "a frame that has begun is known");
    }
    frame_reader_free(&reader);
    return 0;
}
