#include "command_queue.h"

#include <stdlib.h>

bool command_queue_add(struct command_queue *queue, struct entry *entry, uint64_t ticket) {
    struct pending_command *command = malloc(sizeof *command);
    if (!command) {
        return false;
    }
    *command = (struct pending_command){.entry = entry, .ticket = ticket};
    if (queue->tail) {
        queue->tail->next = command;
    } else {
        queue->head = command;
    }
    queue->tail = command;
    queue->count++;
    queue->untaken++;
    return true;
}

const struct pending_command *command_queue_take(struct command_queue *queue) {
    if (queue->untaken == 0) {
        return NULL;
    }
    struct pending_command *command = queue->head;
    while (command->taken) {
        command = command->next;
    }
    command->taken = true;
    queue->untaken--;
    return command;
}

const struct pending_command *command_queue_find(const struct command_queue *queue, uint64_t ticket) {
    const struct pending_command *command = queue->head;
    while (command && command->ticket != ticket) {
        command = command->next;
    }
    return command;
}

/* Takes the command behind `before` (NULL: the first) out and frees it. */
static void drop(struct command_queue *queue, struct pending_command *before) {
    struct pending_command *command = before ? before->next : queue->head;
    if (before) {
        before->next = command->next;
    } else {
        queue->head = command->next;
    }
    if (queue->tail == command) {
        queue->tail = before;
    }
    queue->count--;
    queue->untaken -= command->taken ? 0 : 1;
    entry_free(command->entry);
    free(command);
}

void command_queue_end(struct command_queue *queue, uint64_t ticket) {
    struct pending_command *before = NULL;
    for (struct pending_command *command = queue->head; command; before = command, command = command->next) {
        if (command->ticket == ticket) {
            drop(queue, before);
            return;
        }
    }
}

void command_queue_clear(struct command_queue *queue) {
    while (queue->head) {
        drop(queue, NULL);
    }
}
