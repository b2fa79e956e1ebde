#define _GNU_SOURCE
#include "failing.h"

#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long left, count;

static int fails(void) {
    count++;
    return left > 0 && --left == 0;
}

void failing_at(long nth) {
    left = nth;
    count = 0;
}

long failing_count(void) { return count; }

/* What the linker makes of the module's own calls (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *block, size_t size) { return fails() ? NULL : __real_realloc(block, size); }

char *__wrap_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = __wrap_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void *failing_lua(void *unused, void *block, size_t old_size, size_t size) {
    (void)unused;
    (void)old_size;
    if (size == 0) {
        free(block);
        return NULL;
    }
    /* Lua takes for granted that a block can be made smaller, and asks once more after it has collected its garbage. */
    static int again;
    if ((!block || size > old_size) && (again || fails())) {
        again = !again;
        return NULL;
    }
    return __real_realloc(block, size);
}

void must(bool condition, long nth, const char *rule) {
    if (!condition) {
        fprintf(stderr, "allocation %ld: broken rule: %s\n", nth, rule);
        exit(1);
    }
}

static void *openssl_malloc(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return __wrap_malloc(size);
}

static void *openssl_realloc(void *block, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return __wrap_realloc(block, size);
}

static void openssl_free(void *block, const char *file, int line) {
    (void)file;
    (void)line;
    free(block);
}

void failing_begin(void) {
    if (!CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free)) {
        fputs("OpenSSL keeps its own allocator\n", stderr);
        exit(1);
    }
    json_set_alloc_funcs(__wrap_malloc, free);
}
