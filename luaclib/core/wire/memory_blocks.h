/* Memory for what is taken in large numbers for a moment, as the requests of a burst are: in blocks that go back to the
 * system as soon as nothing of theirs is used. (malloc keeps what others' allocations behind it pin down, so that one
 * burst would be paid for ever after.) */
#ifndef SKOTOS_MEMORY_BLOCKS_H
#define SKOTOS_MEMORY_BLOCKS_H

#include <stddef.h>

struct block;

/* Where the next piece comes from. All zero: from a new block. */
struct block_pool {
    struct block *newest;
};

/* `len` bytes, aligned for anything; NULL when memory is short. */
void *block_take(struct block_pool *pool, size_t len);

/* Gives back what block_take gave, before or after the pool's end. */
void block_give(void *piece);

/* The pool takes nothing more; it may be used again. */
void block_pool_end(struct block_pool *pool);

#endif
