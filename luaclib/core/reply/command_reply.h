/* Replies to commands, and events, as JSON that a game's scan cannot misread: the reply's own "seq" comes first, and
 * no other text holds one unescaped. Written open, as padded_reply.h has it. */
#ifndef SKOTOS_COMMAND_REPLY_H
#define SKOTOS_COMMAND_REPLY_H

#include "text.h"
#include "writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command_reply {
    struct writer writer;
    size_t limit; /* bytes that the frame may have when it is closed */
    char *mark;   /* where the current item, or the next one, begins */
    size_t items; /* written to the list */
    bool cut;     /* the list was longer */
};

/* Begins a reply into the `room` bytes at `out`, that fits a frame of `limit` bytes (0: `room`). `token` is
 * written, as reply_token does, when its `at` is not NULL. Time in seconds since the epoch. */
void command_reply_begin(struct command_reply *reply, char *out, size_t room, size_t limit, int64_t seq, bool success,
                         struct text token, struct text message, int64_t time);

/* Begins an event instead: {"event":"joined". */
void command_reply_event(struct command_reply *reply, char *out, size_t room, size_t limit, const char *event);

/* Adds one member to the reply, or to the item that is being written. Text that is no UTF-8 is read as Latin-1. */
void command_reply_text(struct command_reply *reply, const char *name, struct text value);
/* The last member: `value`, or as many of its first characters as the frame holds, with "cut":true behind them. */
void command_reply_last_text(struct command_reply *reply, const char *name, struct text value);
void command_reply_integer(struct command_reply *reply, const char *name, int64_t value);
void command_reply_boolean(struct command_reply *reply, const char *name, bool value);

/* A list of words as one member: words, { word } for each, words_end. */
void command_reply_words(struct command_reply *reply, const char *name);
void command_reply_word(struct command_reply *reply, struct text word);
void command_reply_words_end(struct command_reply *reply);

/* A list of objects, as the reply's last member: list, { item, members, item_end } for each, list_end. */
void command_reply_list(struct command_reply *reply, const char *name);
void command_reply_item(struct command_reply *reply);
/* Ends the item, behind which the list can be taken up again with `cursor`. False when it does not fit the frame any
 * more: it is taken back then, and the list is to be ended. */
bool command_reply_item_end(struct command_reply *reply, struct text cursor);
/* `last` is the cursor of the last item that fitted; it is written, with "more", when one did not. */
void command_reply_list_end(struct command_reply *reply, struct text last);

/* Length of the open frame; 0 when it does not fit, or when not even the list's first item did. */
size_t command_reply_len(const struct command_reply *reply);

#endif
