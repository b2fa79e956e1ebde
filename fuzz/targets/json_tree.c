#define _GNU_SOURCE
/* json_tree against jansson: the same texts are JSON to both, but for json_tree's own bounds, and mean the same. */
#include "oracle.h"

#include "json_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void compare(const struct json_tree *tree, const struct json_node *node, const json_t *json);

static void compare_object(const struct json_tree *tree, const struct json_node *object, const json_t *json) {
    const struct json_node *node = object + 1;
    MUST(json_is_object(json) && json_object_size(json) == object->count, "an object has the same members");
    for (uint32_t i = 0; i < object->count; i++, node = json_tree_after(tree, node)) {
        char *key = strndup(node->key, node->key_len);
        MUST(key && strlen(key) == node->key_len, "a key holds no NUL");
        const json_t *value = json_object_get(json, key);
        MUST(value, "a member has the same name");
        MUST(json_tree_member(tree, object, key) == node, "a member is found by its name");
        free(key);
        compare(tree, node, value);
    }
}

static void compare_array(const struct json_tree *tree, const struct json_node *array, const json_t *json) {
    const struct json_node *node = array + 1;
    MUST(json_is_array(json) && json_array_size(json) == array->count, "an array has the same length");
    for (uint32_t i = 0; i < array->count; i++, node = json_tree_after(tree, node)) {
        MUST(!node->key, "an element has no name");
        compare(tree, node, json_array_get(json, i));
    }
}

static void compare(const struct json_tree *tree, const struct json_node *node, const json_t *json) {
    switch (node->kind) {
    case JSON_KIND_OBJECT:
        compare_object(tree, node, json);
        break;
    case JSON_KIND_ARRAY:
        compare_array(tree, node, json);
        break;
    case JSON_KIND_STRING:
        MUST(oracle_is_text(json, (struct text){node->value.text.at, node->value.text.len}), "a string is the same");
        break;
    case JSON_KIND_INTEGER:
        MUST(json_is_integer(json) && json_integer_value(json) == node->value.integer, "an integer is the same");
        break;
    case JSON_KIND_REAL:
        MUST(json_is_real(json) && !(json_real_value(json) < node->value.real) &&
                 !(json_real_value(json) > node->value.real),
             "a real is the same");
        break;
    case JSON_KIND_TRUE:
        MUST(json_is_true(json), "true is true");
        break;
    case JSON_KIND_FALSE:
        MUST(json_is_false(json), "false is false");
        break;
    case JSON_KIND_NULL:
        MUST(json_is_null(json), "null is null");
        break;
    }
    MUST(json_tree_describe(node)[0] != '\0', "a value has a description");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct json_tree tree;
    char *copy = malloc(size > 0 ? size : 1);
    MUST(copy, "there is memory");
    memcpy(copy, data, size);
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    const char *wrong = json_tree_read(&tree, copy, size);
    if (wrong) {
        bool own_bound =
            strstr(wrong, "deeper") || strstr(wrong, "512") || strstr(wrong, "too long") || strstr(wrong, "XML");
        /* jansson passes over a raw NUL behind a number or a word, which RFC 8259 does not allow. */
        MUST(own_bound || !json_is_object(json) || memchr(data, '\0', size), "what jansson reads as an object is read");
    } else {
        MUST(json_is_object(json) && !memchr(data, '\0', size), "what is read is an object to jansson");
        compare(&tree, &tree.nodes[0], json);
        MUST(tree.nodes[0].next == tree.count, "the object holds all");
    }
    json_decref(json);
    free(copy);
    return 0;
}
