/* The reply writer: its bytes are JSON that says what went in, fill the frame exactly, and read the same to a game that
 * knows no JSON but scans for three substrings (avchat.c). */
#define _GNU_SOURCE
#include "oracle.h"

#include "padded_reply.h"
#include "utf8.h"
#include "windows1252.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_scan(const struct reply *reply, const char *bytes, size_t len) {
    const char *seq = memmem(bytes, len, "\"seq\":", 6);
    MUST(!seq == !reply->numbered, "a game finds a number when there is one");
    if (seq) {
        MUST(strtoll(seq + 6, NULL, 10) == reply->seq, "a game finds the number");
    }
    MUST(!memmem(bytes, len, "\"success\":true", 14) == !reply->success, "a game sees a success when it is one");
    const char *token = memmem(bytes, len, "\"token\":\"", 9);
    MUST(token, "a game finds the token");
    const char *quote = memchr(token + 9, '"', len - (size_t)(token + 9 - bytes));
    size_t wanted = reply->success ? reply->token_len : 0;
    MUST(quote && (size_t)(quote - token) - 9 == wanted && memcmp(token + 9, reply->token, wanted) == 0,
         "a game finds the whole token");
}

static void check_json(const struct reply *reply, const char *bytes, size_t len) {
    json_t *json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
    MUST(json_is_object(json), "a reply is a JSON object");
    const json_t *seq = json_object_get(json, "seq");
    MUST(reply->numbered ? json_is_integer(seq) && json_integer_value(seq) == reply->seq : !seq, "seq is what went in");
    MUST(json_is_boolean(json_object_get(json, "success")) &&
             json_is_true(json_object_get(json, "success")) == reply->success,
         "success is what went in");
    struct text token = {reply->token, reply->success ? reply->token_len : 0};
    MUST(oracle_is_text(json_object_get(json, "token"), token), "the token is what went in");
    struct text message = {reply->message, strlen(reply->message)};
    MUST(oracle_is_text(json_object_get(json, "message"), message), "the message is what went in");
    MUST(json_integer_value(json_object_get(json, "time")) == reply->time, "the time is what went in");
    const json_t *pad = json_object_get(json, "pad");
    MUST(json_object_size(json) == 4 + 2 * (size_t)reply->numbered + (pad ? 1 : 0), "nothing else is said");
    json_decref(json);
}

/* `len` bytes of base64url and dots. */
static char *token_of(struct input *input, size_t len) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    char *token = malloc(len + 1);
    MUST(token, "there is memory");
    for (size_t i = 0; i < len; i++) {
        token[i] = alphabet[input_byte(input) % (sizeof alphabet - 1)];
    }
    return token;
}

/* A message of the input's bytes: UTF-8 without a NUL. */
static char *message_of(struct input *input) {
    size_t len;
    const char *bytes = input_bytes(input, input->left, &len);
    char *message = malloc(WINDOWS1252_TO_UTF8_MAX(len) + 1);
    MUST(message, "there is memory");
    len = strnlen(bytes, len);
    if (utf8_valid(bytes, len)) {
        memcpy(message, bytes, len);
    } else {
        len = windows1252_to_utf8(message, bytes, len);
    }
    message[len] = '\0';
    return message;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    uint8_t how = input_byte(&input);
    size_t room = input_word(&input), frame = input_word(&input);
    enum reply_end end = how & 4 ? REPLY_END_NUL : REPLY_END_NEWLINE;
    struct reply reply = {.numbered = how & 1, .success = how & 2, .time = input_word(&input) * INT64_C(99991)};
    reply.seq = (int64_t)input_word(&input) << 16 | input_word(&input);
    reply.token_len = input_word(&input) % 4096;
    frame = how & 8 ? frame : 0;
    char *token = token_of(&input, reply.token_len), *message = message_of(&input);
    char *out = malloc(room > 0 ? room : 1);
    MUST(out, "there is memory");
    reply.token = token;
    reply.message = message;
    size_t open = reply_open(out, room, &reply);
    MUST(open <= room, "an open reply fits its room");
    size_t tail = end == REPLY_END_NUL ? 3 : 2;
    size_t len = open > 0 ? reply_close(out, open, room, frame, end) : 0;
    if (len > 0) {
        MUST(len == (frame > 0 ? frame : open + tail) && len <= room, "a reply is exactly its frame");
        MUST(end != REPLY_END_NUL || out[--len] == '\0', "a frame ends in NUL");
        MUST(out[--len] == '\n', "a reply ends in a newline");
        MUST(!memchr(out, '\n', len) && !memchr(out, '\0', len), "a reply has one terminator");
        check_json(&reply, out, len);
        check_scan(&reply, out, len);
    } else if (open > 0) {
        MUST(open + tail > room || (frame > 0 && (open + tail > frame || frame > room)), "what fits is written");
    }
    free(out);
    free(token);
    free(message);
    return 0;
}
