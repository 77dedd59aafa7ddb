/* SPDX-License-Identifier: BSD-3-Clause */
/** Memory: zeroed and aligned allocation, growing arrays, an arena that is freed as a whole. */
#ifndef TG_BASE_MEMORY_H
#define TG_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <tegula/status.h>

/** Results and messages start at such addresses. */
#define TG_ALIGNMENT 64

/** `size` zeroed bytes, or NULL; 0 bytes give a pointer that can be freed. Freed by tg_free. */
void *tg_zalloc(size_t size);
/** `count` times `size` zeroed bytes, or NULL also where the product overflows. */
void *tg_alloc_array(int64_t count, size_t size);
/** A copy of `size` bytes, or NULL. */
void *tg_copy_of(const void *data, size_t size);
/** `size` bytes at a multiple of TG_ALIGNMENT, or NULL; large ones lie in huge pages where the
 * system has them. Freed by free or tg_free. */
void *tg_alloc_aligned(size_t size);
/** free(); takes NULL. */
void tg_free(void *memory);
/** Bytes from `begin` to before `end` of an array of tg_alloc_array or tg_grow are of no more use:
 * where they are many, their pages go back to the system. */
void tg_give_back(void *array, size_t begin, size_t end);

/** Grow *array (elements of `size` bytes, *capacity of them) to hold `need`; content is kept. */
TG_MUST_CHECK tg_status tg_grow(void *array /* T ** */, int64_t *capacity, int64_t need,
                                size_t size);

/** Memory freed as a whole. */
typedef struct tg_arena tg_arena;
TG_MUST_CHECK tg_status tg_arena_create(tg_arena **out);
void tg_arena_destroy(tg_arena **arena);
/** `size` zeroed bytes aligned to 16; NULL when memory is out. */
void *tg_arena_alloc(tg_arena *arena, size_t size);

/** Round up to a multiple of a power of two. */
static inline size_t tg_round_up(size_t size, size_t multiple)
{
    return (size + multiple - 1) & ~(multiple - 1);
}

#endif
