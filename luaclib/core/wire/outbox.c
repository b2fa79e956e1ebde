#include "outbox.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

static struct outbox_slot *slot_at(const struct outbox *outbox, uint64_t ticket) {
    return &outbox->slots[ticket % outbox->capacity];
}

static void forget(struct outbox *outbox, struct outbox_slot *slot) {
    if (slot->bytes) {
        OPENSSL_cleanse(slot->bytes, slot->len); /* it may hold a token */
        free(slot->bytes);
        slot->bytes = NULL;
        outbox->bytes -= slot->len;
    }
}

size_t outbox_clear(struct outbox *outbox) {
    size_t waiting = outbox->count;
    while (outbox->count > 0) {
        outbox_pop(outbox);
    }
    free(outbox->slots);
    outbox->slots = NULL;
    outbox->capacity = 0;
    return waiting;
}

static bool grow(struct outbox *outbox) {
    size_t capacity = outbox->capacity ? outbox->capacity * 2 : FIRST_CAPACITY;
    if (outbox->count >= OUTBOX_MAX) {
        return false;
    }
    struct outbox_slot *slots = calloc(capacity, sizeof *slots);
    if (!slots) {
        return false;
    }
    for (uint64_t t = outbox->first; t < outbox->first + outbox->count; t++) {
        slots[t % capacity] = *slot_at(outbox, t);
    }
    free(outbox->slots);
    outbox->slots = slots;
    outbox->capacity = capacity;
    return true;
}

static char *copy_of(const char *bytes, size_t len) {
    char *copy = malloc(len > 0 ? len : 1);
    if (copy) {
        memcpy(copy, bytes, len);
    }
    return copy;
}

bool outbox_reserve(struct outbox *outbox, int64_t deadline_ns, uint64_t *ticket) {
    if (outbox->count == outbox->capacity && !grow(outbox)) {
        return false;
    }
    *ticket = outbox->first + outbox->count++;
    *slot_at(outbox, *ticket) = (struct outbox_slot){.deadline_ns = deadline_ns};
    return true;
}

bool outbox_fill(struct outbox *outbox, uint64_t ticket, const char *bytes, size_t len) {
    if (ticket < outbox->first || ticket >= outbox->first + outbox->count) {
        return false;
    }
    struct outbox_slot *slot = slot_at(outbox, ticket);
    if (slot->bytes) {
        return false;
    }
    slot->bytes = copy_of(bytes, len);
    slot->len = len;
    outbox->bytes += slot->bytes ? len : 0;
    return slot->bytes != NULL;
}

bool outbox_push(struct outbox *outbox, const char *bytes, size_t len, int64_t deadline_ns) {
    uint64_t ticket;
    char *copy = copy_of(bytes, len);
    if (!copy || !outbox_reserve(outbox, deadline_ns, &ticket)) {
        free(copy);
        return false;
    }
    slot_at(outbox, ticket)->bytes = copy;
    slot_at(outbox, ticket)->len = len;
    outbox->bytes += len;
    return true;
}

void outbox_release(struct outbox *outbox, uint64_t ticket) {
    if (outbox->count > 0 && ticket == outbox->first + outbox->count - 1) {
        forget(outbox, slot_at(outbox, ticket));
        outbox->count--;
    }
}

struct outbox_slot *outbox_front(struct outbox *outbox) {
    return outbox->count > 0 ? slot_at(outbox, outbox->first) : NULL;
}

void outbox_pop(struct outbox *outbox) {
    struct outbox_slot *slot = outbox_front(outbox);
    if (slot) {
        forget(outbox, slot);
        outbox->first++;
        outbox->count--;
    }
}
