/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * What a filter sees beyond the edges of an array: elements of it in another order, or a constant.
 *
 *     reflect  c b a | a b c | c b a        periodic  a b c | a b c | a b c
 *     mirror   . c b | a b c | b a .        nearest   a a a | a b c | c c c
 *
 * A block holds elements low, low + 1, ... of each axis; a list of places says which of them stand
 * where the filter looks.
 */
#ifndef TG_KERNEL_EXTEND_H
#define TG_KERNEL_EXTEND_H

#include <tegula/blocks.h>

/** The element of an axis of length n > 0 that stands at `at`; -1: the constant. */
int64_t tg_extend_place(tg_boundary boundary, int64_t at, int64_t n);

/** One axis of a block. */
typedef struct tg_extend_axis {
    tg_boundary boundary;
    int64_t total; /* elements of the whole axis */
    int64_t low;   /* the first that the block holds; periodic: may be before or beyond the axis */
    int64_t count; /* elements that the block holds */
} tg_extend_axis;

/** place[i]: which of the block's elements stands at first + i of the axis, -1: the constant. */
void tg_extend_places(const tg_extend_axis *axis, int64_t first, int64_t n, int64_t *place);

/** A block copied to a larger one, or one that lies elsewhere. */
typedef struct tg_extension {
    int ndim;
    int64_t from[TG_MAX_NDIM];         /* shape of the block */
    int64_t to[TG_MAX_NDIM];           /* shape of the result */
    const int64_t *place[TG_MAX_NDIM]; /* by axis and place of the result; NULL: as it is */
} tg_extension;

/** Copy, converting; `value` where an axis says -1. */
void tg_extend(const tg_extension *extension, tg_dtype from, const void *in, tg_dtype to,
               double value, void *out);

#endif
