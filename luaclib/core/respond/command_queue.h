/* Commands that were taken in and are not answered yet, each with the place in the outbox that is kept for its reply.
 */
#ifndef SKOTOS_COMMAND_QUEUE_H
#define SKOTOS_COMMAND_QUEUE_H

#include "request_queue.h"

#include <stdint.h>

struct pending_command {
    struct pending_command *next;
    struct entry *entry; /* owned; a sound request for a command */
    uint64_t ticket;     /* of its place (outbox.h) */
    bool taken;          /* is being carried out */
};

struct command_queue {
    struct pending_command *head, *tail;
    size_t count;
    size_t untaken;
};

/* Adds `entry`, which then belongs to the queue. False, and it stays the caller's, when memory is short. */
bool command_queue_add(struct command_queue *queue, struct entry *entry, uint64_t ticket);

/* The oldest command that nobody has taken, now taken; NULL when there is none. It stays in the queue. */
const struct pending_command *command_queue_take(struct command_queue *queue);

/* The command with this ticket, or NULL. */
const struct pending_command *command_queue_find(const struct command_queue *queue, uint64_t ticket);

/* Forgets the command with this ticket. */
void command_queue_end(struct command_queue *queue, uint64_t ticket);

/* Forgets all: their connection has ended. */
void command_queue_clear(struct command_queue *queue);

#endif
