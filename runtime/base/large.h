/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Large arrays: mappings of their own that begin at huge pages, for memory.c only.
 *
 * In huge pages there are fewer page faults while an array is filled and fewer misses of the
 * translation buffer where it is looked up at random. A mapping grows without a copy, and what is
 * freed goes back to the system at once.
 */
#ifndef TG_BASE_LARGE_H
#define TG_BASE_LARGE_H

#include <stdbool.h>
#include <stddef.h>

/** Bytes from which an array is large; SIZE_MAX where a sanitiser watches the heap. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TG_LARGE SIZE_MAX
#else
#define TG_LARGE ((size_t)2 << 20)
#endif

/** Zeroed bytes at a multiple of 64, or NULL. */
void *tg_large_alloc(size_t size);

/** The array with room for `size` bytes and for more later, zeroed behind its end; an array of NULL
 * is empty. NULL: it is as it was. */
void *tg_large_grow(void *array, size_t size);

void tg_large_free(void *array);

/** Pages that lie wholly in this part of a large array go back to the system; they are zeros where
 * they are used again. Huge pages at its ends are split, so it should be a good part of one. */
void tg_large_give_back(char *begin, char *end);

/** Is the memory a large array? Told from other memory by where it begins and what lies there. */
bool tg_large_is(const void *memory);

#endif
