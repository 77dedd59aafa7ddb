/* SPDX-License-Identifier: BSD-3-Clause */
/** Numbers of which the least is wanted next: a binary heap in the caller's memory. Inline, as
 * every task passes through one. */
#ifndef TG_BASE_HEAP_H
#define TG_BASE_HEAP_H

#include <stdint.h>

/** Add to a heap of `count`, which has room for one more; it is one larger then. */
static inline void tg_heap_push(int32_t *heap, int64_t count, int32_t number)
{
    int64_t at = count;

    for (; at > 0 && heap[(at - 1) / 2] > number; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = number;
}

/** Take the least, heap[0], out of a heap of `count`, which is not 0; it is one smaller then. */
static inline int32_t tg_heap_pop(int32_t *heap, int64_t count)
{
    const int64_t n = count - 1;
    const int32_t first = heap[0], last = heap[n];
    int64_t at = 0;

    for (;;) {
        int64_t child = 2 * at + 1;

        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (child >= n || heap[child] >= last)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return first;
}

#endif
