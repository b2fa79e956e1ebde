/* Whole: of a frame that is proved to be one request of the game's, as the game wrote it.
 *
 * The game pastes players' names into its requests as they are. A name that holds a NUL splits its request into several
 * frames. The last one, its tail, ends in the request's own number; the ones before it, decoys, say whatever the name's
 * author likes, any number included, and each may look perfect. What can be relied on:
 *
 * - The game writes a request at once. So where the stream comes to rest behind a frame, a request ends there, and
 *   that frame has its number. Frames are therefore judged together, from one rest to the next (a batch).
 * - On one connection the game's numbers only grow: by one a request, but for requests that it could not send.
 * - A decoy or a tail stands between a frame that begins, and one that ends, as the game's requests for tokens do, and
 *   neither can be a sound command: the first names its own "cmd", the second brings "moderator" and "validFor", which
 *   no command takes together. So a command is whole when not both stand in its batch around it; the frames from the
 *   first that is no command to the last one are the batch's doubtful ones.
 *
 * From the number at the rest before, p, and the one at this rest, m, it follows how many requests the batch has: m -
 * p, less those that were lost. As long as none was lost, a split needs more frames than that. So:
 *
 * - When the frames' numbers count up from p to m, nothing is split, or requests were lost. One doubtful frame is
 *   whole, since a split has two; several are only perhaps whole, and so is one that leaves numbers out.
 * - When they do not, something is split, and nothing of the batch is served. Every number from p to m has been asked
 *   and not answered, so each that stands in the batch gets one failure; every other number is somebody's invention.
 *   From then on m counts, and no number up to it is ever answered again.
 *
 * Nobody knows p on a new connection. Of a first batch it is taken that no more than one request was lost before each
 * of its own, and of one that is split, that none was.
 *
 * What remains, and what it takes: a frame out of a name, served as a plain player's token (request.h, plain_only):
 * - in a connection's first batch, when it holds more than one frame;
 * - when just as many requests were lost in a batch as a name has decoys, with just their numbers. The game loses
 *   requests of a running connection when somebody else connects to its port, or when 1 MiB waits unread;
 * - when the network parts a write just behind a decoy with the very next number, and the rest comes after this side
 *   has read on. It parts what is longer than a segment, so a batch of more than WHOLE_BYTES proves nothing. Over a
 *   path that carries less than that in one piece (an MTU below 1260) such a decoy counts as whole.
 * And when a write stands still for over a second just behind a line that may be the driver's (request_queue.h), decoys
 * with the next numbers have them answered by a failure before they are asked. */
#ifndef SKOTOS_WHOLE_H
#define SKOTOS_WHOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that any usual path carries in one piece. */
#define WHOLE_BYTES 1200
/* Numbers that are told of a batch that is split: the newest so many. */
#define WHOLE_TOLD_MAX 32768

enum wholeness {
    WHOLE_NOT,     /* not to be served */
    WHOLE_PERHAPS, /* no more than a plain player's token may be given */
    WHOLE_PROVEN
};

/* One frame. */
struct arrival {
    struct arrival *next; /* the next one of its batch, NULL: it is the last */
    bool numbered;        /* in: it has a number */
    int64_t seq;          /* in: that number */
    bool command;         /* in: it is a sound command */
    enum wholeness whole; /* out */
    bool answer;          /* out: the game has asked this number and had no answer: this frame's is to be given */
};

/* One connection's count. All zero: nothing has come yet. */
struct count {
    bool known;
    int64_t last; /* the number at the last rest */
    bool early;   /* that number was told before its request had ended, and may come once more */
};

enum rest {
    REST_NOT, /* the stream cannot rest behind this frame: it has no number, or one that came before */
    REST_GAP, /* it may, but numbers are missing, or this was no rest: wait a little for more */
    REST_FULL
};

/* Whether the stream may rest behind a frame, the last one of a batch of `frames`. */
enum rest count_rest(const struct count *count, bool numbered, int64_t seq, size_t frames);

/* Judges a batch of `frames` arrivals, in the order in which they came, behind which the stream has come to rest with
 * the number `seq`. No doubtful frame is judged better than `most`; with WHOLE_NOT none at all. */
void whole_judge(struct count *count, struct arrival *batch, size_t frames, int64_t seq, enum wholeness most);

/* Judges a batch behind which the stream does not come to rest in time. Only one number must have been asked already:
 * the one behind the count. When the first frame has it, that frame is refused and answered, and leaves the batch; true
 * then. */
bool whole_give_up(struct count *count, struct arrival *first);

#endif
