/* JSON (RFC 8259) read strictly into an array of nodes, without allocating: what a token holds. jansson takes 7 µs for
 * a token's payload where this takes less than 1. */
#ifndef SKOTOS_JSON_TREE_H
#define SKOTOS_JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most values in a text, containers included. */
#define JSON_TREE_VALUES_MAX 512
/* Deepest nesting of objects and arrays; the outermost is 1. */
#define JSON_TREE_DEPTH_MAX 16

enum json_kind {
    JSON_KIND_OBJECT,
    JSON_KIND_ARRAY,
    JSON_KIND_STRING,
    JSON_KIND_INTEGER,
    JSON_KIND_REAL,
    JSON_KIND_TRUE,
    JSON_KIND_FALSE,
    JSON_KIND_NULL
};

struct json_node {
    enum json_kind kind;
    uint32_t count; /* members of an object, elements of an array */
    uint32_t next;  /* index behind this value and all inside it: the next sibling, if there is one */
    uint32_t key_len;
    const char *key; /* the member's name, NULL in an array and at the top; ends with no NUL */
    union {
        struct {
            const char *at;
            size_t len;
        } text;          /* STRING */
        int64_t integer; /* INTEGER */
        double real;     /* REAL */
    } value;
};

/* Depth first: an object's or array's values begin right behind it. */
struct json_tree {
    struct json_node nodes[JSON_TREE_VALUES_MAX];
    uint32_t count;
};

/* Reads `len` bytes at `bytes`, which are written to (escapes are taken out in place) and must outlive the tree: keys
 * and strings point into them. Returns NULL when all is well; else what is wrong, as a static text that fits behind
 * "the header ". Refused, beyond what is no JSON: anything but an object at the top, a name twice in one object, what
 * is not printable in a string that is not plain ASCII (printable.h), bytes that are no UTF-8, lone surrogates,
 * integers beyond int64_t, reals beyond double, and what is over the two bounds above. */
const char *json_tree_read(struct json_tree *tree, char *bytes, size_t len);

/* The member `name` of the object `object`, a node of `tree`; NULL when there is none, or `object` is NULL or no
 * object. */
const struct json_node *json_tree_member(const struct json_tree *tree, const struct json_node *object,
                                         const char *name);

/* The value behind `node` and its contents. A loop over a container's `count` values starts at the container + 1. */
const struct json_node *json_tree_after(const struct json_tree *tree, const struct json_node *node);

/* What `node` is, in an administrator's words ("a number", "nothing" for NULL). Static. */
const char *json_tree_describe(const struct json_node *node);

#endif
