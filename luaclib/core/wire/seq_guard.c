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

/* Which numbers of a read the game has asked. */
struct asked {
    int64_t from; /* those above this and up to `last` have been asked, each at the place number - from - 1 */
    int64_t last; /* the read's last number; -1: it has none */
    int64_t next; /* else: the next one down the chain that ends in `last` */
    bool chain;
};

static struct asked asked_in(const struct seq_guard *guard, const struct arrival *arrivals, size_t count) {
    struct asked asked = {.from = guard->last, .last = -1};
    for (size_t i = count; i-- > 0 && asked.last < 0;) {
        asked.last = arrivals[i].numbered ? arrivals[i].seq : -1;
    }
    asked.next = asked.last;
    /* Fallen back behind the count: a huge number before it was not the game's. Beyond the frames that came: some were
     * lost, or one of the numbers is not the game's. */
    asked.chain = !guard->known || asked.last <= guard->last || asked.last - guard->last > (int64_t)count;
    return asked;
}

/* Whether a frame with the number `seq` is to be answered, seen from the last frame to the first: each number once. */
static bool take_number(const struct seq_guard *guard, struct asked *asked, struct arrival *arrivals, int64_t seq) {
    if (asked->chain) {
        if (seq != asked->next || was_answered(guard, seq)) {
            return false;
        }
        asked->next--;
        return true;
    }
    if (seq <= asked->from || seq > asked->last || arrivals[seq - asked->from - 1].spoken) {
        return false;
    }
    arrivals[seq - asked->from - 1].spoken = true;
    return true;
}

void seq_guard_judge(struct seq_guard *guard, struct arrival *arrivals, size_t count) {
    bool leap;
    bool any = find_suspicious(guard, arrivals, count, &leap);
    if (any) {
        spread(arrivals, count);
    }
    struct asked asked = asked_in(guard, arrivals, count);
    for (size_t i = count; i-- > 0;) {
        struct arrival *a = &arrivals[i];
        a->refused = a->refused || (any && leap);
        bool taken = a->numbered && take_number(guard, &asked, arrivals, a->seq);
        a->answer = taken || !a->refused;
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
