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

/* The six bits that a character stands for, plus one; 0 for one that stands for none. */
static const unsigned char bits_of[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
};

/* The bits of `count` characters, the first one's highest; sets `*bad` when one of them stands for none. */
static uint32_t gather(const char *in, size_t count, bool *bad) {
    uint32_t bits = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char six = bits_of[(unsigned char)in[i]];
        *bad |= six == 0;
        bits = bits << 6 | ((six - 1U) & 63);
    }
    return bits;
}

bool base64url_decode(unsigned char *out, size_t *out_len, const char *in, size_t len) {
    unsigned char *at = out;
    size_t rest = len % 4;
    bool bad = rest == 1;
    for (const char *end = in + (len - rest); in < end; in += 4) {
        uint32_t bits = gather(in, 4, &bad);
        *at++ = (unsigned char)(bits >> 16);
        *at++ = (unsigned char)(bits >> 8);
        *at++ = (unsigned char)bits;
    }
    if (rest == 2) {
        uint32_t bits = gather(in, 2, &bad);
        *at++ = (unsigned char)(bits >> 4);
        bad |= (bits & 15) != 0;
    } else if (rest == 3) {
        uint32_t bits = gather(in, 3, &bad);
        *at++ = (unsigned char)(bits >> 10);
        *at++ = (unsigned char)(bits >> 2);
        bad |= (bits & 3) != 0;
    }
    *out_len = (size_t)(at - out);
    return !bad;
}
