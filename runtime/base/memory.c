/* SPDX-License-Identifier: BSD-3-Clause */
/* See memory.h. */
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *tg_zalloc(size_t size)
{
    return calloc(1, size ? size : 1);
}

/* Large arrays lie in huge pages where the system has them: fewer page faults while they are filled
 * and fewer misses of the translation buffer where they are looked up at random. */
static void advise_large(void *memory, size_t count, size_t size)
{
    const size_t page = 4096, large = (size_t)2 << 20;
    const uintptr_t begin = tg_round_up((uintptr_t)memory, page);

    if (memory && count * size >= large)
        (void)madvise((void *)begin, (count * size - page) & ~(page - 1), MADV_HUGEPAGE);
}

void *tg_alloc_array(int64_t count, size_t size)
{
    void *memory = count < 0 ? NULL : calloc(count ? (size_t)count : 1, size ? size : 1);

    advise_large(memory, (size_t)count, size);
    return memory;
}

void *tg_alloc_aligned(size_t size)
{
    const size_t large = (size_t)2 << 20, alignment = size >= large ? large : TG_ALIGNMENT;
    const size_t rounded = tg_round_up(size, TG_ALIGNMENT);
    void *memory = NULL;

    if (rounded < size || posix_memalign(&memory, alignment, rounded ? rounded : 1) != 0)
        return NULL;
    if (size >= large)
        (void)madvise(memory, rounded & ~(large - 1), MADV_HUGEPAGE);
    return memory;
}

void *tg_copy_of(const void *data, size_t size)
{
    void *copy = malloc(size ? size : 1);

    if (copy && size)
        memcpy(copy, data, size);
    return copy;
}

void tg_free(void *memory)
{
    free(memory);
}

tg_status tg_grow(void *array, int64_t *capacity, int64_t need, size_t size)
{
    tg_status status = TG_OK;
    int64_t wanted = *capacity ? *capacity : 16;
    void *old, *grown;

    if (need <= *capacity)
        return TG_OK;
    while (wanted < need)
        wanted += wanted / 2 + 1;
    memcpy(&old, array, sizeof old);
    grown = reallocarray(old, (size_t)wanted, size);
    TG_NEED(grown, TG_ENOMEM, "out of memory: %" PRId64 " elements of %zu bytes", wanted, size);
    advise_large(grown, (size_t)wanted, size);
    memcpy(array, &grown, sizeof grown);
    *capacity = wanted;
out:
    return status;
}

/* An arena is a list of blocks; each allocation is a slice of the newest. */
#define ARENA_BLOCK (64u << 10)

typedef struct arena_block {
    struct arena_block *next;
    size_t used, size; /* bytes after the header */
} arena_block;

struct tg_arena {
    arena_block *blocks; /* owned, newest first */
};

tg_status tg_arena_create(tg_arena **out)
{
    tg_arena *arena = tg_zalloc(sizeof *arena);

    if (!arena)
        return tg_fail(TG_ENOMEM, "out of memory for an arena");
    *out = arena;
    return TG_OK;
}

void tg_arena_destroy(tg_arena **arena)
{
    if (!*arena)
        return;
    while ((*arena)->blocks) {
        arena_block *block = (*arena)->blocks;

        (*arena)->blocks = block->next;
        free(block);
    }
    free(*arena);
    *arena = NULL;
}

void *tg_arena_alloc(tg_arena *arena, size_t size)
{
    const size_t head = tg_round_up(sizeof(arena_block), 16);
    const size_t rounded = tg_round_up(size ? size : 1, 16);
    arena_block *block = arena->blocks;

    if (!block || block->size - block->used < rounded) {
        const size_t room = rounded > ARENA_BLOCK ? rounded : ARENA_BLOCK;

        block = calloc(1, head + room);
        if (!block) {
            (void)tg_fail(TG_ENOMEM, "out of memory: %zu bytes", size);
            return NULL;
        }
        block->size = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    block->used += rounded;
    return (char *)block + head + block->used - rounded;
}
