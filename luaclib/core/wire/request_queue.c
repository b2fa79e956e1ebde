#include "request_queue.h"
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

void request_queue_init(struct request_queue *requests, size_t max_frame) {
    memset(requests, 0, sizeof *requests);
    frame_reader_init(&requests->reader, FRAME_END_NUL, max_frame);
}

/* All that was not judged is, or is forgotten. */
static void end_batch(struct request_queue *requests) {
    requests->batch = NULL;
    requests->batch_frames = requests->batch_bytes = 0;
    requests->batch_cut = requests->batch_late = requests->last_numbered = false;
    requests->hold_until_ns = 0;
}

size_t request_queue_reset(struct request_queue *requests) {
    size_t left = 0;
    while (requests->head) {
        struct entry *next = requests->head->next;
        left += requests->head->arrival.numbered ? 1 : 0;
        entry_free(requests->head);
        requests->head = next;
    }
    requests->tail = NULL;
    requests->waiting = requests->bytes = 0;
    requests->starved = requests->adrift = false;
    requests->count = (struct count){0};
    end_batch(requests);
    frame_reader_reset(&requests->reader);
    return left;
}

void request_queue_free(struct request_queue *requests) {
    request_queue_reset(requests);
    block_pool_end(&requests->memory);
    frame_reader_free(&requests->reader);
}

/* Appends an entry for the frame. NULL when it cannot be kept. */
static struct entry *append(struct request_queue *requests, const char *frame, size_t len, int64_t now_ns) {
    if (requests->waiting >= REQUEST_QUEUE_MAX || requests->bytes + len > REQUEST_QUEUE_BYTES_MAX) {
        return NULL;
    }
    struct entry *entry = block_take(&requests->memory, sizeof *entry + len);
    if (!entry) {
        requests->starved = true;
        return NULL;
    }
    memset(entry, 0, sizeof *entry);
    memcpy(entry->frame, frame, len);
    entry->arrived_ns = now_ns;
    entry->len = len;
    if (requests->tail) {
        requests->tail->next = entry;
    } else {
        requests->head = entry;
    }
    if (requests->batch) {
        requests->tail->arrival.next = &entry->arrival;
    } else {
        requests->batch = entry;
    }
    requests->tail = entry;
    requests->waiting++;
    requests->bytes += len;
    return entry;
}

static void keep_fault(struct entry *entry, const struct fault *fault) {
    entry->fault = malloc(sizeof *fault);
    if (entry->fault) {
        *entry->fault = *fault;
    }
}

/* Whether the frame says no more than the one before it: too short for a number, behind another that is no request.
 * Many NULs in a name would fill the queue with such. */
