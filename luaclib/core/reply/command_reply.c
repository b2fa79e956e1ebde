#include "command_reply.h"

#include "padded_reply.h"
#include "utf8.h"
#include "windows1252.h"

#include <stdlib.h>
#include <string.h>

/* What list_end adds beside the cursor: ],"more":true,"cursor":"" */
#define LIST_TAIL 32
/* Bytes that one byte of text takes at most: \u00XX, also when it was Windows-1252 before: one byte becomes three,
 * which stay as they are. */
#define ESCAPED_MAX 6

static void begin(struct command_reply *reply, char *out, size_t room, size_t limit) {
    *reply =
        (struct command_reply){.writer = writer_into(out, room), .limit = limit > 0 && limit < room ? limit : room};
}

/* The text as UTF-8, in `*owned` when it was Windows-1252, which the caller frees. False when memory is short. */
static bool as_utf8(struct text *text, char **owned) {
    *owned = NULL;
    if (!utf8_valid(text->at, text->len)) {
        *owned = malloc(WINDOWS1252_TO_UTF8_MAX(text->len) + 1);
        if (!*owned) {
            return false;
        }
        *text = (struct text){*owned, windows1252_to_utf8(*owned, text->at, text->len)};
    }
    return true;
}

static void write_string(struct writer *w, struct text value) {
    char *owned;
    if (as_utf8(&value, &owned)) {
        writer_string(w, value.at, value.len);
    } else {
        w->full = true;
    }
    free(owned);
}

/* A comma unless it is the first member, and the name. */
static void write_name(struct writer *w, const char *name) {
    if (w->at > w->start && w->at[-1] != '{') {
        WRITER_LITERAL(w, ",");
    }
    writer_string(w, name, strlen(name));
    WRITER_LITERAL(w, ":");
}

void command_reply_begin(struct command_reply *reply, char *out, size_t room, size_t limit, int64_t seq, bool success,
                         struct text token, struct text message, int64_t time) {
    begin(reply, out, room, limit);
    WRITER_LITERAL(&reply->writer, "{");
    command_reply_integer(reply, "seq", seq);
    command_reply_boolean(reply, "success", success);
    if (token.at) {
        reply_token(&reply->writer, token.at, token.len, true, seq);
    }
    command_reply_text(reply, "message", message);
    command_reply_integer(reply, "time", time);
}

void command_reply_event(struct command_reply *reply, char *out, size_t room, size_t limit, const char *event) {
    begin(reply, out, room, limit);
    WRITER_LITERAL(&reply->writer, "{");
    command_reply_text(reply, "event", (struct text){event, strlen(event)});
}

void command_reply_text(struct command_reply *reply, const char *name, struct text value) {
    write_name(&reply->writer, name);
    write_string(&reply->writer, value);
}

void command_reply_last_text(struct command_reply *reply, const char *name, struct text value) {
    static const char cut[] = ",\"cut\":true";
    size_t taken = (size_t)(reply->writer.at - reply->writer.start) + strlen(name) + sizeof ",\"\":" + sizeof cut +
                   REPLY_CLOSE_MIN;
    size_t room = taken < reply->limit ? reply->limit - taken : 0;
    char *owned;
    if (!as_utf8(&value, &owned)) {
        reply->writer.full = true;
        return;
    }
    size_t fits = writer_string_fitting(value.at, value.len, room);
    command_reply_text(reply, name, (struct text){value.at, fits});
    if (fits < value.len) {
        WRITER_LITERAL(&reply->writer, ",\"cut\":true");
    }
    free(owned);
}

void command_reply_integer(struct command_reply *reply, const char *name, int64_t value) {
    write_name(&reply->writer, name);
    writer_integer(&reply->writer, value);
}

void command_reply_boolean(struct command_reply *reply, const char *name, bool value) {
    write_name(&reply->writer, name);
    if (value) {
        WRITER_LITERAL(&reply->writer, "true");
    } else {
        WRITER_LITERAL(&reply->writer, "false");
    }
}

void command_reply_words(struct command_reply *reply, const char *name) {
    write_name(&reply->writer, name);
    WRITER_LITERAL(&reply->writer, "[");
}

void command_reply_word(struct command_reply *reply, struct text word) {
    struct writer *w = &reply->writer;
    if (w->at > w->start && w->at[-1] != '[') {
        WRITER_LITERAL(w, ",");
    }
    write_string(w, word);
}

void command_reply_words_end(struct command_reply *reply) { WRITER_LITERAL(&reply->writer, "]"); }

void command_reply_list(struct command_reply *reply, const char *name) {
    write_name(&reply->writer, name);
    WRITER_LITERAL(&reply->writer, "[");
}

void command_reply_item(struct command_reply *reply) {
    reply->mark = reply->writer.at;
    if (reply->items > 0) {
        WRITER_LITERAL(&reply->writer, ",");
    }
    WRITER_LITERAL(&reply->writer, "{");
}

bool command_reply_item_end(struct command_reply *reply, struct text cursor) {
    size_t tail = LIST_TAIL + ESCAPED_MAX * cursor.len + REPLY_CLOSE_MIN;
    WRITER_LITERAL(&reply->writer, "}");
    if (reply->writer.full || (size_t)(reply->writer.at - reply->writer.start) + tail > reply->limit) {
        reply->writer.at = reply->mark;
        reply->writer.full = false;
        reply->cut = true;
        return false;
    }
    reply->items++;
    return true;
}

void command_reply_list_end(struct command_reply *reply, struct text last) {
    WRITER_LITERAL(&reply->writer, "]");
    if (reply->cut && reply->items == 0) {
        reply->writer.full = true;
    } else if (reply->cut) {
        command_reply_boolean(reply, "more", true);
        command_reply_text(reply, "cursor", last);
    }
}

size_t command_reply_len(const struct command_reply *reply) {
    size_t len = writer_len(&reply->writer);
    return len + REPLY_CLOSE_MIN <= reply->limit ? len : 0;
}
