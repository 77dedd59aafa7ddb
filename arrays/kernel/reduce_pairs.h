/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Complex numbers as pairs of floats: what is computed of real and imaginary part alike is computed
 * of an array with one more kept axis, of length 2.
 */
#ifndef TG_KERNEL_REDUCE_PAIRS_H
#define TG_KERNEL_REDUCE_PAIRS_H

#include <tegula/operator.h>

#include "kernel/types.h"

/** The reduction of the parts: result k of the complex one becomes the results 2k and 2k + 1. */
static inline tg_reduce_spec tg_pairs_spec(const tg_reduce_spec *spec)
{
    tg_reduce_spec parts = *spec;

    parts.dtype = tg_real_part(spec->dtype);
    return parts;
}

/** The view of the parts. Errors: TG_EARG where there is no room for an axis. */
static inline tg_status tg_pairs_view(const tg_reduce_spec *spec, const tg_reduce_view *view,
                                      tg_reduce_view *out)
{
    tg_status status = TG_OK;

    TG_NEED(view->nkept < TG_MAX_NDIM, TG_EARG,
            "a reduction of complex numbers keeps %d axes, it can keep %d", view->nkept,
            TG_MAX_NDIM - 1);
    *out = *view;
    out->kept_shape[out->nkept] = 2;
    out->kept_stride[out->nkept++] = (int64_t)tg_dtype_size(tg_real_part(spec->dtype));
out:
    return status;
}

#endif
