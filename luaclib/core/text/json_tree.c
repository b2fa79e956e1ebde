#include "json_tree.h"

#include "printable.h"
#include "utf8.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Characters of the longest number with a fraction or exponent. */
#define REAL_MAX 40

static const char no_json[] = "is no JSON", unprintable[] = "has a character in a string that XML cannot hold";

struct reader {
    struct json_tree *tree;
    char *at, *end;
    const char *fault; /* the first one; NULL so far */
    int depth;
};

static bool fail(struct reader *r, const char *fault) {
    r->fault = fault;
    return false;
}

static void skip_space(struct reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r')) {
        r->at++;
    }
}

/* Steps over `c` and the space in front of it, if it comes next. */
static bool take(struct reader *r, char c) {
    skip_space(r);
    if (r->at < r->end && *r->at == c) {
        r->at++;
        return true;
    }
    return false;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four hexadecimal digits behind \u; -1 when they are none. */
static int32_t read_hex(struct reader *r) {
    int32_t unit = 0;
    if (r->end - r->at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*r->at++);
        if (digit < 0) {
            return -1;
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

static char *put_utf8(char *out, int32_t c) {
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xC0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *out++ = (char)(0xE0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    } else {
        *out++ = (char)(0xF0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3F));
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    }
    return out;
}

/* What \uXXXX stands for, with the second half of a pair; NULL when it is not allowed. Never longer than its escape. */
static char *read_unicode(struct reader *r, char *out) {
    int32_t c = read_hex(r);
    if (c >= 0xD800 && c < 0xDC00 && r->end - r->at > 2 && r->at[0] == '\\' && r->at[1] == 'u') {
        r->at += 2;
        int32_t low = read_hex(r);
        c = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : -1;
    }
    if (c < 0 || (c >= 0xD800 && c < 0xE000)) {
        r->fault = no_json;
        return NULL;
    }
    return put_utf8(out, c);
}

static char *read_escape(struct reader *r, char *out) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found = r->at < r->end && *r->at ? strchr(from, *r->at) : NULL;
    if (found) {
        r->at++;
        *out++ = to[found - from];
        return out;
    }
    if (r->at < r->end && *r->at == 'u') {
        r->at++;
        return read_unicode(r, out);
    }
    r->fault = no_json;
    return NULL;
}

/* A string behind its opening quote. */
static bool read_text(struct reader *r, const char **text, size_t *len) {
    char *start = r->at, *out = r->at;
    unsigned char seen = 0;
    while (r->at < r->end && *r->at != '"') {
        unsigned char c = (unsigned char)*r->at++;
        if (c < 0x20 || c == 0x7F) {
            return fail(r, c == 0x7F ? unprintable : no_json);
        }
        seen |= c;
        if (c == '\\') {
            out = read_escape(r, out);
            if (!out) {
                return false;
            }
        } else {
            *out++ = (char)c;
        }
    }
    if (r->at == r->end) {
        return fail(r, no_json);
    }
    r->at++;
    *text = start;
    *len = (size_t)(out - start);
    /* What escapes stand for is UTF-8 already. */
    if ((seen & 0x80) && !utf8_valid(start, *len)) {
        return fail(r, "is not UTF-8");
    }
    bool plain = !(seen & 0x80) && *len == (size_t)(r->at - 1 - start);
    return plain || printable_find_other(start, *len) == *len || fail(r, unprintable);
}

static size_t skip_digits(struct reader *r) {
    char *start = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        r->at++;
    }
    return (size_t)(r->at - start);
}

static bool read_real(struct reader *r, const char *start, struct json_node *node) {
    char copy[REAL_MAX + 1];
    size_t len = (size_t)(r->at - start);
    if (len > REAL_MAX) {
        return fail(r, "has a number that is too long");
    }
    memcpy(copy, start, len);
    copy[len] = '\0';
    /* strtod reads the locale's point. */
    char *point = strchr(copy, '.');
    if (point) {
        *point = *localeconv()->decimal_point;
    }
    node->kind = JSON_KIND_REAL;
    node->value.real = strtod(copy, NULL);
    return isfinite(node->value.real) || fail(r, "has a number that is too large");
}

static bool read_integer(struct reader *r, const char *start, struct json_node *node) {
    bool negative = *start == '-';
    int64_t value = 0;
    for (const char *at = start + negative; at < r->at; at++) {
        /* Downwards: the least integer has no positive counterpart. */
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, *at - '0', &value)) {
            return fail(r, "has a number that is too large");
        }
    }
    if (!negative && __builtin_sub_overflow(0, value, &value)) {
        return fail(r, "has a number that is too large");
    }
    node->kind = JSON_KIND_INTEGER;
    node->value.integer = value;
    return true;
}

