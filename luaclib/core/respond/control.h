/* What one game's connection has to do with its rooms beyond tokens: commands that wait, events that are to be told,
 * and which of them are wanted. All of it ends with the connection. */
#ifndef SKOTOS_CONTROL_H
#define SKOTOS_CONTROL_H

#include "command_queue.h"
#include "event_queue.h"
#include "outbox.h"
#include "policy.h"
#include "subscription.h"

struct control {
    struct command_queue commands;
    struct event_queue events;
    struct subscription subscription;
    struct outbox *outbox; /* the connection's; replies to commands go there */
};

/* Puts the open reply (`bytes`, `len`) of the command with this ticket into its place and forgets the command. False
 * when the ticket is unknown (answered already, or of an earlier connection) or the reply comes too late; the command
 * is forgotten then too. */
bool control_reply(struct control *control, uint64_t ticket, const char *bytes, size_t len);

/* Puts a checked subscribe into force. False when memory is short, or too many rooms are named (subscription.h). */
bool control_subscribe(struct control *control, const struct command_fields *fields);

/* Whether `event` of `channel` is to be told on this connection: asked for, and in a room of the game. */
bool control_wants(const struct control *control, const struct policy *policy, enum room_event event,
                   struct text channel);

/* The connection has ended: forgets everything. Returns of how many events the game was told nothing. */
uint64_t control_clear(struct control *control);

#endif
