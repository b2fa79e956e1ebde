/* The writer of replies to commands and of events, given what Lua may give it: any texts, numbers and lists, of its own
 * rooms' people or of another shard's. Its bytes are JSON that says what went in, as far as it fits, never more than
 * their frame; a game's scan finds the reply's own number first, and none in an event. */
#define _GNU_SOURCE
#include "oracle.h"

#include "command_reply.h"
#include "padded_reply.h"
#include "utf8.h"
#include "windows1252.h"

#include <stdlib.h>
#include <string.h>

#define SEQ 17
#define ROOM 16384

static const char *const names[] = {"channel", "id", "displayName", "reason", "why", "since", "count", "muted"};
#define NAMES (sizeof names / sizeof names[0])

static json_t *string_of(struct text text) {
    char *converted = malloc(WINDOWS1252_TO_UTF8_MAX(text.len) + 1);
    MUST(converted, "there is memory");
    size_t len = text.len;
    if (utf8_valid(text.at, len)) {
        memcpy(converted, text.at, len);
    } else {
        len = windows1252_to_utf8(converted, text.at, len);
    }
    json_t *string = json_stringn(converted, len);
    free(converted);
    MUST(string, "a text is a string");
    return string;
}

static struct text take_text(struct input *input) {
    struct text text;
    text.at = input_bytes(input, input_byte(input), &text.len);
    return text;
}

static void write_words(struct command_reply *reply, struct input *input, const char *name, json_t *object) {
    json_t *list = json_array();
    command_reply_words(reply, name);
    for (unsigned left = input_byte(input) % 8; left > 0; left--) {
        struct text word = take_text(input);
        command_reply_word(reply, word);
        json_array_append_new(list, string_of(word));
    }
    command_reply_words_end(reply);
    json_object_set_new(object, name, list);
}

/* Up to eight members, each once. */
static void write_members(struct command_reply *reply, struct input *input, json_t *object) {
    uint8_t which = input_byte(input);
    for (size_t i = 0; i < NAMES; i++) {
        if (!(which & 1U << i)) {
            continue;
        }
        uint8_t kind = input_byte(input);
        int64_t number = (int64_t)((uint64_t)input_word(input) << 48 | kind);
        struct text text;
        switch (kind % 4) {
        case 0:
            command_reply_integer(reply, names[i], number);
            json_object_set_new(object, names[i], json_integer(number));
            break;
        case 1:
            command_reply_boolean(reply, names[i], kind & 4);
            json_object_set_new(object, names[i], json_boolean(kind & 4));
            break;
        case 2:
            write_words(reply, input, names[i], object);
            break;
        default:
            text = take_text(input);
            command_reply_text(reply, names[i], text);
            json_object_set_new(object, names[i], string_of(text));
        }
    }
}

static void write_list(struct command_reply *reply, struct input *input, json_t *object) {
    json_t *list = json_array();
    struct text last = {NULL, 0};
    bool fits = true;
    command_reply_list(reply, "occupants");
    for (unsigned left = input_byte(input); left > 0 && fits; left--) {
        json_t *item = json_object();
        struct text key = take_text(input);
        command_reply_item(reply);
        command_reply_text(reply, "occupant", key);
        json_object_set_new(item, "occupant", string_of(key));
        write_members(reply, input, item);
        fits = command_reply_item_end(reply, key);
        if (fits) {
            last = key;
            json_array_append(list, item);
        }
        json_decref(item);
    }
    command_reply_list_end(reply, last);
    if (!fits && last.at) {
        json_object_set_new(object, "more", json_true());
        json_object_set_new(object, "cursor", string_of(last));
    }
    json_object_set_new(object, "occupants", list);
}

/* A last text may be cut; then it is the beginning of what went in. */
static void check_last(json_t *json, json_t *object) {
    json_t *said = json_object_get(json, "text"), *whole = json_object_get(object, "text");
    if (json_is_true(json_object_get(json, "cut"))) {
        MUST(json_is_string(said) && json_string_length(said) < json_string_length(whole) &&
                 memcmp(json_string_value(said), json_string_value(whole), json_string_length(said)) == 0,
             "a text that is cut is the beginning of what went in");
        json_object_del(json, "cut");
        json_object_set(json, "text", whole);
    }
}

static void check_scan(const char *bytes, size_t len, bool is_event) {
    const char *first = memmem(bytes, len, "\"seq\":", 6);
    MUST(!first == is_event, "a game finds a number in a reply, and none in an event");
    MUST(!first || (first == bytes + 1 && strtol(first + 6, NULL, 10) == SEQ), "it finds the reply's own first");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char out[ROOM + REPLY_CLOSE_MIN];
    struct input input = {data, size};
    struct command_reply reply;
    uint8_t how = input_byte(&input);
    size_t limit = how & 1 ? 64 + input_word(&input) % (ROOM - 64) : 0;
    json_t *object = json_object();
    bool is_event = how & 2;
    if (is_event) {
        command_reply_event(&reply, out, ROOM, limit, "joined");
        json_object_set_new(object, "event", json_string("joined"));
    } else {
        struct text token = {how & 4 ? "a.b.c" : NULL, 5}, message = take_text(&input);
        command_reply_begin(&reply, out, ROOM, limit, SEQ, how & 8, token, message, ORACLE_NOW);
        json_object_set_new(object, "seq", json_integer(SEQ));
        json_object_set_new(object, "success", json_boolean(how & 8));
        json_object_set_new(object, "message", string_of(message));
        json_object_set_new(object, "time", json_integer(ORACLE_NOW));
        if (token.at) {
            json_object_set_new(object, "token", json_string(token.at));
            json_object_set_new(object, "guard", json_pack("{s:i, s:s}", "seq", SEQ, "token", ""));
        }
    }
    write_members(&reply, &input, object);
    if (how & 16) {
        write_list(&reply, &input, object);
    } else if (how & 32) {
        struct text text = take_text(&input);
        command_reply_last_text(&reply, "text", text);
        json_object_set_new(object, "text", string_of(text));
    }
    size_t len = command_reply_len(&reply);
    if (len > 0) {
        MUST(len + REPLY_CLOSE_MIN <= (limit > 0 ? limit : ROOM), "what is written fits its frame");
        len = reply_close(out, len, sizeof out, limit, REPLY_END_NUL);
        MUST(len > 0 && (limit == 0 || len == limit), "and fills it");
        json_t *json = json_loadb(out, len - 1, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
        MUST(json_is_object(json), "a reply is a JSON object");
        json_object_del(json, "pad");
        check_last(json, object);
        MUST(json_equal(json, object), "a reply says what went in");
        check_scan(out, len, is_event);
        json_decref(json);
    }
    json_decref(object);
    return 0;
}
