#include "windows1252.h"

/* What 0x80 to 0x9F stand for; 0: nothing. */
static const unsigned short high[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static unsigned code_of(unsigned char byte) {
    return byte >= 0x80 && byte < 0xA0 && high[byte - 0x80] ? high[byte - 0x80] : byte;
}

static unsigned char byte_of(unsigned code) {
    for (unsigned i = 0; i < 32; i++) {
        if (high[i] == code) {
            return (unsigned char)(0x80 + i);
        }
    }
    return (unsigned char)code;
}

size_t windows1252_to_utf8(char *out, const char *text, size_t len) {
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned code = code_of((unsigned char)text[i]);
        if (code < 0x80) {
            out[n++] = (char)code;
        } else if (code < 0x800) {
            out[n++] = (char)(0xC0 | (code >> 6));
            out[n++] = (char)(0x80 | (code & 0x3F));
        } else {
            out[n++] = (char)(0xE0 | (code >> 12));
            out[n++] = (char)(0x80 | (code >> 6 & 0x3F));
            out[n++] = (char)(0x80 | (code & 0x3F));
        }
    }
    return n;
}

size_t windows1252_escape(char *out, struct text text) {
    static const char hex[] = "0123456789abcdef";
    size_t n = 0, i = 0;
    while (i < text.len) {
        unsigned char lead = (unsigned char)text.at[i++];
        if (lead < 0x80) {
            out[n++] = (char)lead;
            continue;
        }
        unsigned code = lead & (lead < 0xE0 ? 0x1F : 0x0F);
        for (; i < text.len && ((unsigned char)text.at[i] & 0xC0) == 0x80; i++) {
            code = code << 6 | ((unsigned char)text.at[i] & 0x3F);
        }
        unsigned char byte = byte_of(code);
        out[n++] = '\\';
        out[n++] = 'x';
        out[n++] = hex[byte >> 4];
        out[n++] = hex[byte & 15];
    }
    return n;
}
