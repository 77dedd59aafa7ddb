/* SPDX-License-Identifier: BSD-3-Clause */
/** Task numbers, the least at the top. Inline, as every task passes through one. */
#ifndef TG_EXEC_HEAP_H
#define TG_EXEC_HEAP_H

#include <stdint.h>

typedef struct tg_heap {
    int32_t *task; /* owned; room for all that may be in it */
    int64_t count;
} tg_heap;

static inline void tg_heap_push(tg_heap *heap, int32_t task)
{
    int64_t at = heap->count++;

    for (; at > 0 && heap->task[(at - 1) / 2] > task; at = (at - 1) / 2)
        heap->task[at] = heap->task[(at - 1) / 2];
    heap->task[at] = task;
}

/** Of one that is not empty. */
static inline int32_t tg_heap_pop(tg_heap *heap)
{
    int32_t *task = heap->task;
    const int64_t count = --heap->count;
    const int32_t first = task[0], last = task[count];
    int64_t at = 0;

    for (;;) {
        int64_t child = 2 * at + 1;

        if (child + 1 < count && task[child + 1] < task[child])
            child++;
        if (child >= count || task[child] >= last)
            break;
        task[at] = task[child];
        at = child;
    }
    task[at] = last;
    return first;
}

#endif
