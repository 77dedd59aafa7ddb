/* SPDX-License-Identifier: BSD-3-Clause */
/** Moving boxes of elements between memory orders: rechunking, transposing, gathering. */
#ifndef TG_KERNEL_COPY_H
#define TG_KERNEL_COPY_H

#include <stddef.h>
#include <stdint.h>

/**
 * Copy a box: element (i0, i1, ...) of `shape` from src + sum i*src_stride to
 * dst + sum i*dst_stride.
 * Strides in bytes, any sign; the boxes do not overlap. Blocked where both sides are strided.
 */
void tg_copy_box(int ndim, const int64_t *shape, size_t itemsize, const void *src,
                 const int64_t *src_stride, void *dst, const int64_t *dst_stride);

/** Gather n elements that lie `step` bytes apart (0: the same n times) to a contiguous run. */
void tg_copy_run(int64_t n, size_t itemsize, const void *src, int64_t step, void *dst);

/** Gather the n elements at src + offsets[i] bytes to a contiguous run. */
void tg_copy_list(int64_t n, size_t itemsize, const void *src, const int64_t *offsets, void *dst);

/** C-order strides in bytes of a box. */
void tg_strides(int ndim, const int64_t *shape, size_t itemsize, int64_t *stride);

#endif
