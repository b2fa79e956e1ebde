/* The link to one game: connects, reads requests, sends replies as the game can take them, connects again.
 *
 * The owner watches one descriptor, link_fd, for reading, and calls link_step whenever it is readable; inside it are
 * the socket and a timer. Nothing here blocks. */
#ifndef SKOTOS_LINK_H
#define SKOTOS_LINK_H

#include "address.h"
#include "control.h"
#include "game.h"
#include "latency.h"
#include "notes.h"
#include "transport.h"

#include <stdbool.h>
#include <stdint.h>

/* Requests that are answered in one step, so that the server's loop is never held up. */
#define LINK_REQUESTS_PER_STEP 32
/* Largest reply frame, bytes. */
#define LINK_REPLY_SIZE_MAX 65536
enum link_state { LINK_IDLE, LINK_CONNECTING, LINK_HANDSHAKE, LINK_UP, LINK_WAITING, LINK_CLOSED };

struct link_options {
    size_t reply_size;         /* bytes of each reply frame, 0: as short as they are; at most LINK_REPLY_SIZE_MAX */
    int64_t reply_interval_ns; /* at least so long from one reply to the next */
    bool poll_acks; /* look for acknowledgements on the timer only (to compare, and where the kernel tells of none) */
    struct transport *transport; /* owned by the link from then on */
};

struct link_stats {
    uint64_t connects, requests, tokens, refused, dropped, late, replies, driver_errors, bytes_in, bytes_out, steps;
    uint64_t commands, events, events_lost;
    uint64_t refused_by[FAULT_COUNT];
    struct latency latency;      /* from a request's arrival until its reply is sent */
    int64_t longest_step_ns;     /* by the clock on the wall, with whatever else the machine did in between */
    int64_t longest_step_cpu_ns; /* by what the step itself needed of the processor */
    size_t queued;
};

struct link;

/* A link that answers as `game` says, which stays the caller's and must outlive the link or be replaced by
 * link_set_game. NULL with errno when descriptors or memory are short; then the transport is freed too. */
struct link *link_new(const struct game *game, const struct link_options *options);

/* The descriptor to watch; the same for the link's whole life. */
int link_fd(const struct link *link);

/* Starts to connect to `address`; drops an existing connection to do so. */
void link_connect(struct link *link, const struct address *address);

/* Does what there is to do. Notes for the administrator are in link_notes until the next step; after a NOTE_RESOLVE the
 * owner calls link_connect again. */
void link_step(struct link *link);
struct notes *link_notes(struct link *link);

/* From the next request on. */
void link_set_game(struct link *link, const struct game *game);
const struct game *link_game(const struct link *link);

/* Commands to be carried out, and events to be told, on the current connection. After adding to it, call link_step. */
struct control *link_control(struct link *link);

/* Bytes of each reply frame, 0: as short as they are. */
size_t link_reply_size(const struct link *link);

enum link_state link_state(const struct link *link);
const char *link_state_name(enum link_state state);
const char *link_address(const struct link *link);

/* How the bytes travel (transport.h); valid until the next step. */
const char *link_transport(const struct link *link);

/* When the game's certificate ends, seconds since the epoch, as of the last handshake; 0: there is none. */
int64_t link_certificate_until(const struct link *link);
struct link_stats link_stats(const struct link *link);

/* Writes the replies that are ready, without waiting for the game to take them, and closes the descriptors. Returns how
 * many requests go unanswered. May be called twice. */
size_t link_close(struct link *link);

/* Closes and frees; NULL is let pass. */
void link_free(struct link *link);

#endif
