#include "journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void journal_add(struct journal *journal, enum journal_kind kind, enum journal_level level, const char *format, ...) {
    va_list args;
    if (!journal->items) {
        journal->items = malloc(JOURNAL_MAX * sizeof *journal->items);
    }
    if (!journal->items || journal->count == JOURNAL_MAX) {
        journal->lost++;
        return;
    }
    struct journal_entry *entry = &journal->items[journal->count++];
    entry->kind = kind;
    entry->level = level;
    va_start(args, format);
    vsnprintf(entry->text, sizeof entry->text, format, args);
    va_end(args);
}

void journal_clear(struct journal *journal) {
    free(journal->items);
    *journal = (struct journal){0};
}

const char *journal_kind_name(enum journal_kind kind) {
    static const char *const names[] = {"up", "down", "retry", "refused", "driver", "lost"};
    return names[kind];
}

const char *journal_level_name(enum journal_level level) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    return names[level];
}
