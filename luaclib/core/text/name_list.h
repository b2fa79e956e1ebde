/* Lists of names, which may hold any byte. */
#ifndef SKOTOS_NAME_LIST_H
#define SKOTOS_NAME_LIST_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

/* A list of names; the strings and the array are owned by the list. */
struct name_list {
    char **names;
    size_t *lengths;
    size_t count;
};

/* Adds a copy of (`name`, `len`). False when memory is short. */
bool name_list_add(struct name_list *list, const char *name, size_t len);

/* Whether (`name`, `len`) is in the list, byte for byte. */
bool name_list_has(const struct name_list *list, struct text name);

/* Whether (`name`, `len`) is in the list but for the case of ASCII letters, as a game compares accounts: it lower-cases
 * their names, so that no two differ by this alone. All of the name is compared, never a part of it. */
bool name_list_has_any_case(const struct name_list *list, struct text name);

/* Frees the list's memory and empties it. */
void name_list_free(struct name_list *list);

#endif
