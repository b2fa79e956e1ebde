#include "padded_reply.h"

#include "writer.h"

#include <string.h>

size_t reply_open(char *out, size_t room, const struct reply *reply) {
    struct writer w = writer_into(out, room);
    WRITER_LITERAL(&w, "{");
    if (reply->numbered) {
        WRITER_LITERAL(&w, "\"seq\":");
        writer_integer(&w, reply->seq);
        WRITER_LITERAL(&w, ",");
    }
    if (reply->success) {
        WRITER_LITERAL(&w, "\"success\":true,\"token\":\"");
        writer_bytes(&w, reply->token, reply->token_len);
        WRITER_LITERAL(&w, "\",");
    } else {
        WRITER_LITERAL(&w, "\"success\":false,\"token\":\"\",");
    }
    if (reply->numbered) {
        WRITER_LITERAL(&w, "\"to\":{\"seq\":");
        writer_integer(&w, reply->seq);
        WRITER_LITERAL(&w, ",\"token\":\"\"},");
    }
    WRITER_LITERAL(&w, "\"message\":");
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
