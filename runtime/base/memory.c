/* SPDX-License-Identifier: BSD-3-Clause */
/* See memory.h. */
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/large.h"

void *tg_zalloc(size_t size)
{
    return calloc(1, size ? size : 1);
}

void *tg_alloc_array(int64_t count, size_t size)
{
    size_t bytes;

    if (count < 0 || __builtin_mul_overflow((size_t)count, size, &bytes))
        return NULL;
    return bytes < TG_LARGE ? tg_zalloc(bytes) : tg_large_alloc(bytes);
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
    if (tg_large_is(memory))
        tg_large_free(memory);
    else
        free(memory);
}

void tg_give_back(void *array, size_t begin, size_t end)
{
    if (end - begin >= TG_LARGE / 4 && tg_large_is(array))
        tg_large_give_back((char *)array + begin, (char *)array + end);
}

/* `had` bytes are used. */
static void *grow(void *old, size_t had, size_t bytes)
{
    void *grown;

    if (bytes < TG_LARGE)
        return realloc(old, bytes);
    if (had >= TG_LARGE && tg_large_is(old))
        return tg_large_grow(old, bytes);
    grown = tg_large_grow(NULL, bytes);
    if (grown && had)
        memcpy(grown, old, had);
    if (grown)
        free(old);
    return grown;
}

tg_status tg_grow(void *array, int64_t *capacity, int64_t need, size_t size)
{
    tg_status status = TG_OK;
    int64_t wanted = *capacity ? *capacity : 16;
    void *old, *grown = NULL;
    size_t bytes;

    if (need <= *capacity)
        return TG_OK;
    while (wanted < need)
        wanted += wanted / 2 + 1;
    memcpy(&old, array, sizeof old);
    if (!__builtin_mul_overflow((size_t)wanted, size, &bytes))
        grown = grow(old, (size_t)*capacity * size, bytes);
    TG_NEED(grown, TG_ENOMEM, "out of memory: %" PRId64 " elements of %zu bytes", wanted, size);
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
