/* SPDX-License-Identifier: BSD-3-Clause */
/* Breadth-first growth: elements that have got the value wait until they have handed it on. */
#include "kernel/flood.h"

/* The place that is a step away from an index; -1: outside of the inner box. */
static int64_t place_of(const tg_flood *flood, const int64_t *index, const int64_t *step)
{
    int64_t at = 0;

    for (int d = 0; d < flood->ndim; d++) {
        int64_t i = index[d] + step[d];

        if (i < flood->low[d] || i >= flood->high[d])
            return -1;
        at = at * flood->shape[d] + i;
    }
    return at;
}

void tg_flood_run(const tg_flood *flood, int64_t *queue, int64_t n)
{
    for (int64_t first = 0; first < n; first++) {
        int64_t index[TG_MAX_NDIM], rest = queue[first];

        for (int d = flood->ndim - 1; d >= 0; d--) {
            index[d] = rest % flood->shape[d];
            rest /= flood->shape[d];
        }
        for (int64_t k = 0; k < flood->nsteps; k++) {
            int64_t at = place_of(flood, index, flood->step + k * flood->ndim);

            if (at < 0 || flood->bits[at] == flood->value || (flood->mask && !flood->mask[at]))
                continue;
            flood->bits[at] = flood->value;
            queue[n++] = at;
        }
    }
}
