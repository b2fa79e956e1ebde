#include "name_list.h"

#include "ascii.h"

#include <stdlib.h>
#include <string.h>

bool name_list_add(struct name_list *list, const char *name, size_t len) {
    char **names = realloc(list->names, (list->count + 1) * sizeof *names);
    if (!names) {
        return false;
    }
    list->names = names;
    size_t *lengths = realloc(list->lengths, (list->count + 1) * sizeof *lengths);
    if (!lengths) {
        return false;
    }
    list->lengths = lengths;
    char *copy = malloc(len + 1);
    if (!copy) {
        return false;
    }
    memcpy(copy, name, len);
    copy[len] = '\0';
    names[list->count] = copy;
    lengths[list->count++] = len;
    return true;
}

bool name_list_has(const struct name_list *list, struct text name) {
    for (size_t i = 0; i < list->count; i++) {
        if (list->lengths[i] == name.len && memcmp(list->names[i], name.at, name.len) == 0) {
            return true;
        }
    }
    return false;
}

bool name_list_has_any_case(const struct name_list *list, struct text name) {
    for (size_t i = 0; i < list->count; i++) {
        if (ascii_same((struct text){list->names[i], list->lengths[i]}, name)) {
            return true;
        }
    }
    return false;
}

void name_list_free(struct name_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->names[i]);
    }
    free(list->names);
    free(list->lengths);
    memset(list, 0, sizeof *list);
}
