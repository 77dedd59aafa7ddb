/* SPDX-License-Identifier: BSD-3-Clause */
/** Consecutive numbers dealt to ranks, and whose a number is. */
#ifndef TG_PLACE_RANGES_H
#define TG_PLACE_RANGES_H

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

/** The rank that has a number. Cost: constant where ranks have about as many each. */
static inline int32_t tg_ranges_find(const tg_ranges *ranges, int64_t number)
{
    const int32_t *first = ranges->first + (number >> ranges->shift);
    int32_t low = first[0], high = first[1];

    while (low < high) {
        const int32_t middle = high - (high - low) / 2;

        if (ranges->begin[middle] <= number)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

#endif
