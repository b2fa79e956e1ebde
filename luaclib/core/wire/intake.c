#include "intake.h"
#include "request_parse.h"

#include <stdlib.h>
#include <string.h>

void entry_free(struct entry *entry) {
    if (entry) {
        request_free(&entry->request);
        free(entry->fault);
        block_give(entry);
    }
}

void intake_init(struct intake *intake, size_t max_frame) {
    memset(intake, 0, sizeof *intake);
    frame_reader_init(&intake->reader, FRAME_END_NUL, max_frame);
}

/* All that was not judged is, or is forgotten. */
static void end_batch(struct intake *intake) {
    intake->batch = NULL;
    intake->batch_frames = intake->batch_bytes = 0;
    intake->batch_cut = intake->batch_late = intake->last_numbered = false;
    intake->hold_until_ns = 0;
}

size_t intake_reset(struct intake *intake) {
    size_t left = 0;
    while (intake->head) {
        struct entry *next = intake->head->next;
        left += intake->head->arrival.numbered ? 1 : 0;
        entry_free(intake->head);
        intake->head = next;
    }
    intake->tail = NULL;
    intake->waiting = intake->bytes = 0;
    intake->starved = intake->adrift = false;
    intake->count = (struct count){0};
    end_batch(intake);
    frame_reader_reset(&intake->reader);
    return left;
}

void intake_free(struct intake *intake) {
    intake_reset(intake);
    block_pool_end(&intake->memory);
    frame_reader_free(&intake->reader);
}

/* Appends an entry for the frame. NULL when it cannot be kept. */
static struct entry *append(struct intake *intake, const char *frame, size_t len, int64_t now_ns) {
    if (intake->waiting >= INTAKE_MAX || intake->bytes + len > INTAKE_BYTES_MAX) {
        return NULL;
    }
    struct entry *entry = block_take(&intake->memory, sizeof *entry + len);
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
    if (intake->batch) {
        intake->tail->arrival.next = &entry->arrival;
    } else {
        intake->batch = entry;
    }
    intake->tail = entry;
    intake->waiting++;
    intake->bytes += len;
    return entry;
}

static void keep_fault(struct entry *entry, const struct fault *fault) {
    entry->fault = malloc(sizeof *fault);
    if (entry->fault) {
        *entry->fault = *fault;
    }
}

/* Whether the frame says no more than the one before it: too short for a number, behind another that is no request.
 * Many NULs in a name would fill the intake with such. */
static bool is_noise(const struct intake *intake, size_t len) {
    return len < sizeof "\"seq\":0" - 1 && intake->batch && !intake->last_numbered && !intake->tail->sound;
}

static void read_request(struct entry *entry, const struct request_rules *rules, enum frame_status status,
                         size_t max_frame) {
    struct fault fault;
    entry->sound = status == FRAME_TOO_LONG
                       ? request_too_long(&entry->request, max_frame, entry->frame, entry->len, &fault)
                       : request_parse(&entry->request, rules, entry->frame, entry->len, &fault);
    if (!entry->sound) {
        keep_fault(entry, &fault);
    }
    entry->arrival.numbered = entry->request.numbered;
    entry->arrival.seq = entry->request.seq;
    entry->arrival.command = entry->sound && entry->request.command >= 0;
}

