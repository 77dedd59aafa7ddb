/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Filters whose window has several axes, on a block that was extended (kernel/extend.h): each
 * result is made of the elements at some offsets from where its window begins.
 */
#ifndef TG_KERNEL_WINDOW_H
#define TG_KERNEL_WINDOW_H

#include <tegula/array.h>

typedef struct tg_window_block {
    int ndim;
    int64_t shape[TG_MAX_NDIM]; /* of the results */
    int64_t wide[TG_MAX_NDIM];  /* of the extended block */
    const void *data;           /* the extended block */
    int64_t count;              /* of offsets */
    const int64_t *offset;      /* in elements, in C order over the window */
} tg_window_block;

/** Lines of results, and their length. */
int64_t tg_window_lines(const tg_window_block *block, int64_t *length);
/** Where in the extended block line l begins, in elements. */
int64_t tg_window_line(const tg_window_block *block, int64_t l);

/** Sums of weight[i] times the element at offset[i] in float64, added in this order from 0; `line`
 * holds one line of results. */
void tg_window_sums(const tg_window_block *block, const double *weight, tg_dtype to, void *out,
                    double *line);

/** The smallest, or with `most` the largest, of the sums of height[i] and the element at offset[i],
 * in float64; `line` holds one line of results. */
void tg_window_extremes(const tg_window_block *block, const double *height, bool most, tg_dtype to,
                        void *out, double *line);

/** Of bytes 0 and 1: whether all are 1 or, with `any`, one is. */
void tg_window_bits(const tg_window_block *block, bool any, uint8_t *out);

/** What tg_window_rank needs beside the block, in bytes. */
size_t tg_window_rank_scratch(const tg_window_block *block, tg_dtype dtype);

/** The element of a rank, 0 for the smallest, among those of `dtype` at the offsets. */
void tg_window_rank(const tg_window_block *block, tg_dtype dtype, int64_t rank, tg_dtype to,
                    void *out, void *scratch);

#endif
