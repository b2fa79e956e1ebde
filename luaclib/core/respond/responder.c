#include "responder.h"

#include <time.h>

static const struct fault refused_for_sequence = {
    FAULT_SEQUENCE,
    "refused: it came together with what a player's name has split in pieces, or was one of them; please ask again"};
static const struct fault refused_as_doubtful = {
    FAULT_SEQUENCE, "refused: no command is taken that came between other requests; please give it again"};
static const struct fault no_memory = {FAULT_MEMORY, "no memory for the request"};

static void note_refusal(const struct request *request, const struct fault *fault, bool heard,
                         struct journal *journal) {
    if (request->numbered) {
        journal_add(journal, JOURNAL_REFUSED, JOURNAL_WARN, "request %lld refused (%s): %s%s", (long long)request->seq,
                    fault_name(fault->code), fault->text, heard ? "" : " [its number was not asked: no reply]");
    } else {
        journal_add(journal, JOURNAL_REFUSED, JOURNAL_WARN, "a request without a number refused (%s): %s%s",
                    fault_name(fault->code), fault->text, heard ? "" : " [no reply]");
    }
}

static void note_withheld(const struct responder *responder, const struct request *request, struct journal *journal) {
    if (policy_withholds(&responder->issuer->policy, request)) {
        char quoted[FAULT_QUOTE_SIZE];
        journal_add(journal, JOURNAL_REFUSED, JOURNAL_WARN,
                    "request %lld of %s, one of skotos_moderators, came together with others: a plain player's token",
                    (long long)request->seq, fault_quote(quoted, request->name.at, request->name.len));
    }
}

size_t responder_reply(struct responder *responder, const struct request *request, const struct fault *fault,
                       bool heard, int64_t now, struct journal *journal, char *out, size_t room) {
    struct fault own = {.code = FAULT_NONE};
    size_t len;
    responder->requests++;
    if (fault) {
        len = issuer_refusal(request->numbered, request->seq, fault, now, out, room);
    } else {
        len = issuer_reply(responder->issuer, request, now, responder->reply_size, out, room, &own);
        fault = &own;
    }
    if (fault->code == FAULT_NONE) {
        responder->tokens++;
        note_withheld(responder, request, journal);
    } else {
        responder->refused++;
        responder->refused_by[fault->code]++;
        note_refusal(request, fault, heard, journal);
    }
    return len;
}

/* Why the entry is refused without looking at what it asks for, or NULL. */
static const struct fault *fault_of(const struct entry *entry) {
    if (!entry->sound) {
        return entry->fault ? entry->fault : &no_memory;
    }
    if (entry->arrival.whole == WHOLE_NOT) {
        return &refused_for_sequence;
    }
    return entry->arrival.whole == WHOLE_PERHAPS && entry->arrival.command ? &refused_as_doubtful : NULL;
}

static void answer(struct responder *responder, const struct entry *entry, const struct fault *fault,
                   struct outbox *outbox, struct journal *journal) {
    char reply[REPLY_OPEN_MAX];
    bool heard = entry->arrival.answer && entry->request.numbered;
    size_t len =
        responder_reply(responder, &entry->request, fault, heard, (int64_t)time(NULL), journal, reply, sizeof reply);
    int64_t deadline_ns = entry->arrived_ns + REPLY_WITHIN_NS;
    if (heard && (len == 0 || !outbox_push(outbox, reply, len, deadline_ns))) {
        /* A failure is shorter, and there may be memory for it. */
        const struct request *request = &entry->request;
        len = issuer_refusal(request->numbered, request->seq, &no_memory, (int64_t)time(NULL), reply, sizeof reply);
        responder->dropped += outbox_push(outbox, reply, len, deadline_ns) ? 0 : 1;
    }
}

/* Has a sound command wait to be carried out. False, with `fault` set, when it may not be, or cannot. */
static bool take_command(struct responder *responder, struct entry *entry, struct outbox *outbox, struct fault *fault) {
    uint64_t ticket;
    if (!policy_allows_command(&responder->issuer->policy, entry->request.fields, fault)) {
        return false;
    }
    if (!outbox_reserve(outbox, entry->arrived_ns + REPLY_WITHIN_NS, &ticket)) {
        fault_set(fault, FAULT_MEMORY, "no room for the command's reply");
        return false;
    }
    if (!command_queue_add(responder->commands, entry, ticket)) {
        /* The place in the outbox is the newest one: the reply that is pushed now would stand behind an empty one. */
        outbox_release(outbox, ticket);
        fault_set(fault, FAULT_MEMORY, "no memory for the command");
        return false;
    }
    responder->requests++;
    responder->commands_taken++;
    return true;
}

bool responder_some(struct responder *responder, struct request_queue *requests, struct outbox *outbox,
                    struct journal *journal, int most) {
    struct entry *entry;
    for (int i = 0; i < most && (entry = request_queue_next(requests)) != NULL; i++) {
        struct fault own;
        const struct fault *fault = fault_of(entry);
        if (!fault && entry->request.command >= 0 && responder->commands) {
            if (take_command(responder, entry, outbox, &own)) {
                continue;
            }
            fault = &own;
        }
        answer(responder, entry, fault, outbox, journal);
        entry_free(entry);
    }
    return requests->head && requests->head != requests->batch;
}
