/* SPDX-License-Identifier: BSD-3-Clause */
/** Consecutive numbers dealt to ranks, and whose a number is. */
#ifndef TG_PLACE_RANGES_H
#define TG_PLACE_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#include <tegula/status.h>

/** Rank r has the numbers from begin[r] to before begin[r + 1]. */
typedef struct tg_ranges {
    int64_t *begin; /* [nranks + 1], owned */
    int32_t *first; /* owned: the rank of each 2^shift-th number, where a search begins */
    int shift;
} tg_ranges;

/** Make it possible to search ranges whose `begin` is filled. */
TG_MUST_CHECK tg_status tg_ranges_index(tg_ranges *ranges, int32_t nranks);
void tg_ranges_clear(tg_ranges *ranges);

/** The same by a search, wherever the number is. */
int32_t tg_ranges_search(const tg_ranges *ranges, int64_t number);

/** The rank that has a number. Cost: constant where ranks have about as many each, and then without
 * a branch that depends on the number, which nothing could foretell. */
static inline int32_t tg_ranges_find(const tg_ranges *ranges, int64_t number)
{
    const int32_t low = ranges->first[number >> ranges->shift];
    const int32_t found = low + (ranges->begin[low + 1] <= number);

    return __builtin_expect(ranges->begin[found + 1] <= number, false)
               ? tg_ranges_search(ranges, number)
               : found;
}

#endif
