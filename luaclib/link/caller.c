#define _GNU_SOURCE
#include "caller.h"

#include "padded_reply.h"
#include "request_parse.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 16384
/* Room for any reply that is closed bare. */
#define REPLY_ROOM (REPLY_OPEN_MAX + REPLY_CLOSE_MIN)
/* Twice the room has place for one more reply. */
#define OUT_FIRST 65536
_Static_assert(OUT_FIRST >= REPLY_ROOM, "a reply finds room");

void caller_begin(struct caller *caller, int fd, size_t max_frame, size_t out_max, int64_t now_ns) {
    *caller = (struct caller){.fd = fd, .out_max = out_max, .moved_ns = now_ns};
    frame_reader_init(&caller->reader, FRAME_END_FIRST, max_frame);
}

size_t caller_waiting(const struct caller *caller) { return caller->out_end - caller->out_start; }

static bool is_blank(char c) { return c == '\0' || c == '\n' || c == '\r' || c == ' '; }

/* Takes off what the old clients' newline and NUL leave in front of a frame. */
static const char *skip_blanks(const char *frame, size_t *len) {
    while (*len > 0 && is_blank(*frame)) {
        frame++;
        (*len)--;
    }
    return frame;
}

/* Whether a request has begun and not ended. */
static bool has_partial(const struct caller *caller) {
    size_t len = frame_reader_partial(&caller->reader);
    if (len > 0) {
        skip_blanks(caller->reader.buffer + caller->reader.start, &len);
    }
    return len > 0;
}

bool caller_end(struct caller *caller) {
    bool left = !caller->turned_away && (caller_waiting(caller) > 0 || caller->frames_wait || has_partial(caller));
    if (caller->out) {
        OPENSSL_cleanse(caller->out, caller->out_room);
        free(caller->out);
    }
    frame_reader_free(&caller->reader);
    close(caller->fd);
    return left;
}

uint32_t caller_events(const struct caller *caller) {
    bool full = caller_waiting(caller) >= caller->out_max;
    return (caller->ended || full || caller->frames_wait ? 0 : (uint32_t)EPOLLIN) |
           (caller_waiting(caller) > 0 ? (uint32_t)EPOLLOUT : 0);
}

/* Room for `want` more bytes of output; NULL when memory is short. */
static char *out_room(struct caller *caller, size_t want) {
    if (caller->out_start > 0 && caller->out_room - caller->out_end < want) {
        memmove(caller->out, caller->out + caller->out_start, caller_waiting(caller));
        caller->out_end -= caller->out_start;
        caller->out_start = 0;
    }
    if (caller->out_room - caller->out_end < want) {
        size_t room = caller->out_room ? caller->out_room * 2 : OUT_FIRST;
        /* Not realloc: tokens must not stay behind in freed memory. */
        char *out = malloc(room);
        if (!out) {
            return NULL;
        }
        if (caller->out) {
            memcpy(out, caller->out, caller->out_end);
            OPENSSL_cleanse(caller->out, caller->out_room);
            free(caller->out);
        }
        caller->out = out;
        caller->out_room = room;
    }
    return caller->out + caller->out_end;
}

bool caller_say(struct caller *caller, const char *reply, size_t len) {
    char *out = out_room(caller, len);
    if (out) {
        memcpy(out, reply, len);
        caller->out_end += len;
    }
    return out != NULL;
}

/* Answers one frame at the end of the output. False when memory is short. */
static bool answer(struct caller *caller, struct responder *responder, struct journal *journal,
                   enum frame_status status, const char *frame, size_t len, int64_t now) {
    struct request request;
    struct fault fault;
    char *out = out_room(caller, REPLY_ROOM);
    if (!out) {
        return false;
    }
    bool sound = status == FRAME_TOO_LONG ? request_too_long(&request, caller->reader.max_frame, frame, len, &fault)
                                          : request_parse(&request, &responder->issuer->rules, frame, len, &fault);
    size_t reply = responder_reply(responder, &request, sound ? NULL : &fault, true, now, journal, out, REPLY_ROOM);
    request_free(&request);
    enum reply_end end = caller->reader.terminator == '\n' ? REPLY_END_NEWLINE : REPLY_END_NUL;
    reply = reply > 0 ? reply_close(out, reply, REPLY_ROOM, 0, end) : 0;
    caller->out_end += reply;
    responder->dropped += reply > 0 ? 0 : 1;
    return true;
}

/* Answers frames while there is budget and room. False when memory is short. */
static bool answer_frames(struct caller *caller, struct responder *responder, struct journal *journal, int *budget,
                          int64_t now) {
    const char *frame;
    size_t len;
    enum frame_status status;
    for (;;) {
        if (*budget == 0 || caller_waiting(caller) >= caller->out_max) {
            caller->frames_wait = true;
            return true;
        }
        if ((status = frame_reader_next(&caller->reader, &frame, &len)) == FRAME_NONE) {
            caller->frames_wait = false;
            return true;
        }
        frame = skip_blanks(frame, &len);
        if (len > 0) {
            (*budget)--;
            if (!answer(caller, responder, journal, status, frame, len, now)) {
                return false;
            }
        }
    }
}

/* Writes what waits. False when the connection is gone. */
static bool write_out(struct caller *caller, int64_t now_ns, uint64_t *bytes_out) {
    while (caller_waiting(caller) > 0) {
        ssize_t n = send(caller->fd, caller->out + caller->out_start, caller_waiting(caller), MSG_NOSIGNAL);
        if (n < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        caller->out_start += (size_t)n;
        *bytes_out += (uint64_t)n;
        caller->moved_ns = now_ns;
    }
    caller->out_start = caller->out_end = 0;
    return true;
}

bool caller_has_unread(const struct caller *caller) {
    char byte;
    return recv(caller->fd, &byte, 1, MSG_PEEK) > 0;
}

/* Reads once. False when the connection is gone or memory is short. */
static bool read_in(struct caller *caller, int64_t now_ns, uint64_t *bytes_in) {
    char *room = frame_reader_room(&caller->reader, READ_SIZE);
    if (!room) {
        return false;
    }
    ssize_t n = recv(caller->fd, room, READ_SIZE, 0);
    if (n < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    caller->ended = n == 0;
    *bytes_in += (uint64_t)n;
    caller->spoke = true;
    if (caller->turned_away) {
        frame_reader_reset(&caller->reader);
    } else {
        caller->moved_ns = now_ns;
        frame_reader_filled(&caller->reader, (size_t)n);
        caller->frames_wait = n > 0;
    }
    return true;
}

enum caller_state caller_step(struct caller *caller, struct responder *responder, struct journal *journal, int *budget,
                              int64_t now_ns, int64_t now, uint64_t *bytes_in, uint64_t *bytes_out) {
    if (!write_out(caller, now_ns, bytes_out)) {
        return CALLER_LOST;
    }
    if ((caller_events(caller) & EPOLLIN) && !read_in(caller, now_ns, bytes_in)) {
        return CALLER_LOST;
    }
    if (caller->frames_wait && !answer_frames(caller, responder, journal, budget, now)) {
        return CALLER_LOST;
    }
    if (!write_out(caller, now_ns, bytes_out)) {
        return CALLER_LOST;
    }
    if (caller->frames_wait) {
        return caller_waiting(caller) < caller->out_max ? CALLER_HAS_MORE : CALLER_WAITS;
    }
    return caller->ended && caller_waiting(caller) == 0 ? CALLER_DONE : CALLER_WAITS;
}
