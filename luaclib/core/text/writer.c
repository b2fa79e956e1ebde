#include "writer.h"

#include <string.h>

struct writer writer_into(char *out, size_t room) {
    struct writer writer = {out, out, out + room, false};
    return writer;
}

size_t writer_len(const struct writer *writer) { return writer->full ? 0 : (size_t)(writer->at - writer->start); }

void writer_bytes(struct writer *writer, const char *bytes, size_t len) {
    if (writer->full || (size_t)(writer->end - writer->at) < len) {
        writer->full = true;
        return;
    }
    memcpy(writer->at, bytes, len);
    writer->at += len;
}

/* How JSON writes the byte `c` inside a string: the escape goes to `out`; returns its length, 0 when the byte stands
 * for itself. */
static size_t escape(char out[6], unsigned char c) {
    static const char hex[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        out[0] = '\\';
        out[1] = (char)c;
        return 2;
    }
    if (c >= 0x20) {
        return 0;
    }
    memcpy(out, "\\u00", 4);
    out[4] = hex[c >> 4];
    out[5] = hex[c & 15];
    return 6;
}

void writer_string(struct writer *writer, const char *text, size_t len) {
    size_t from = 0;
    char escaped[6];
    WRITER_LITERAL(writer, "\"");
    for (size_t i = 0; i < len; i++) {
        size_t n = escape(escaped, (unsigned char)text[i]);
        if (n > 0) {
            writer_bytes(writer, text + from, i - from);
            writer_bytes(writer, escaped, n);
            from = i + 1;
        }
    }
    writer_bytes(writer, text + from, len - from);
    WRITER_LITERAL(writer, "\"");
}

size_t writer_string_fitting(const char *text, size_t len, size_t room) {
    size_t whole = 0, taken = 2;
    char escaped[6];
    for (size_t i = 0; i < len; i++) {
        size_t n = escape(escaped, (unsigned char)text[i]);
        taken += n > 0 ? n : 1;
        if (taken > room) {
            break;
        }
        if (i + 1 == len || ((unsigned char)text[i + 1] & 0xC0) != 0x80) {
            whole = i + 1;
        }
    }
    return whole;
}

void writer_integer(struct writer *writer, int64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    writer_bytes(writer, digits + at, sizeof digits - at);
}
