#include "intake.h"
#include "request_parse.h"

#include <stdlib.h>
#include <string.h>

void entry_free(struct entry *entry) {
    if (entry) {
        request_free(&entry->request);
        free(entry->fault);
        free(entry);
    }
}

void intake_init(struct intake *intake, enum frame_end ending, bool guarded, size_t max_frame) {
    memset(intake, 0, sizeof *intake);
    intake->guarded = guarded;
    frame_reader_init(&intake->reader, ending, max_frame);
    seq_guard_reset(&intake->guard);
}

size_t intake_reset(struct intake *intake) {
    size_t left = 0;
    while (intake->head) {
        struct entry *next = intake->head->next;
        left += intake->head->arrival.numbered ? 1 : 0;
        entry_free(intake->head);
        intake->head = next;
    }
    intake->tail = intake->unjudged = NULL;
    intake->waiting = intake->bytes = 0;
    intake->gap = intake->starved = false;
    intake->hold_until_ns = 0;
    frame_reader_reset(&intake->reader);
    seq_guard_reset(&intake->guard);
    return left;
}

void intake_free(struct intake *intake) {
    intake_reset(intake);
    frame_reader_free(&intake->reader);
    free(intake->arrivals);
    intake->arrivals = NULL;
    intake->arrivals_room = 0;
}

/* Sees to it that one more entry can be judged: the guard must not fail for want of memory when its time has come. */
static bool make_room(struct intake *intake) {
    if (intake->waiting < intake->arrivals_room) {
        return true;
    }
    size_t room = intake->arrivals_room > 0 ? intake->arrivals_room * 2 : 64;
    struct arrival *arrivals = realloc(intake->arrivals, room * sizeof *arrivals);
    if (!arrivals) {
        return false;
    }
    intake->arrivals = arrivals;
    intake->arrivals_room = room;
    return true;
}

/* Appends an entry for the frame. NULL when it cannot be kept. */
static struct entry *append(struct intake *intake, const char *frame, size_t len, int64_t now_ns) {
    if (intake->waiting >= INTAKE_MAX || intake->bytes + len > INTAKE_BYTES_MAX) {
        return NULL;
    }
    struct entry *entry = make_room(intake) ? malloc(sizeof *entry + len) : NULL;
    if (!entry) {
        intake->starved = true;
        return NULL;
    }
    memset(entry, 0, sizeof *entry);
    memcpy(entry->frame, frame, len);
    entry->arrived_ns = now_ns;
    entry->len = len;
    if (intake->tail) {
        intake->tail->next = entry;
    } else {
        intake->head = entry;
    }
    intake->tail = entry;
    if (!intake->unjudged) {
        intake->unjudged = entry;
    }
    intake->waiting++;
    intake->bytes += len;
    return entry;
}

static void keep_fault(struct entry *entry, const struct fault *fault) {
    entry->fault = malloc(sizeof *fault);
    if (entry->fault) {
        *entry->fault = *fault;
    } else {
        /* Then it is told that memory is short. */
        entry->arrival.sound = false;
    }
}

void intake_cut(struct intake *intake) {
    if (intake->unjudged && intake->tail) {
        intake->tail->arrival.sound = false;
    }
    intake->gap = true;
}

/* Whether the frame says no more than the one before it: too short for a number, behind another that is no request.
 * Many NULs in a name would fill the intake with such. */
static bool is_noise(const struct intake *intake, size_t len) {
    const struct arrival *before = intake->unjudged ? &intake->tail->arrival : NULL;
    return intake->guarded && len < sizeof "\"seq\":0" - 1 && before && !before->sound && !before->numbered;
}

