#include "whole.h"

#include <string.h>

enum rest count_rest(const struct count *count, bool numbered, int64_t seq, size_t frames) {
    if (!numbered || (count->known && seq < count->last + !count->early)) {
        return REST_NOT;
    }
    return count->known && seq - count->last > (int64_t)frames ? REST_GAP : REST_FULL;
}

/* A batch's doubtful frames: from the first that is no command to the last one. */
struct doubtful {
    const struct arrival *first, *last;
};

/* Whether the numbers count up, above `low` and up to `high`; finds the doubtful frames on the way. */
static bool counts_up(const struct arrival *batch, int64_t low, int64_t high, struct doubtful *doubtful) {
    for (const struct arrival *a = batch; a; a = a->next) {
        if (!a->command) {
            doubtful->first = doubtful->first ? doubtful->first : a;
            doubtful->last = a;
        }
        if (!a->numbered || a->seq <= low || a->seq > high) {
            return false;
        }
        low = a->seq;
    }
    return true;
}

/* Refuses all; each number above `low` and up to `high` is answered once. */
static void refuse(struct arrival *batch, int64_t low, int64_t high) {
    uint8_t told[WHOLE_TOLD_MAX / 8] = {0};
    if (low < high - WHOLE_TOLD_MAX) {
        low = high - WHOLE_TOLD_MAX;
    }
    for (struct arrival *a = batch; a; a = a->next) {
        a->whole = WHOLE_NOT;
        a->answer = false;
        if (a->numbered && a->seq > low && a->seq <= high) {
            size_t at = (size_t)(a->seq - low - 1);
            a->answer = !(told[at / 8] & 1U << at % 8);
            told[at / 8] |= (uint8_t)(1U << at % 8);
        }
    }
}

/* Serves all, the doubtful ones as far as `most`. */
static void serve(struct arrival *batch, struct doubtful doubtful, enum wholeness most) {
    if (doubtful.first != doubtful.last) {
        most = WHOLE_PERHAPS;
    }
    bool within = false;
    for (struct arrival *a = batch; a; a = a->next) {
        within = within || a == doubtful.first;
        a->whole = within ? most : WHOLE_PROVEN;
        a->answer = true;
        within = within && a != doubtful.last;
    }
}

void whole_judge(struct count *count, struct arrival *batch, size_t frames, int64_t seq, enum wholeness most) {
    int64_t low = count->known ? count->last : seq - 2 * (int64_t)frames + 1;
    if (most == WHOLE_PROVEN && count_rest(count, true, seq, frames) == REST_GAP) {
        most = WHOLE_PERHAPS;
    }
    struct doubtful doubtful = {NULL, NULL};
    if (most == WHOLE_NOT || !counts_up(batch, low, seq, &doubtful)) {
        refuse(batch, count->known ? low : seq - (int64_t)frames, seq);
    } else {
        serve(batch, doubtful, most);
    }
    *count = (struct count){.known = true, .last = seq};
}

bool whole_give_up(struct count *count, struct arrival *first) {
    if (!count->known || !first->numbered || first->seq != count->last + 1) {
        return false;
    }
    first->whole = WHOLE_NOT;
    first->answer = true;
    *count = (struct count){.known = true, .last = first->seq, .early = true};
    return true;
}
