/* SPDX-License-Identifier: BSD-3-Clause */
/** Growth of a value over a part of an image until nothing changes, by a queue. */
#ifndef TG_KERNEL_FLOOD_H
#define TG_KERNEL_FLOOD_H

#include <tegula/array.h>

/** A part of an image, C order, of which the elements of an inner box may change. */
typedef struct tg_flood {
    int ndim;
    const int64_t *shape;      /* of the part */
    const int64_t *low, *high; /* the inner box: [low, high) along each axis */
    uint8_t *bits;             /* of the part */
    const uint8_t *mask;       /* of the part: elements stay where it is 0; NULL: none do */
    uint8_t value;             /* what grows */
    int64_t nsteps;            /* an element that has the value gives it to those so far away: */
    const int64_t *step;       /* [nsteps][ndim] */
} tg_flood;

/**
 * Let the value grow from `n` elements, given by their places in the part; they have it. Each
 * element is looked at once, so the cost is that of what grows.
 *
 * Owner:   the queue, which has room for as many places as the inner box has elements; it begins
 *          with those n.
 */
void tg_flood_run(const tg_flood *flood, int64_t *queue, int64_t n);

#endif
