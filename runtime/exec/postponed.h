/* SPDX-License-Identifier: BSD-3-Clause */
/** Ready tasks that wait for something else of their rank: a list for each thing, first come first
 * served. All lists together are zero and an array of links. */
#ifndef TG_EXEC_POSTPONED_H
#define TG_EXEC_POSTPONED_H

#include <stdint.h>

/** The list of those that wait for memory; the others are by bit of tg_need.resources. */
enum { TG_FOR_MEMORY = 63, TG_NLISTS };

typedef struct tg_postponed {
    uint64_t waiting;         /* lists that have any, a bit each */
    int32_t first[TG_NLISTS]; /* set where the list has any */
    int32_t last[TG_NLISTS];
    int32_t *next; /* [ntasks] in the same list; -1: none */
} tg_postponed;

static inline void tg_postponed_add(tg_postponed *p, int list, int32_t task)
{
    p->next[task] = -1;
    if (p->waiting & (UINT64_C(1) << list))
        p->next[p->last[list]] = task;
    else
        p->first[list] = task;
    p->last[list] = task;
    p->waiting |= UINT64_C(1) << list;
}

/** The first of a list that has any. */
static inline int32_t tg_postponed_take(tg_postponed *p, int list)
{
    const int32_t task = p->first[list];

    p->first[list] = p->next[task];
    if (p->next[task] < 0)
        p->waiting &= ~(UINT64_C(1) << list);
    return task;
}

#endif
