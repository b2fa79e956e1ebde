#include "padded_reply.h"

#include <string.h>

void reply_token(struct writer *writer, const char *token, size_t len, bool numbered, int64_t seq) {
    WRITER_LITERAL(writer, ",\"token\":\"");
    writer_bytes(writer, token, len);
    WRITER_LITERAL(writer, "\"");
    if (numbered) {
        WRITER_LITERAL(writer, ",\"guard\":{\"seq\":");
        writer_integer(writer, seq);
        WRITER_LITERAL(writer, ",\"token\":\"\"}");
    }
}

size_t reply_open(char *out, size_t room, const struct reply *reply) {
    struct writer w = writer_into(out, room);
    WRITER_LITERAL(&w, "{");
    if (reply->numbered) {
        WRITER_LITERAL(&w, "\"seq\":");
        writer_integer(&w, reply->seq);
        WRITER_LITERAL(&w, ",");
    }
    if (reply->success) {
        WRITER_LITERAL(&w, "\"success\":true");
    } else {
        WRITER_LITERAL(&w, "\"success\":false");
    }
    reply_token(&w, reply->success ? reply->token : "", reply->success ? reply->token_len : 0, reply->numbered,
                reply->seq);
    WRITER_LITERAL(&w, ",\"message\":");
    writer_string(&w, reply->message, strlen(reply->message));
    WRITER_LITERAL(&w, ",\"time\":");
    writer_integer(&w, reply->time);
    return writer_len(&w);
}

size_t reply_close(char *out, size_t len, size_t room, size_t size, enum reply_end end) {
    static const char pad[] = ",\"pad\":\"";
    const size_t pad_len = sizeof pad - 1;
    const size_t tail = end == REPLY_END_NUL ? REPLY_CLOSE_MIN : REPLY_CLOSE_MIN - 1;
    if (len + tail > room || (size > 0 && (len + tail > size || size > room))) {
        return 0;
    }
    if (size > 0) {
        size_t fill = size - tail - len;
        memset(out + len, ' ', fill);
        /* Too little left for the member: plain white space does it. */
        if (fill > pad_len) {
            memcpy(out + len, pad, pad_len);
            out[len + fill - 1] = '"';
        }
        len += fill;
    }
    out[len++] = '}';
    out[len++] = '\n';
    if (end == REPLY_END_NUL) {
        out[len++] = '\0';
    }
    return len;
}
