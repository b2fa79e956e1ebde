/* The stand-in game: SkotOS's avchat on a DGD driver, as a bridge meets it. For the specs and the demo only.
 *
 * As in the original: the driver (sockets; one read a turn of its loop, output kept for slow readers), avchat
 * (requests, its 60 s, what it makes of one read); then rooms (commands and events) and the control by which a spec
 * drives it (lines on stdin, answers on stdout). */
#ifndef SKOTOS_STAND_IN_GAME_H
#define SKOTOS_STAND_IN_GAME_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one read brings at most: the driver's BINBUF_SIZE. */
#define READ_SIZE 8192
/* Open connections at once. */
#define CONNECTIONS 64

/* Milliseconds of the monotonic clock. */
int64_t now_ms(void);

/* ---- driver.c ---- */

struct connection;

struct driver_counts {
    long connects;  /* connections ever accepted */
    long connected; /* open now */
    long reads;     /* reads that brought something */
    long odd_reads; /* of these, not exactly READ_SIZE bytes */
    long lost;      /* requests made while nobody was connected */
    long torn;      /* times that an unsent remainder was overwritten or let go */
};
extern struct driver_counts driver_counts;

/* The numeric IPv4 address to listen on from the next driver_listen on, instead of 127.0.0.1. */
void driver_address(const char *ip);
/* Listens on the address; port 0 takes a free one. Gives the port; ends the process if that cannot be done. */
int driver_listen(int port);
/* Closes the listener: who connects is refused. */
void driver_deafen(void);
/* Closes every connection. */
void driver_drop(void);
/* Bytes that are kept for a reader that does not read (the driver's longest string). */
void driver_keep_at_most(size_t bytes);
/* Sends as avchat_port does: to the one connection that comes first in the driver's own order. What does not fit
 * becomes the connection's only remainder. False: nobody is connected. */
bool driver_message(const char *bytes, size_t len);
/* Writes the driver's own text to the connection that it concerns. */
void driver_error(struct connection *c, const char *text, size_t len);
/* Fills what poll is to watch; gives how many. */
nfds_t driver_watch(struct pollfd *fds, nfds_t room);
/* One turn of the driver's loop: accepts, writes, and reads once from each connection that has something. */
void driver_turn(const struct pollfd *fds, nfds_t count);
/* The bytes of read number `which` (0 the first ever), or NULL when it is not kept any more (the newest 256 are). */
const char *driver_read_bytes(long which, size_t *len);

/* ---- avchat.c ---- */

enum request_state { REQUEST_PENDING, REQUEST_UNDERSTOOD, REQUEST_FAILED, REQUEST_TIMED_OUT };

struct request {
    enum request_state state;
    long id;  /* counts every request of this process, over all restarts */
    long seq; /* what the game calls it */
    int64_t asked_at, deadline, ended_at;
    bool command; /* no token is asked for */
    long order;   /* of all replies so far, the how manieth this is */
    char *name;   /* bytes as they were pasted in */
    size_t name_len;
    char *sent; /* what went out, with its NUL */
    size_t sent_len;
    char *reply; /* the read in which its reply was found, or NULL */
    size_t reply_len;
};

struct avchat_counts {
    long asked, understood, failed, timeouts;
    long unasked;  /* replies that raised an error in the game */
    long warnings; /* reads without a "seq": that the scan could see */
};
extern struct avchat_counts avchat_counts;

/* How long a player waits, from the next request on. */
void avchat_timeout(int64_t ms);
/* One request, pasted together as avchat.c does. Gives its id. */
long avchat_ask(const char *name, size_t name_len, const char *channel, size_t channel_len);
/* Sends the `len` bytes at `bytes` as they are, as the request with the next number. Gives its id. */
long avchat_send(const char *bytes, size_t len, const char *name, size_t name_len, bool command);
/* The next request's number. */
long avchat_next_seq(void);
void avchat_set_seq(long seq);
/* What one read brought from `c`. */
void avchat_receive(struct connection *c, const char *bytes, size_t len);
/* Tells those who have waited long enough; gives the milliseconds until the next one has, or -1. */
int avchat_expire(void);
/* The game stops: whoever waits waits in vain, and counts as a timeout. */
void avchat_forget(void);
/* By id, or the newest with this seq; NULL when there is none or it is no longer kept. */
struct request *avchat_request(long id);
struct request *avchat_by_seq(long seq);
/* Requests that still wait. */
long avchat_pending(void);

/* ---- initd.c: what of a whole game stands around avchat ---- */

/* Reads the instance file anew, as "/usr/System/initd"->get_instance() does. False when the game could not read it. */
bool initd_get_instance(const char *path);
/* The host that the game names to its players' browsers. */
const char *initd_jitsi_host(void);
/* A player logs in to an unchanged game: in the one room there is, under the account's name in small letters, which
 * `account` holds afterwards. Gives the request's id. */
long user_login(char *account, size_t len);

/* ---- rooms.c: the half that an unmodified game does not have ---- */

/* Gives a command: (`members`, `len`) is JSON without its closing brace, to which the number is added. Gives its id. */
long rooms_command(const char *members, size_t len);
/* What is commanded on each new connection, as a subscription that goes on: from a call_out, as avchat_rooms.c does, or
 * from `inside` connected(), where the game has not counted the connection yet and drops it without a word. */
void rooms_renew(const char *members, size_t len, bool inside);
/* avchat's connected(): somebody has connected, where nobody was. */
void rooms_connected(void);
/* Runs what is due after a turn of the driver's loop. */
void rooms_turn(void);
/* A read without "seq": an event, if it begins like one. */
void rooms_receive(const char *bytes, size_t len);
/* Events so far; the bytes of event number `which` (0 the first ever), or NULL when it is not kept any more. */
long rooms_events(void);
const char *rooms_event(long which, size_t *len);

/* ---- control.c ---- */

/* Until when the game is busy: it neither reads nor runs. 0: it is not. */
extern int64_t busy_until;
/* Opens the game's port and says which it is. */
void control_begin(int port);
/* Reads lines from stdin and answers those that can be answered now; ends the process at end of input. */
void control_read(void);
/* Runs the lines that waited for a busy game, and answers a wait whose time has come. Gives milliseconds until it must
 * be called again, or -1. */
int control_turn(void);

#endif