static bool is_noise(const struct request_queue *requests, size_t len) {
    return len < sizeof "\"seq\":0" - 1 && requests->batch && !requests->last_numbered && !requests->tail->sound;
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

static void read_frame(struct request_queue *requests, const struct request_rules *rules, enum frame_status status,
                       const char *frame, size_t len, int64_t now_ns) {
    requests->batch_bytes += len + 1;
    if (is_noise(requests, len)) {
        return;
    }
    struct entry *entry = append(requests, frame, len, now_ns);
    requests->batch_frames++;
    if (entry) {
        read_request(entry, rules, status, requests->reader.max_frame);
        requests->last_numbered = entry->request.numbered;
        requests->last_seq = entry->request.seq;
    } else {
        requests->dropped++;
        requests->batch_cut = true;
        requests->last_numbered = request_last_seq(frame, len, &requests->last_seq);
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
static void note_driver_text(struct request_queue *requests, struct journal *journal, const char *text, size_t len) {
    char quoted[FAULT_QUOTE_SIZE];
    size_t line = 0, next = 0;
    do {
        const char *newline = memchr(text + next, '\n', len - next);
        line = next;
        next = newline ? (size_t)(newline - text) + 1 : len;
    } while (next < len && is_blank(text + line, next - line));
    size_t end = next > line && text[next - 1] == '\n' ? next - 1 : next;
    requests->driver_texts++;
    journal_add(journal, JOURNAL_DRIVER, JOURNAL_WARN, "the game's driver reports an error of its own on this port: %s",
                fault_quote(quoted, text + line, end - line));
}

void request_queue_read(struct request_queue *requests, const struct request_rules *rules, int64_t now_ns,
                        struct journal *journal) {
    const char *frame;
    size_t len;
    enum frame_status status;
    while ((status = frame_reader_next(&requests->reader, &frame, &len)) != FRAME_NONE) {
        size_t text = status == FRAME_WHOLE ? frame_driver_text(frame, len) : 0;
        if (text > 0 && text < len) {
            note_driver_text(requests, journal, frame, text);
            frame += text;
            len -= text;
        }
        read_frame(requests, rules, status, frame, len, now_ns);
    }
}

/* Judges the batch, behind which the stream rests. */
static void judge(struct request_queue *requests) {
    struct arrival *batch = requests->batch ? &requests->batch->arrival : NULL;
    enum wholeness most = requests->batch_cut                                           ? WHOLE_NOT
                          : requests->batch_late || requests->batch_bytes > WHOLE_BYTES ? WHOLE_PERHAPS
                                                                                        : WHOLE_PROVEN;
    whole_judge(&requests->count, batch, requests->batch_frames, requests->last_seq, most);
    end_batch(requests);
}

/* Whether what has begun and not ended may be the driver's text, which ends in a newline, not in NUL. */
static bool ends_in_driver_text(const struct frame_reader *reader) {
    const char *text = reader->buffer + reader->start;
    size_t len = frame_reader_partial(reader);
    return len > 0 && !reader->skipping && text[len - 1] == '\n' && frame_driver_text(text, len) == len;
}

/* The stream did not come to rest in time. Behind what may be the driver's text all are refused: it can stay so for
 * long. Else whoever has surely asked is told; the others hear of it at the next rest. */
static void give_up(struct request_queue *requests) {
    struct entry *first = requests->batch;
    if (first && ends_in_driver_text(&requests->reader) &&
        count_rest(&requests->count, requests->last_numbered, requests->last_seq, requests->batch_frames) ==
            REST_FULL) {
        whole_judge(&requests->count, &first->arrival, requests->batch_frames, requests->last_seq, WHOLE_NOT);
        requests->count.early = true;
        end_batch(requests);
    } else {
        requests->adrift = frame_reader_partial(&requests->reader) == 0;
        if (first && whole_give_up(&requests->count, &first->arrival)) {
            requests->batch = first->next;
            requests->batch_frames--;
        }
    }
    requests->batch_late = true;
    requests->hold_until_ns = 0;
}

/* When whoever waits behind a frame that does not end is given up. */
static int64_t wait_on(struct request_queue *requests, int64_t now_ns) {
    int64_t until_ns = requests->batch ? requests->batch->arrived_ns + REQUEST_QUEUE_WAIT_NS : 0;
    requests->adrift = until_ns > 0 && now_ns >= until_ns;
    return requests->adrift ? 0 : until_ns;
}

int64_t request_queue_settle(struct request_queue *requests, int64_t now_ns) {
    bool partial = frame_reader_partial(&requests->reader) > 0;
    if (requests->batch_frames == 0) {
        return 0;
    }
    if (partial && requests->batch_late) {
        return wait_on(requests, now_ns);
    }
    enum rest rest =
        partial ? REST_NOT
                : count_rest(&requests->count, requests->last_numbered, requests->last_seq, requests->batch_frames);
    if (rest != REST_FULL && requests->hold_until_ns == 0) {
        requests->hold_until_ns = now_ns + REQUEST_QUEUE_HOLD_NS;
    }
    if (rest != REST_FULL && now_ns < requests->hold_until_ns) {
        return requests->hold_until_ns;
    }
    if (rest == REST_NOT) {
        give_up(requests);
    } else {
        judge(requests);
    }
    return 0;
}

struct entry *request_queue_next(struct request_queue *requests) {
    struct entry *entry = requests->head;
    if (!entry || entry == requests->batch) {
        return NULL;
    }
    requests->head = entry->next;
    if (!requests->head) {
        requests->tail = NULL;
    }
    requests->waiting--;
    requests->bytes -= entry->len;
    entry->request.plain_only = entry->arrival.whole == WHOLE_PERHAPS;
    return entry;
}
