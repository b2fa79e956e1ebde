/* The old server's "inbound": a port at which other programs of this host ask for tokens (caller.h).
 *
 * The owner watches one descriptor, listener_fd, for reading, and calls listener_step whenever it is readable; inside
 * it are the sockets and a timer. Nothing here blocks. */
#ifndef SKOTOS_LISTENER_H
#define SKOTOS_LISTENER_H

#include "address.h"
#include "issuer.h"
#include "journal.h"
#include "step_times.h"

#include <stddef.h>
#include <stdint.h>

/* Callers at once; the next one gets the place of one who has said nothing for a second, or is told so and turned away.
 */
#define LISTENER_CALLERS 64
/* Requests that are answered in one step, so that the server's loop is never held up. */
#define LISTENER_REQUESTS_PER_STEP 64

struct listener_options {
    struct address address;
    int64_t idle_ns; /* a caller on whose connection no byte has moved for so long is sent away */
    size_t out_max;  /* bytes of replies that may wait for one caller; it is not read from meanwhile */
};

struct listener_stats {
    uint64_t accepted;    /* callers ever, with those turned away */
    uint64_t turned_away; /* for want of a place */
    uint64_t idle;        /* sent away though nothing was wrong with them, some of them for another */
    uint64_t slow;        /* sent away because they did not read their replies */
    uint64_t cut;         /* that went in the middle of a request, or without their replies */
    uint64_t requests, tokens, refused, dropped, bytes_in, bytes_out;
    size_t callers; /* now */
    struct step_times step_times;
};

struct listener;

/* Listens and answers as `issuer` says, which stays the caller's and must outlive the listener or be replaced by
 * listener_set_issuer. NULL with errno when it cannot. */
struct listener *listener_new(const struct issuer *issuer, const struct listener_options *options);

/* The descriptor to watch; the same for the listener's whole life. */
int listener_fd(const struct listener *listener);

/* Does what there is to do. What the administrator is to hear is in listener_journal until the next step. */
void listener_step(struct listener *listener);
struct journal *listener_journal(struct listener *listener);

/* From the next request on. */
void listener_set_issuer(struct listener *listener, const struct issuer *issuer);

struct listener_stats listener_stats(const struct listener *listener);

/* Where it listens, with the port that the kernel chose for port 0. */
uint16_t listener_port(const struct listener *listener);

/* Closes all. Returns how many callers are left without what they asked for. May be called twice. */
size_t listener_close(struct listener *listener);

/* Closes and frees; NULL is let pass. */
void listener_free(struct listener *listener);

#endif
