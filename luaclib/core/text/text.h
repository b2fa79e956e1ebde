/* Text inside somebody else's memory. */
#ifndef SKOTOS_TEXT_H
#define SKOTOS_TEXT_H

#include <stddef.h>

/* `len` bytes of UTF-8 at `at`, no NUL after them. `at` is NULL when it was not given. */
struct text {
    const char *at;
    size_t len;
};

#endif
