/* What a link has to tell its administrator, kept until Prosody asks: one line each, in order, bounded. */
#ifndef SKOTOS_NOTES_H
#define SKOTOS_NOTES_H

#include <stddef.h>

enum note_kind {
    NOTE_UP,      /* connected */
    NOTE_DOWN,    /* the connection is lost */
    NOTE_RETRY,   /* connecting failed; tried again later */
    NOTE_RESOLVE, /* give the address again */
    NOTE_REFUSED, /* a request was refused */
    NOTE_DRIVER,  /* the game's driver wrote an error text */
    NOTE_LOST     /* something could not be kept or came too late */
};

enum note_level { NOTE_DEBUG, NOTE_INFO, NOTE_WARN, NOTE_ERROR };

#define NOTE_TEXT_SIZE 400
/* Notes kept; more are counted and said. */
#define NOTES_MAX 64

struct note {
    enum note_kind kind;
    enum note_level level;
    char text[NOTE_TEXT_SIZE];
};

struct notes {
    struct note *items; /* owned; NOTES_MAX of them, allocated with the first note */
    size_t count;
    size_t lost; /* notes that found no room */
};

/* Adds a line. */
void notes_add(struct notes *notes, enum note_kind kind, enum note_level level, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Forgets what was told. */
void notes_clear(struct notes *notes);

/* Frees the memory. */
void notes_free(struct notes *notes);

/* "up", "down", …; "debug", "info", "warn", "error": static strings. */
const char *note_kind_name(enum note_kind kind);
const char *note_level_name(enum note_level level);

#endif
