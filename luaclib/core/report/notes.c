#include "notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void notes_add(struct notes *notes, enum note_kind kind, enum note_level level, const char *format, ...) {
    va_list args;
    if (!notes->items) {
        notes->items = calloc(NOTES_MAX, sizeof *notes->items);
    }
    if (!notes->items || notes->count == NOTES_MAX) {
        notes->lost++;
        return;
    }
    struct note *note = &notes->items[notes->count++];
    note->kind = kind;
    note->level = level;
    va_start(args, format);
    vsnprintf(note->text, sizeof note->text, format, args);
    va_end(args);
}

void notes_clear(struct notes *notes) {
    notes->count = 0;
    notes->lost = 0;
}

void notes_free(struct notes *notes) {
    free(notes->items);
    notes->items = NULL;
    notes_clear(notes);
}

const char *note_kind_name(enum note_kind kind) {
    static const char *const names[] = {"up", "down", "retry", "resolve", "refused", "driver", "lost"};
    return names[kind];
}

const char *note_level_name(enum note_level level) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    return names[level];
}
