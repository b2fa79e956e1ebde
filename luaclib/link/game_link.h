/* The link to one game: connects, reads requests, sends replies as the game can take them, connects again.
 *
 * The owner watches one descriptor, game_link_fd, for reading, and calls game_link_step whenever it is readable; inside
 * it are the socket and a timer. Nothing here blocks. */
#ifndef SKOTOS_GAME_LINK_H
#define SKOTOS_GAME_LINK_H

#include "address.h"
#include "control.h"
#include "issuer.h"
#include "journal.h"
#include "latency.h"
#include "step_times.h"
#include "transport.h"

#include <stdbool.h>
#include <stdint.h>

/* Requests that are answered in one step, so that the server's loop is never held up. */
#define GAME_LINK_REQUESTS_PER_STEP 32
/* Largest reply frame, bytes. */
#define GAME_LINK_REPLY_SIZE_MAX 65536
enum game_link_state {
    GAME_LINK_IDLE,
    GAME_LINK_CONNECTING,
    GAME_LINK_HANDSHAKE,
    GAME_LINK_UP,
    GAME_LINK_WAITING,
    GAME_LINK_CLOSED
};

struct game_link_options {
    size_t reply_size; /* bytes of each reply frame, 0: as short as they are; at most GAME_LINK_REPLY_SIZE_MAX */
    int64_t reply_interval_ns;   /* at least so long from one reply to the next */
    struct transport *transport; /* owned by the link from then on */
};

struct game_link_stats {
    uint64_t connects, requests, tokens, refused, dropped, late, replies, driver_errors, bytes_in, bytes_out;
    uint64_t commands, events, events_lost;
    uint64_t came; /* bytes that came on this connection */
    uint64_t refused_by[FAULT_COUNT];
    struct latency latency; /* from a request's arrival until its reply is sent */
    struct step_times step_times;
    size_t queued;
};

/* What ends with a connection. */
struct game_link_losses {
    size_t requests; /* that go unanswered */
    uint64_t events; /* of which the game was told nothing, not even that they are lost */
};

struct game_link;

/* A link that answers as `issuer` says, which stays the caller's and must outlive the link or be replaced by
 * game_link_set_issuer. NULL with errno when descriptors or memory are short; then the transport is freed too. */
struct game_link *game_link_new(const struct issuer *issuer, const struct game_link_options *options);

/* The descriptor to watch; the same for the link's whole life. */
int game_link_fd(const struct game_link *link);

/* Starts to connect to `address`; drops an existing connection to do so. */
void game_link_connect(struct game_link *link, const struct address *address);

/* Does what there is to do. True, once, when a wait is over and the link wants its address anew: the owner then calls
 * game_link_connect. What the administrator is to hear is in game_link_journal until the next step. */
bool game_link_step(struct game_link *link);
struct journal *game_link_journal(struct game_link *link);

/* From the next request on. */
void game_link_set_issuer(struct game_link *link, const struct issuer *issuer);
const struct issuer *game_link_issuer(const struct game_link *link);

/* Commands to be carried out, and events to be told, on the current connection. After adding to it, call
 * game_link_step. */
struct control *game_link_control(struct game_link *link);

/* Bytes of each reply frame, 0: as short as they are. */
size_t game_link_reply_size(const struct game_link *link);

enum game_link_state game_link_state(const struct game_link *link);
const char *game_link_state_name(enum game_link_state state);
const char *game_link_address(const struct game_link *link);

/* How the bytes travel (transport.h); valid until the next step. */
const char *game_link_transport(const struct game_link *link);

/* When the game's certificate ends, seconds since the epoch, as of the last handshake; 0: there is none. */
int64_t game_link_certificate_until(const struct game_link *link);
struct game_link_stats game_link_stats(const struct game_link *link);

/* Writes the replies that are ready, without waiting for the game to take them, and closes the descriptors. Returns
 * what was lost with it. May be called twice. */
struct game_link_losses game_link_close(struct game_link *link);

/* Closes and frees; NULL is let pass. */
void game_link_free(struct game_link *link);

#endif
