#include "answering.h"

#include <time.h>

static const struct fault refused_for_sequence = {
    FAULT_SEQUENCE,
    "refused: what arrived together with this request did not come out of the game in one piece; please ask again"};
static const struct fault no_memory = {FAULT_MEMORY, "no memory for the request"};

static void note_refusal(const struct request *request, const struct fault *fault, bool heard, struct notes *notes) {
    if (request->numbered) {
        notes_add(notes, NOTE_REFUSED, NOTE_WARN, "request %lld refused (%s): %s%s", (long long)request->seq,
                  fault_name(fault->code), fault->text, heard ? "" : " [its number was not asked: no reply]");
    } else {
        notes_add(notes, NOTE_REFUSED, NOTE_WARN, "a request without a number refused (%s): %s%s",
                  fault_name(fault->code), fault->text, heard ? "" : " [no reply]");
    }
}

size_t answering_reply(struct answering *answering, const struct request *request, const struct fault *fault,
                       bool heard, int64_t now, struct notes *notes, char *out, size_t room) {
    struct fault own = {.code = FAULT_NONE};
    size_t len;
    answering->requests++;
    if (fault) {
        len = game_refuse(request->numbered, request->seq, fault, now, out, room);
    } else {
        len = game_answer(answering->game, request, now, answering->reply_size, out, room, &own);
        fault = &own;
    }
    if (fault->code == FAULT_NONE) {
        answering->tokens++;
    } else {
        answering->refused++;
        note_refusal(request, fault, heard, notes);
    }
    return len;
}

/* Why the entry is refused without looking at what it asks for, or NULL. */
static const struct fault *fault_of(const struct entry *entry) {
    if (entry->arrival.sound && !entry->arrival.refused) {
        return NULL;
    }
    return entry->fault ? entry->fault : entry->arrival.sound ? &refused_for_sequence : &no_memory;
}

static void answer(struct answering *answering, const struct entry *entry, struct outbox *outbox, struct notes *notes) {
    char reply[ANSWER_OPEN_MAX];
    bool heard = entry->arrival.answer && entry->request.numbered;
    size_t len = answering_reply(answering, &entry->request, fault_of(entry), heard, (int64_t)time(NULL), notes, reply,
                                 sizeof reply);
    if (heard && (len == 0 || !outbox_push(outbox, reply, len, entry->arrived_ns + ANSWER_WITHIN_NS))) {
        answering->dropped++;
    }
}

bool answering_some(struct answering *answering, struct intake *intake, struct outbox *outbox, struct notes *notes,
                    int most) {
    struct entry *entry;
    for (int i = 0; i < most && (entry = intake_next(intake)) != NULL; i++) {
        answer(answering, entry, outbox, notes);
        entry_free(entry);
    }
    return intake->head && intake->head != intake->unjudged;
}
