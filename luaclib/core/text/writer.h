/* Writes JSON text into memory of a fixed size. */
#ifndef SKOTOS_WRITER_H
#define SKOTOS_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes go from `at` up to `end`; what does not fit sets `full` and is not written, nor is anything after it. The
 * memory is the caller's. */
struct writer {
    char *start;
    char *at;
    char *end;
    bool full;
};

/* A writer into the `room` bytes at `out`. */
struct writer writer_into(char *out, size_t room);

/* Bytes written so far; 0 when something did not fit. */
size_t writer_len(const struct writer *writer);

/* Appends `len` bytes as they are. */
void writer_bytes(struct writer *writer, const char *bytes, size_t len);

/* Appends a string literal. */
#define WRITER_LITERAL(writer, literal) writer_bytes((writer), (literal), sizeof(literal) - 1)

/* Appends `len` bytes of UTF-8 as a JSON string (RFC 8259 section 7) with its quotes. */
void writer_string(struct writer *writer, const char *text, size_t len);

/* How many of the `len` bytes of UTF-8, whole characters, make a JSON string of at most `room` bytes. */
size_t writer_string_fitting(const char *text, size_t len, size_t room);

/* Appends a number in decimal. */
void writer_integer(struct writer *writer, int64_t value);

#endif