static void read_frame(struct intake *intake, const struct request_rules *rules, enum frame_status status,
                       const char *frame, size_t len, int64_t now_ns) {
    struct fault fault;
    if (is_noise(intake, len)) {
        return;
    }
    struct entry *entry = append(intake, frame, len, now_ns);
    if (!entry) {
        /* It may have been the neighbour that shows that another is not the game's own. */
        intake->dropped++;
        intake_cut(intake);
        return;
    }
    if (status == FRAME_TOO_LONG) {
        fault_set(&fault, FAULT_TOO_LONG, "the request is longer than %zu bytes (skotos_max_frame)",
                  intake->reader.max_frame);
        memset(&entry->request, 0, sizeof entry->request);
        entry->request.numbered = request_last_seq(entry->frame, len, &entry->request.seq);
    } else {
        entry->arrival.sound = request_parse(&entry->request, rules, entry->frame, len, &fault);
    }
    if (!entry->arrival.sound) {
        keep_fault(entry, &fault);
    }
    entry->arrival.sound = entry->arrival.sound && !intake->gap;
    intake->gap = false;
    entry->arrival.numbered = entry->request.numbered;
    entry->arrival.seq = entry->request.seq;
}

static bool is_blank(const char *frame, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (frame[i] != '\r' && frame[i] != '\n' && frame[i] != ' ' && frame[i] != '\0') {
            return false;
        }
    }
    return true;
}

/* The driver's error text as one line of the log: its first that says something. A whole game begins with an empty one.
 */
static void note_driver_text(struct intake *intake, struct notes *notes, const char *text, size_t len) {
    char quoted[FAULT_QUOTE_SIZE];
    size_t line = 0, next = 0;
    do {
        const char *newline = memchr(text + next, '\n', len - next);
        line = next;
        next = newline ? (size_t)(newline - text) + 1 : len;
    } while (next < len && is_blank(text + line, next - line));
    size_t end = next > line && text[next - 1] == '\n' ? next - 1 : next;
    intake->driver_texts++;
    notes_add(notes, NOTE_DRIVER, NOTE_WARN, "the game's driver reports an error of its own on this port: %s",
              fault_quote(quoted, text + line, end - line));
}

void intake_read(struct intake *intake, const struct request_rules *rules, int64_t now_ns, struct notes *notes) {
    const char *frame;
    size_t len;
    enum frame_status status;
    while ((status = frame_reader_next(&intake->reader, &frame, &len)) != FRAME_NONE) {
        if (intake->guarded && status == FRAME_WHOLE) {
            size_t text = frame_driver_text(frame, len);
            if (text > 0 && text < len) {
                note_driver_text(intake, notes, frame, text);
                frame += text;
                len -= text;
            }
        } else if (!intake->guarded && is_blank(frame, len)) {
            /* What stands between the old clients' newline and NUL. */
            continue;
        }
        read_frame(intake, rules, status, frame, len, now_ns);
    }
}

/* Judges all entries that are not judged yet. */
static void judge(struct intake *intake) {
    size_t count = 0, i = 0;
    for (struct entry *e = intake->unjudged; e; e = e->next) {
        intake->arrivals[count++] = e->arrival;
    }
    seq_guard_judge(&intake->guard, intake->arrivals, count);
    for (struct entry *e = intake->unjudged; e; e = e->next) {
        e->arrival = intake->arrivals[i++];
    }
    intake->unjudged = NULL;
}

int64_t intake_settle(struct intake *intake, int64_t now_ns) {
    if (!intake->unjudged) {
        intake->hold_until_ns = 0;
        return 0;
    }
    if (!intake->guarded) {
        for (struct entry *e = intake->unjudged; e; e = e->next) {
            e->arrival.answer = true;
        }
        intake->unjudged = NULL;
        return 0;
    }
    if (frame_reader_partial(&intake->reader) > 0 && !intake->gap) {
        if (intake->hold_until_ns == 0) {
            intake->hold_until_ns = now_ns + INTAKE_HOLD_NS;
        }
        if (now_ns < intake->hold_until_ns) {
            return intake->hold_until_ns;
        }
    }
    intake->hold_until_ns = 0;
    judge(intake);
    return 0;
}

struct entry *intake_next(struct intake *intake) {
    struct entry *entry = intake->head;
    if (!entry || entry == intake->unjudged) {
        return NULL;
    }
    intake->head = entry->next;
    if (!intake->head) {
        intake->tail = NULL;
    }
    intake->waiting--;
    intake->bytes -= entry->len;
    entry->next = NULL;
    return entry;
}