static void read_frame(struct intake *intake, const struct request_rules *rules, enum frame_status status,
                       const char *frame, size_t len, int64_t now_ns) {
    intake->batch_bytes += len + 1;
    if (is_noise(intake, len)) {
        return;
    }
    struct entry *entry = append(intake, frame, len, now_ns);
    intake->batch_frames++;
    if (entry) {
        read_request(entry, rules, status, intake->reader.max_frame);
        intake->last_numbered = entry->request.numbered;
        intake->last_seq = entry->request.seq;
    } else {
        intake->dropped++;
        intake->batch_cut = true;
        intake->last_numbered = request_last_seq(frame, len, &intake->last_seq);
    }
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
static void note_driver_text(struct intake *intake, struct journal *journal, const char *text, size_t len) {
    char quoted[FAULT_QUOTE_SIZE];
    size_t line = 0, next = 0;
    do {
        const char *newline = memchr(text + next, '\n', len - next);
        line = next;
        next = newline ? (size_t)(newline - text) + 1 : len;
    } while (next < len && is_blank(text + line, next - line));
    size_t end = next > line && text[next - 1] == '\n' ? next - 1 : next;
    intake->driver_texts++;
    journal_add(journal, JOURNAL_DRIVER, JOURNAL_WARN, "the game's driver reports an error of its own on this port: %s",
                fault_quote(quoted, text + line, end - line));
}

void intake_read(struct intake *intake, const struct request_rules *rules, int64_t now_ns, struct journal *journal) {
    const char *frame;
    size_t len;
    enum frame_status status;
    while ((status = frame_reader_next(&intake->reader, &frame, &len)) != FRAME_NONE) {
        size_t text = status == FRAME_WHOLE ? frame_driver_text(frame, len) : 0;
        if (text > 0 && text < len) {
            note_driver_text(intake, journal, frame, text);
            frame += text;
            len -= text;
        }
        read_frame(intake, rules, status, frame, len, now_ns);
    }
}

/* Judges the batch, behind which the stream rests. */
static void judge(struct intake *intake) {
    struct arrival *batch = intake->batch ? &intake->batch->arrival : NULL;
    enum wholeness most = intake->batch_cut                                         ? WHOLE_NOT
                          : intake->batch_late || intake->batch_bytes > WHOLE_BYTES ? WHOLE_PERHAPS
                                                                                    : WHOLE_PROVEN;
    whole_judge(&intake->count, batch, intake->batch_frames, intake->last_seq, most);
    end_batch(intake);
}

/* Whether what has begun and not ended may be the driver's text, which ends in a newline, not in NUL. */
static bool ends_in_driver_text(const struct frame_reader *reader) {
    const char *text = reader->buffer + reader->start;
    size_t len = frame_reader_partial(reader);
    return len > 0 && !reader->skipping && text[len - 1] == '\n' && frame_driver_text(text, len) == len;
}

/* The stream did not come to rest in time. Behind what may be the driver's text all are refused: it can stay so for
 * long. Else whoever has surely asked is told; the others hear of it at the next rest. */
static void give_up(struct intake *intake) {
    struct entry *first = intake->batch;
    if (first && ends_in_driver_text(&intake->reader) &&
        count_rest(&intake->count, intake->last_numbered, intake->last_seq, intake->batch_frames) == REST_FULL) {
        whole_judge(&intake->count, &first->arrival, intake->batch_frames, intake->last_seq, WHOLE_NOT);
        intake->count.early = true;
        end_batch(intake);
    } else {
        intake->adrift = frame_reader_partial(&intake->reader) == 0;
        if (first && whole_give_up(&intake->count, &first->arrival)) {
            intake->batch = first->next;
            intake->batch_frames--;
        }
    }
    intake->batch_late = true;
    intake->hold_until_ns = 0;
}

/* When whoever waits behind a frame that does not end is given up. */
static int64_t wait_on(struct intake *intake, int64_t now_ns) {
    int64_t until_ns = intake->batch ? intake->batch->arrived_ns + INTAKE_WAIT_NS : 0;
    intake->adrift = until_ns > 0 && now_ns >= until_ns;
    return intake->adrift ? 0 : until_ns;
}

int64_t intake_settle(struct intake *intake, int64_t now_ns) {
    bool partial = frame_reader_partial(&intake->reader) > 0;
    if (intake->batch_frames == 0) {
        return 0;
    }
    if (partial && intake->batch_late) {
        return wait_on(intake, now_ns);
    }
    enum rest rest =
        partial ? REST_NOT : count_rest(&intake->count, intake->last_numbered, intake->last_seq, intake->batch_frames);
    if (rest != REST_FULL && intake->hold_until_ns == 0) {
        intake->hold_until_ns = now_ns + INTAKE_HOLD_NS;
    }
    if (rest != REST_FULL && now_ns < intake->hold_until_ns) {
        return intake->hold_until_ns;
    }
    if (rest == REST_NOT) {
        give_up(intake);
    } else {
        judge(intake);
    }
    return 0;
}

struct entry *intake_next(struct intake *intake) {
    struct entry *entry = intake->head;
    if (!entry || entry == intake->batch) {
        return NULL;
    }
    intake->head = entry->next;
    if (!intake->head) {
        intake->tail = NULL;
    }
    intake->waiting--;
    intake->bytes -= entry->len;
    entry->request.plain_only = entry->arrival.whole == WHOLE_PERHAPS;
    return entry;
}