static bool read_number(struct reader *r, struct json_node *node) {
    const char *start = r->at;
    bool real = false;
    r->at += *r->at == '-';
    const char *first = r->at;
    size_t digits = skip_digits(r);
    if (digits == 0 || (digits > 1 && *first == '0')) {
        return fail(r, no_json);
    }
    if (r->at < r->end && *r->at == '.') {
        real = true;
        r->at++;
        if (skip_digits(r) == 0) {
            return fail(r, no_json);
        }
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        real = true;
        r->at++;
        r->at += r->at < r->end && (*r->at == '+' || *r->at == '-');
        if (skip_digits(r) == 0) {
            return fail(r, no_json);
        }
    }
    return real ? read_real(r, start, node) : read_integer(r, start, node);
}

static bool read_word(struct reader *r, const char *word, size_t len, enum json_kind kind, struct json_node *node) {
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0) {
        return fail(r, no_json);
    }
    r->at += len;
    node->kind = kind;
    return true;
}

static bool read_value(struct reader *r, const char *key, size_t key_len);

/* Whether an earlier member of `object` has the key. */
static bool named_before(const struct json_tree *tree, const struct json_node *object, const char *key, size_t len) {
    const struct json_node *node = object + 1;
    for (uint32_t i = 0; i < object->count; i++, node = json_tree_after(tree, node)) {
        if (node->key_len == len && memcmp(node->key, key, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_member(struct reader *r, const struct json_node *object) {
    const char *key;
    size_t len;
    if (!take(r, '"')) {
        return fail(r, no_json);
    }
    if (!read_text(r, &key, &len)) {
        return false;
    }
    if (named_before(r->tree, object, key, len)) {
        return fail(r, "has a member twice");
    }
    return take(r, ':') ? read_value(r, key, len) : fail(r, no_json);
}

/* An object or array behind its opening bracket. */
static bool read_container(struct reader *r, struct json_node *node) {
    bool object = node->kind == JSON_KIND_OBJECT;
    char closing = object ? '}' : ']';
    if (++r->depth > JSON_TREE_DEPTH_MAX) {
        return fail(r, "nests deeper than 16");
    }
    if (!take(r, closing)) {
        do {
            if (!(object ? read_member(r, node) : read_value(r, NULL, 0))) {
                return false;
            }
            node->count++;
        } while (take(r, ','));
        if (!take(r, closing)) {
            return fail(r, no_json);
        }
    }
    r->depth--;
    return true;
}

static bool read_body(struct reader *r, struct json_node *node) {
    switch (*r->at) {
    case '{':
    case '[':
        node->kind = *r->at++ == '{' ? JSON_KIND_OBJECT : JSON_KIND_ARRAY;
        return read_container(r, node);
    case '"':
        r->at++;
        node->kind = JSON_KIND_STRING;
        return read_text(r, &node->value.text.at, &node->value.text.len);
    case 't':
        return read_word(r, "true", 4, JSON_KIND_TRUE, node);
    case 'f':
        return read_word(r, "false", 5, JSON_KIND_FALSE, node);
    case 'n':
        return read_word(r, "null", 4, JSON_KIND_NULL, node);
    default:
        return read_number(r, node);
    }
}

static bool read_value(struct reader *r, const char *key, size_t key_len) {
    skip_space(r);
    if (r->at == r->end) {
        return fail(r, no_json);
    }
    if (r->tree->count == JSON_TREE_VALUES_MAX) {
        return fail(r, "has more than 512 values");
    }
    struct json_node *node = &r->tree->nodes[r->tree->count++];
    node->count = 0;
    node->key = key;
    node->key_len = (uint32_t)key_len;
    if (!read_body(r, node)) {
        return false;
    }
    node->next = r->tree->count;
    return true;
}

const char *json_tree_read(struct json_tree *tree, char *bytes, size_t len) {
    struct reader r = {tree, bytes, bytes + len, NULL, 0};
    tree->count = 0;
    if (!read_value(&r, NULL, 0)) {
        return r.fault;
    }
    skip_space(&r);
    if (r.at != r.end) {
        return no_json;
    }
    return tree->nodes[0].kind == JSON_KIND_OBJECT ? NULL : "is no JSON object";
}

const struct json_node *json_tree_after(const struct json_tree *tree, const struct json_node *node) {
    return &tree->nodes[node->next];
}

const struct json_node *json_tree_member(const struct json_tree *tree, const struct json_node *object,
                                         const char *name) {
    size_t len = strlen(name);
    if (!object || object->kind != JSON_KIND_OBJECT) {
        return NULL;
    }
    const struct json_node *node = object + 1;
    for (uint32_t i = 0; i < object->count; i++, node = json_tree_after(tree, node)) {
        if (node->key_len == len && memcmp(node->key, name, len) == 0) {
            return node;
        }
    }
    return NULL;
}

const char *json_tree_describe(const struct json_node *node) {
    static const char *const names[] = {
        "an object", "an array", "a string", "a whole number", "a number with a fraction", "true", "false", "null"};
    return node ? names[node->kind] : "nothing";
}
