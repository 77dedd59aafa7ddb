/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Blocks with what lies around them. A slice lists, chunk after chunk, the elements in reach that
 * are in the array; the edges are left to the kernels, which know what lies beyond them:
 *
 *     chunks 0 1 2 | 3 4 5    reach 1: 0 1 2 3 | 2 3 4 5    periodic: 5 0 1 2 3 | 2 3 4 5 0
 */
#include <inttypes.h>
#include <string.h>

#include "expr/blocks.h"
#include "expr/image.h"
#include "expr/views.h"
#include "kernel/types.h"

tg_status tg_boundary_parse(const char *name, tg_boundary *out)
{
    static const struct {
        const char *name;
        tg_boundary boundary;
    } names[] = {
        {"reflect", TG_BOUNDARY_REFLECT},   {"grid-mirror", TG_BOUNDARY_REFLECT},
        {"constant", TG_BOUNDARY_CONSTANT}, {"grid-constant", TG_BOUNDARY_CONSTANT},
        {"nearest", TG_BOUNDARY_NEAREST},   {"mirror", TG_BOUNDARY_MIRROR},
        {"wrap", TG_BOUNDARY_PERIODIC},     {"grid-wrap", TG_BOUNDARY_PERIODIC},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0) {
            *out = names[i].boundary;
            return TG_OK;
        }
    return tg_fail(TG_EARG,
                   "boundary mode not supported: '%s' is none of reflect, grid-mirror, constant, "
                   "grid-constant, nearest, mirror, wrap, grid-wrap",
                   name);
}

tg_filter_options tg_filter_options_of(const tg_filter_options *options)
{
    tg_filter_options own = options ? *options : (tg_filter_options){0};

    for (int d = 0; d < TG_MAX_NDIM; d++)
        if (own.mode[d] == TG_BOUNDARY_NONE)
            own.mode[d] = TG_BOUNDARY_REFLECT;
    return own;
}

tg_status tg_filter_dtype(const tg_array *a, const tg_filter_options *options, bool real,
                          tg_dtype *out)
{
    tg_status status = TG_OK;
    tg_dtype dtype = options->typed ? options->dtype : a->dtype;

    TG_NEED(!real || (!tg_is_complex(a->dtype) && !tg_is_complex(dtype)), TG_EARG,
            "Complex type not supported");
    TG_NEED(tg_is_complex(a->dtype) || !tg_is_complex(dtype), TG_EARG,
            "a filter of %s cannot have results of %s", tg_dtype_name(a->dtype),
            tg_dtype_name(dtype));
    TG_NEED(tg_is_complex(a->dtype) || options->cval[1] == 0, TG_EARG,
            "Cannot provide a complex-valued cval when the input is real.");
    if (tg_is_complex(a->dtype) && !tg_is_complex(dtype))
        dtype = dtype == TG_FLOAT64 || (dtype < TG_FLOAT32 && tg_dtype_size(dtype) > 2)
                    ? TG_COMPLEX128
                    : TG_COMPLEX64;
    *out = dtype;
out:
    return status;
}

tg_status tg_window_reach(int64_t size, int64_t origin, int64_t *before, int64_t *after)
{
    tg_status status = TG_OK;

    TG_NEED(size >= 1, TG_EARG, "incorrect filter size: %" PRId64, size);
    *before = size / 2 + origin;
    *after = size - 1 - *before;
    TG_NEED(*before >= 0 && *after >= 0, TG_EARG,
            "invalid origin: %" PRId64 " in a window of %" PRId64 " elements", origin, size);
out:
    return status;
}

/* What is needed of an axis for elements low .. high - 1: what stands beyond an edge is inside, as
 * far from the edge. */
static void cover(tg_boundary boundary, int64_t n, int64_t *low, int64_t *high)
{
    int64_t first = *low, end = *high, mirror = boundary == TG_BOUNDARY_MIRROR;

    if (boundary == TG_BOUNDARY_PERIODIC)
        return;
    if (boundary == TG_BOUNDARY_REFLECT || mirror) {
        if (first < 0 && *high < mirror - first)
            *high = mirror - first;
        if (end > n && *low > 2 * n - end - mirror)
            *low = 2 * n - end - mirror;
    }
    *low = *low > 0 ? *low : 0;
    *high = *high < n ? *high : n;
}

/* Elements low .. high - 1 of a periodic axis. */
static void add_periodic(tg_stretches *list, int64_t low, int64_t high, int64_t n)
{
    while (low < high) {
        int64_t at = (low % n + n) % n, count = high - low;

        count = count < n - at ? count : n - at;
        tg_stretches_add(list, at, 1, count);
        low += count;
    }
}

static tg_status reach_along(tg_array *a, const tg_reach *reach, int d, tg_slice_params *params,
                             tg_grid *out)
{
    tg_status status = TG_OK;
    int64_t n = a->shape[d], chunks = a->grid.count[d], at = 0;
    int64_t *length = tg_ctx_alloc(a->ctx, (size_t)chunks * sizeof *length);
    tg_stretches list = {0};

    TG_NEED(length, TG_ENOMEM, "a grid of %" PRId64 " chunks", chunks);
    for (int64_t c = 0; c < chunks; at += a->grid.length[d][c++]) {
        int64_t low = at - reach->before[d], high = at + a->grid.length[d][c] + reach->after[d];

        cover(reach->boundary[d], n, &low, &high);
        if (reach->boundary[d] == TG_BOUNDARY_PERIODIC)
            add_periodic(&list, low, high, n);
        else
            tg_stretches_add(&list, low, 1, high - low);
        length[c] = high - low;
    }
    out->count[d] = chunks;
    out->length[d] = length;
    TG_TRY(tg_stretches_give(&list, a->ctx, params, d));
out:
    tg_stretches_clear(&list);
    return status;
}

tg_array *tg_within_reach(tg_array *a, const tg_reach *reach)
{
    tg_status status = TG_OK;
    tg_slice_params params;
    tg_grid grid = a->grid;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_slice_begin(a, &params));
    for (int d = 0; d < a->ndim; d++)
        if (reach->before[d] > 0 || reach->after[d] > 0)
            TG_TRY(reach_along(a, reach, d, &params, &grid));
    return tg_slice_node(a, &params, &grid);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_extend_axis tg_reach_axis(const tg_reach *reach, const tg_block *out, int d)
{
    tg_extend_axis axis = {.boundary = reach->boundary[d],
                           .total = out->total[d],
                           .low = out->start[d] - reach->before[d]};
    int64_t high = out->start[d] + out->shape[d] + reach->after[d];

    cover(axis.boundary, axis.total, &axis.low, &high);
    axis.count = high - axis.low;
    return axis;
}

tg_array *tg_map_reach(tg_array *a, const tg_reach *reach, const tg_block_spec *spec)
{
    tg_status status = TG_OK;
    tg_block_spec own = *spec;
    tg_array *wide;

    TG_TRY(tg_array_status(a));
    wide = tg_within_reach(a, reach);
    for (int d = 0; d < a->ndim; d++) {
        own.lengths[d] = a->grid.length[d];
        own.nlengths[d] = a->grid.count[d];
    }
    return tg_map_blocks(&own, &wide, 1);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
