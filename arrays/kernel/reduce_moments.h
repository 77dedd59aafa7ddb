/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Mean and variance by exact sums (integers) or merged deviations (floats), behind one face.
 *
 * A partial is a header, then one array for the mean, then one for the squares; without the squares
 * it is the beginning of one with them, bit for bit.
 */
#ifndef TG_KERNEL_REDUCE_MOMENTS_H
#define TG_KERNEL_REDUCE_MOMENTS_H

#include <tegula/operator.h>
#include <tegula/task.h>

typedef struct tg_moments_header {
    int64_t count;     /* elements behind each result so far */
    int64_t unused[7]; /* zero: arrays begin on a cache line */
} tg_moments_header;

typedef struct tg_moments {
    size_t (*size)(const tg_reduce_spec *spec, int64_t nkept, bool squares);
    tg_status (*chunk)(const tg_reduce_spec *spec, const tg_reduce_view *view, bool squares,
                       void *partial, tg_task *scratch);
    void (*combine)(const tg_reduce_spec *spec, int64_t nkept, bool squares, void *left,
                    const void *right);
    /* Results [first, first + n) of a partial; the variance's divisor is max(count - ddof, 0), as
     * NumPy's. */
    void (*means)(const tg_reduce_spec *spec, int64_t nkept, const void *partial, int64_t first,
                  int64_t n, double *out);
    void (*variances)(const tg_reduce_spec *spec, int64_t nkept, const void *partial, double ddof,
                      int64_t first, int64_t n, double *out);
} tg_moments;

extern const tg_moments tg_moments_int, tg_moments_float;

#endif
