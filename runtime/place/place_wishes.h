/* SPDX-License-Identifier: BSD-3-Clause */
/** Where tasks would rather be, and who wishes the opposite. */
#ifndef TG_PLACE_PLACE_WISHES_H
#define TG_PLACE_PLACE_WISHES_H

#include "place/placer.h"

/** A task would rather be elsewhere, or minds little. */
typedef struct tg_wish {
    uint64_t pair; /* of hosts, or of ranks of one host; the last bit: which way */
    float bytes;   /* that this saves, or costs */
    int32_t task, from, to;
} tg_wish;

/** Wishes of one task: the best of each pair, best first. */
enum { TG_MOST_WISHES = 3 };
typedef struct tg_task_wishes {
    tg_wish wish[TG_MOST_WISHES];
    int n;
} tg_task_wishes;

typedef struct tg_wishes {
    tg_wish *wish; /* owned */
    int64_t n, capacity;
    float (*best)[2]; /* bytes of the best wish of some pairs, by way; owned */
    int64_t nbest, best_capacity;
} tg_wishes;

void tg_wishes_clear(tg_wishes *wishes);

/** The wish of a task, which is on `from`, to be on `to`. */
tg_wish tg_wish_of(const tg_machine *machine, int32_t task, int32_t from, int32_t to, double bytes);

/** One more wish of a task, if it is among the best. */
void tg_task_wishes_add(tg_task_wishes *wishes, tg_wish wish);

/** Add all wishes of a task. */
TG_MUST_CHECK tg_status tg_wishes_add(tg_wishes *wishes, const tg_task_wishes *of_task);

/** Sort by pair, way and bytes, the most first; wishes that cost more than any opposite one saves
 * are left out. Cost: n log n of those that stay. */
TG_MUST_CHECK tg_status tg_wishes_sort(tg_wishes *wishes);

/** Sorted wishes of one pair: [one, other) one way, [other, end) the other way. */
typedef struct tg_wish_pair {
    const tg_wish *one, *other, *end;
} tg_wish_pair;

/** The pair that begins at the at-th wish; the next one begins at its end. */
tg_wish_pair tg_wishes_pair_at(const tg_wishes *wishes, int64_t at);

#endif
