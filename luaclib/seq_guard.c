#include "seq_guard.h"

#include <string.h>

void seq_guard_reset(struct seq_guard *guard) { memset(guard, 0, sizeof *guard); }

static bool was_answered(const struct seq_guard *guard, int64_t seq) {
    size_t count = guard->answered_count < SEQ_GUARD_MEMORY ? guard->answered_count : SEQ_GUARD_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (guard->answered[i] == seq) {
            return true;
        }
    }
    return false;
}

static void remember(struct seq_guard *guard, int64_t seq) {
    guard->answered[guard->answered_count++ % SEQ_GUARD_MEMORY] = seq;
}

/* Marks the suspicious frames in `refused`. Returns whether there are any; `*leap` tells that the read begins past the
 * count. */
static bool find_suspicious(const struct seq_guard *guard, struct arrival *arrivals, size_t count, bool *leap) {
    bool any = false, first = true, blind = false, known = guard->known;
    int64_t last = guard->last;
    *leap = !guard->known;
    for (size_t i = 0; i < count; i++) {
        struct arrival *a = &arrivals[i];
        bool grows = a->numbered && (!known || a->seq > last);
        /* After a frame whose number could not be read the next may leave one out. */
        bool next = first || blind || !known || a->seq == last + 1;
        a->refused = !a->sound || !grows || !next;
        any = any || a->refused;
        blind = !a->numbered;
        if (a->numbered) {
            if (first && known && a->seq > last + 1) {
                *leap = true;
            }
            first = false;
            known = true;
            last = a->seq;
        }
    }
    return any;
}

/* Refuses the frames beside a suspicious one, and those whose number a later one falls back behind. */
static void spread(struct arrival *arrivals, size_t count) {
    bool before = false;
    for (size_t i = 0; i < count; i++) {
        bool self = arrivals[i].refused;
        if (self && i > 0) {
            arrivals[i - 1].refused = true;
        }
        if (before) {
            arrivals[i].refused = true;
        }
        before = self;
    }
    int64_t lowest = INT64_MAX;
    for (size_t i = count; i-- > 0;) {
        if (arrivals[i].numbered) {
            if (arrivals[i].seq >= lowest) {
                arrivals[i].refused = true;
            } else {
                lowest = arrivals[i].seq;
            }
        }
    }
}

/* Whether the refused frame `i` bears a number that the game has asked. `later` is the lowest number after it. */
static bool was_asked(const struct seq_guard *guard, const struct arrival *arrivals, size_t i, int64_t later,
                      bool leap) {
    int64_t seq = arrivals[i].seq;
    if (!arrivals[i].numbered || seq >= later) {
        return false;
    }
    if (guard->known && seq <= guard->last) {
        /* It fell back: only the number of a frame that came last can be real, and then a huge one before it was not.
         */
        return later == INT64_MAX && !was_answered(guard, seq);
    }
    /* A leap in front of a leap could be anybody's number. */
    return later == INT64_MAX || later == seq + 1 || !leap;
}

void seq_guard_judge(struct seq_guard *guard, struct arrival *arrivals, size_t count) {
    bool leap;
    bool any = find_suspicious(guard, arrivals, count, &leap);
    if (any) {
        spread(arrivals, count);
    }
    int64_t later = INT64_MAX;
    for (size_t i = count; i-- > 0;) {
        struct arrival *a = &arrivals[i];
        if (any && leap) {
            a->refused = true;
        }
        a->answer = a->refused ? was_asked(guard, arrivals, i, later, leap) : true;
        if (a->numbered && a->seq < later) {
            later = a->seq;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (arrivals[i].answer) {
            remember(guard, arrivals[i].seq);
        }
        if (arrivals[i].numbered) {
            guard->known = true;
            guard->last = arrivals[i].seq;
        }
    }
}
