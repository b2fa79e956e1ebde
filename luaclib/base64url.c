#include "base64url.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t base64url_encode(char *out, const unsigned char *in, size_t len) {
    char *at = out;
    size_t i = 0;
    for (; i + 2 < len; i += 3) {
        uint32_t bits = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        *at++ = alphabet[bits >> 18];
        *at++ = alphabet[bits >> 12 & 63];
        *at++ = alphabet[bits >> 6 & 63];
        *at++ = alphabet[bits & 63];
    }
    if (i < len) {
        uint32_t bits = (uint32_t)in[i] << 16 | (i + 1 < len ? (uint32_t)in[i + 1] << 8 : 0);
        *at++ = alphabet[bits >> 18];
        *at++ = alphabet[bits >> 12 & 63];
        if (i + 1 < len) {
            *at++ = alphabet[bits >> 6 & 63];
        }
    }
    return (size_t)(at - out);
}

/* The six bits that `c` stands for, or 64. */
static uint32_t bits_of(char c) {
    if (c >= 'A' && c <= 'Z') {
        return (uint32_t)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (uint32_t)(c - 'a') + 26;
    }
    if (c >= '0' && c <= '9') {
        return (uint32_t)(c - '0') + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : 64;
}

bool base64url_decode(unsigned char *out, size_t *out_len, const char *in, size_t len) {
    uint32_t held = 0;
    unsigned held_bits = 0;
    size_t n = 0;
    if (len % 4 == 1) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        uint32_t bits = bits_of(in[i]);
        if (bits == 64) {
            return false;
        }
        held = held << 6 | bits;
        held_bits += 6;
        if (held_bits >= 8) {
            held_bits -= 8;
            out[n++] = (unsigned char)(held >> held_bits & 0xFF);
        }
    }
    *out_len = n;
    return (held & ((1U << held_bits) - 1)) == 0;
}
