/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Filters along one axis: each result is made of the elements from `before` before its own to
 * `after` after it.
 *
 * Elements are taken as float64, and results converted as C does. A weighted sum is taken in the
 * order that scipy.ndimage takes it in (symmetric weights: from the middle, then pairs from the
 * ends), so that bits hang neither on chunks nor on vectors.
 */
#ifndef TG_KERNEL_FILTER_H
#define TG_KERNEL_FILTER_H

#include <tegula/blocks.h>

typedef enum tg_filter_kind {
    TG_FILTER_WEIGHTS, /* weighted sum */
    TG_FILTER_MEAN,
    TG_FILTER_MINIMUM,
    TG_FILTER_MAXIMUM,
} tg_filter_kind;

typedef struct tg_filter {
    tg_filter_kind kind;
    int64_t before, after;
    const double *weights; /* before + after + 1 of them, for elements in their order */
    double value[2];       /* of elements beyond the edges, where these are a constant: the real
                              and the imaginary part */
    int complex_parts;     /* 1: elements are parts of complex numbers, two by two; else 0 */
} tg_filter;

/** A block as [outer, count, inner], to be filtered along the middle axis. */
typedef struct tg_filter_lines {
    int64_t outer, inner;
    int64_t nin, nout;
    const int64_t *place; /* [before + nout + after] which of the nin stands there; -1: the value */
} tg_filter_lines;

/** Doubles of scratch memory that tg_filter_run needs. */
size_t tg_filter_scratch(const tg_filter *filter, const tg_filter_lines *lines);

/** Filter [outer, nin, inner] of `from` to [outer, nout, inner] of `to`. */
void tg_filter_run(const tg_filter *filter, const tg_filter_lines *lines, tg_dtype from,
                   const void *in, tg_dtype to, void *out, double *scratch);

#endif
