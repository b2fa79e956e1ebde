/* What a link has to tell its administrator, kept until Prosody asks: one line each, in order, bounded. */
#ifndef SKOTOS_JOURNAL_H
#define SKOTOS_JOURNAL_H

#include <stddef.h>

enum journal_kind {
    JOURNAL_UP,      /* connected */
    JOURNAL_DOWN,    /* the connection is lost */
    JOURNAL_RETRY,   /* connecting failed; tried again later */
    JOURNAL_REFUSED, /* a request was refused */
    JOURNAL_DRIVER,  /* the game's driver wrote an error text */
    JOURNAL_LOST     /* something could not be kept or came too late */
};

enum journal_level { JOURNAL_DEBUG, JOURNAL_INFO, JOURNAL_WARN, JOURNAL_ERROR };

#define JOURNAL_TEXT_SIZE 400
/* Entries kept; more are counted and said. */
#define JOURNAL_MAX 64

struct journal_entry {
    enum journal_kind kind;
    enum journal_level level;
    char text[JOURNAL_TEXT_SIZE];
};

struct journal {
    struct journal_entry *items; /* owned; JOURNAL_MAX of them, allocated with the first */
    size_t count;
    size_t lost; /* entries that found no room */
};

/* Adds an entry, one line. */
void journal_add(struct journal *journal, enum journal_kind kind, enum journal_level level, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Forgets what was told, and frees the memory. */
void journal_clear(struct journal *journal);

/* "up", "down", …; "debug", "info", "warn", "error": static strings. */
const char *journal_kind_name(enum journal_kind kind);
const char *journal_level_name(enum journal_level level);

#endif
