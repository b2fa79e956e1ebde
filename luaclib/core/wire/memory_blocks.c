#define _GNU_SOURCE
#include "memory_blocks.h"

#include <stdalign.h>
#include <stdlib.h>
#include <sys/mman.h>

#define BLOCK_SIZE ((size_t)32768)
#define ALIGNMENT alignof(max_align_t)
#define ALIGNED(len) (((len) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)

/* AddressSanitizer knows the bounds of what malloc gives only. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_BY_MALLOC
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define EACH_BY_MALLOC
#endif

struct block {
    size_t size, used; /* bytes, this header included */
    size_t users;      /* pieces that are used, and the pool of which it is the newest */
};

/* In front of each piece. */
struct piece {
    struct block *block;
};

#define BLOCK_HEADER ALIGNED(sizeof(struct block))
#define PIECE_HEADER ALIGNED(sizeof(struct piece))

#ifndef EACH_BY_MALLOC

static void leave(struct block *block) {
    if (--block->users == 0) {
        munmap(block, block->size);
    }
}

static struct block *block_new(size_t size) {
    struct block *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
        return NULL;
    }
    *block = (struct block){.size = size, .used = BLOCK_HEADER, .users = 1};
    return block;
}

void *block_take(struct block_pool *pool, size_t len) {
    size_t need = PIECE_HEADER + ALIGNED(len);
    struct block *block = pool->newest;
    if (block && block->users == 1) {
        block->used = BLOCK_HEADER;
    }
    if (!block || block->size - block->used < need) {
        block = block_new(BLOCK_HEADER + need > BLOCK_SIZE ? BLOCK_HEADER + need : BLOCK_SIZE);
        if (!block) {
            return NULL;
        }
        block_pool_end(pool);
        pool->newest = block;
    }
    struct piece *piece = (struct piece *)((char *)block + block->used);
    piece->block = block;
    block->used += need;
    block->users++;
    return (char *)piece + PIECE_HEADER;
}

void block_give(void *piece) { leave(((struct piece *)((char *)piece - PIECE_HEADER))->block); }

void block_pool_end(struct block_pool *pool) {
    if (pool->newest) {
        leave(pool->newest);
        pool->newest = NULL;
    }
}

#else

void *block_take(struct block_pool *pool, size_t len) {
    (void)pool;
    return malloc(len);
}

void block_give(void *piece) { free(piece); }

void block_pool_end(struct block_pool *pool) { (void)pool; }

#endif
