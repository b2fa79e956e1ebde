/* Tells the game's own requests from those that a player's name has made of one.
 *
 * A name that holds a NUL splits its request in two; each half may look perfect, but the game writes a request at once
 * and numbers its requests one after another, so both halves arrive in one read and the last one ends in the game's own
 * number. What one read brought is therefore judged together, before anything of it is answered. */
#ifndef SKOTOS_SEQ_GUARD_H
#define SKOTOS_SEQ_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One frame of a read. */
struct arrival {
    bool sound;    /* in: it is a valid request */
    bool numbered; /* in: it has a number */
    int64_t seq;   /* in: that number */
    bool refused;  /* out: it, or a frame next to it, is not the game's own; a sound request is to be refused */
    bool answer;   /* out: the game asked this number and has had no answer for it: one is to be given */
    bool spoken;   /* seq_guard_judge's own: the number that belongs to this place is being answered */
};

/* Numbers that were answered, remembered so that none is answered twice; older ones are forgotten. */
#define SEQ_GUARD_MEMORY 256

/* One connection's count. */
struct seq_guard {
    bool known;   /* a number has come on this connection */
    int64_t last; /* the number that the next one must exceed */
    int64_t answered[SEQ_GUARD_MEMORY];
    size_t answered_count; /* ever; the newest is at (answered_count - 1) % SEQ_GUARD_MEMORY */
};

/* Begins a new connection: no number has been seen, none answered. */
void seq_guard_reset(struct seq_guard *guard);

/* Judges the `count` frames of one read, in the order in which they came, and sets `refused` and `answer` of each.
 *
 * Suspicious is a frame that is no valid request, whose number does not exceed the one before it, or, within the read,
 * is not the next after it. It is refused with the frames on either side of it, and, when a number falls back, with all
 * from the one that first reached it. Where the count itself cannot be trusted (nothing has come before on this
 * connection, or the read begins with a leap) one suspicious frame condemns the whole read.
 *
 * A refused frame is answered when its number must be the game's. The read's last number is, and so are all between the
 * one before the read and that one. Where the count cannot be trusted, these are the last number and those that lead up
 * to it one by one. */
void seq_guard_judge(struct seq_guard *guard, struct arrival *arrivals, size_t count);

#endif
