/* SPDX-License-Identifier: BSD-3-Clause */
/* See ranges.h. */
#include "place/ranges.h"

#include <inttypes.h>

#include "base/memory.h"

/* Numbers for one entry of tg_ranges.first: few enough that it stays in the nearest cache. */
static int shift_for(int64_t count, int32_t nranks)
{
    int shift = 0;

    while ((count >> shift) > 8 * (int64_t)nranks)
        shift++;
    return shift;
}

tg_status tg_ranges_index(tg_ranges *ranges, int32_t nranks)
{
    tg_status status = TG_OK;
    const int64_t count = ranges->begin[nranks];
    int32_t r = 0;

    ranges->shift = shift_for(count, nranks);
    ranges->first = tg_alloc_array((count >> ranges->shift) + 2, sizeof *ranges->first);
    TG_NEED(ranges->first, TG_ENOMEM, "out of memory: %" PRId32 " ranks", nranks);
    for (int64_t i = 0; i < (count >> ranges->shift) + 2; i++) {
        while (r + 1 < nranks && ranges->begin[r + 1] <= i << ranges->shift)
            r++;
        ranges->first[i] = r;
    }
out:
    return status;
}

int32_t tg_ranges_search(const tg_ranges *ranges, int64_t number)
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

void tg_ranges_clear(tg_ranges *ranges)
{
    tg_free(ranges->begin);
    tg_free(ranges->first);
    *ranges = (tg_ranges){0};
}
