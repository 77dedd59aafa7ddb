/* SPDX-License-Identifier: BSD-3-Clause */
/* Places that reducers look for. */
#include "kernel/reduce_place.h"

#include <string.h>

tg_status tg_walk_places(const tg_reduce_view *view, size_t itemsize, tg_tile_kernel *kernel,
                         void *state, int64_t *at, tg_task *scratch)
{
    static const tg_walk_options in_order = {.block = 256, .kept_column = TG_TILE_KEPT};
    tg_status status = TG_OK;
    const int64_t nkept = tg_view_nkept(view);

    for (int64_t k = 0; k < nkept; k++)
        at[k] = -1;
    TG_TRY(tg_walk(view, itemsize, &in_order, kernel, state, scratch));
    for (int64_t k = 0; k < nkept; k++)
        if (at[k] >= 0)
            at[k] = tg_view_index(view, at[k]);
out:
    return status;
}

tg_status tg_finalize_places(int64_t nkept, const int64_t *at, void *out)
{
    tg_status status = TG_OK;

    for (int64_t k = 0; k < nkept; k++)
        TG_NEED(at[k] >= 0, TG_EARG, "All-NaN slice encountered");
    memcpy(out, at, sizeof *at * (size_t)nkept);
out:
    return status;
}

tg_dtype tg_place_dtype(tg_dtype in)
{
    (void)in;
    return TG_INT64;
}
