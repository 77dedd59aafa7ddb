/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Blocks with a halo: one slice that lists, chunk after chunk, the chunk's elements with those of
 * its neighbours around them. What lies beyond the array is elements of it in another order
 * (periodic, reflect, mirror, nearest), a constant that is joined before, or nothing.
 *
 *     chunks  0 1 2 | 3 4 5      depth 1, nearest:    0 0 1 2 3 | 2 3 4 5 5
 */
#include <inttypes.h>
#include <string.h>
#include <tegula/blocks.h>

#include "expr/index.h"

static int64_t shortest_chunk(const tg_array *a, int d)
{
    int64_t least = a->shape[d];

    for (int64_t c = 0; c < a->grid.count[d]; c++)
        least = a->grid.length[d][c] < least ? a->grid.length[d][c] : least;
    return least;
}

static tg_status check(const tg_array *a, const tg_halo *halo)
{
    tg_status status = TG_OK;

    for (int d = 0; d < a->ndim; d++) {
        int64_t depth = halo->before[d] > halo->after[d] ? halo->before[d] : halo->after[d];

        TG_NEED(halo->before[d] >= 0 && halo->after[d] >= 0, TG_EARG,
                "overlap: a depth along axis %d is negative", d);
        TG_NEED(depth == 0 || depth <= a->shape[d], TG_EARG,
                "The overlapping depth %" PRId64 " is larger than your array %" PRId64, depth,
                a->shape[d]);
    }
out:
    return status;
}

/* Chunks merged until none is shorter than the halo, as dask.array.overlap does. */
static tg_array *merge_short_chunks(tg_array *a, const tg_halo *halo)
{
    tg_status status = TG_OK;
    tg_grid grid = a->grid;

    for (int d = 0; d < a->ndim; d++) {
        int64_t depth = halo->before[d] > halo->after[d] ? halo->before[d] : halo->after[d], n = 0;
        int64_t *length = NULL;

        if (shortest_chunk(a, d) >= depth)
            continue;
        length = tg_ctx_alloc(a->ctx, (size_t)a->grid.count[d] * sizeof *length);
        TG_NEED(length, TG_ENOMEM, "a grid of %" PRId64 " chunks", a->grid.count[d]);
        for (int64_t c = 0; c < a->grid.count[d]; c++) {
            if (n > 0 && length[n - 1] < depth)
                length[n - 1] += a->grid.length[d][c];
            else
                length[n++] = a->grid.length[d][c];
        }
        if (n > 1 && length[n - 1] < depth) {
            length[n - 2] += length[n - 1];
            n--;
        }
        grid.count[d] = n;
        grid.length[d] = length;
    }
    return tg_rechunk_to(a, &grid);
out:
    return tg_node_poisoned(a->ctx, status);
}

/* The element that stands at a place beyond an axis of length n. */
static int64_t beyond(tg_boundary boundary, int64_t at, int64_t n)
{
    switch (boundary) {
    case TG_BOUNDARY_PERIODIC:
        return (at % n + n) % n;
    case TG_BOUNDARY_REFLECT:
        at = (at % (2 * n) + 2 * n) % (2 * n);
        return at < n ? at : 2 * n - 1 - at;
    case TG_BOUNDARY_MIRROR:
        if (n == 1)
            return 0;
        at = (at % (2 * n - 2) + 2 * n - 2) % (2 * n - 2);
        return at < n ? at : 2 * n - 2 - at;
    default:
        return at < 0 ? 0 : n - 1;
    }
}

/* One axis: lengths of the overlapped chunks, and their elements. `first` elements that stand
 * before the array were joined to it. */
static tg_status overlap_axis(tg_array *a, const tg_halo *halo, int d, const tg_grid *grid,
                              int64_t first, tg_slice_params *params, tg_grid *out)
{
    tg_status status = TG_OK;
    int64_t n = a->shape[d], chunks = grid->count[d], at = first;
    int64_t *length = tg_ctx_alloc(a->ctx, (size_t)chunks * sizeof *length);
    bool stops = halo->boundary[d] == TG_BOUNDARY_NONE;
    tg_stretches list = {0};

    TG_NEED(length, TG_ENOMEM, "a grid of %" PRId64 " chunks", chunks);
    for (int64_t c = 0; c < chunks; at += grid->length[d][c++]) {
        int64_t low = at - halo->before[d], high = at + grid->length[d][c] + halo->after[d];
        int64_t inside, end;

        low = stops && low < 0 ? 0 : low;
        high = stops && high > n ? n : high;
        length[c] = high - low;
        inside = low < 0 ? 0 : low;
        end = high > n ? n : high;
        for (int64_t p = low; p < 0; p++)
            tg_stretches_add(&list, beyond(halo->boundary[d], p, n), 1, 1);
        tg_stretches_add(&list, inside, 1, end - inside);
        for (int64_t p = n; p < high; p++)
            tg_stretches_add(&list, beyond(halo->boundary[d], p, n), 1, 1);
    }
    out->count[d] = chunks;
    out->length[d] = length;
    TG_TRY(tg_stretches_give(&list, a->ctx, params, d));
out:
    tg_stretches_clear(&list);
    return status;
}

/* Constants joined at both ends of the axes that ask for them. */
static tg_array *join_constants(tg_array *a, const tg_halo *halo)
{
    tg_padding padding = {.mode = TG_PAD_CONSTANT};
    bool any = false;

    for (int d = 0; d < a->ndim; d++) {
        if (halo->boundary[d] != TG_BOUNDARY_CONSTANT)
            continue;
        any = true;
        padding.before[d] = halo->before[d];
        padding.after[d] = halo->after[d];
        padding.value[d][0] = padding.value[d][1] = tg_float(a->ctx, halo->value[d]);
    }
    return any ? tg_pad(a, &padding) : a;
}

tg_array *tg_overlap(tg_array *a, const tg_halo *halo)
{
    tg_status status = TG_OK;
    tg_slice_params params = {0};
    tg_grid own, grid = {0};

    TG_TRY(tg_array_status(a));
    TG_TRY(check(a, halo));
    if (a->size == 0)
        return a;
    a = merge_short_chunks(a, halo);
    TG_TRY(tg_array_status(a));
    own = a->grid;
    a = join_constants(a, halo);
    TG_TRY(tg_array_status(a));
    for (int d = 0; d < a->ndim; d++)
        TG_TRY(overlap_axis(a, halo, d, &own,
                            halo->boundary[d] == TG_BOUNDARY_CONSTANT ? halo->before[d] : 0,
                            &params, &grid));
    return tg_slice_node(a, &params, &grid);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_trim(tg_array *a, const tg_array *like, const tg_halo *halo)
{
    tg_status status = TG_OK;
    tg_slice_params params = {0};

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_array_status(like));
    for (int d = 0; d < a->ndim; d++) {
        tg_stretches list = {0};
        int64_t at = 0;

        TG_NEED(a->grid.count[d] == like->grid.count[d], TG_EARG,
                "trim: %" PRId64 " chunks along axis %d, not %" PRId64, a->grid.count[d], d,
                like->grid.count[d]);
        for (int64_t c = 0; c < like->grid.count[d]; c++) {
            bool edge = halo->boundary[d] == TG_BOUNDARY_NONE && c == 0;

            tg_stretches_add(&list, at + (edge ? 0 : halo->before[d]), 1, like->grid.length[d][c]);
            at += a->grid.length[d][c];
        }
        TG_TRY(tg_stretches_give(&list, a->ctx, &params, d));
    }
    return tg_slice_node(a, &params, &like->grid);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_map_overlap(tg_array *a, const tg_block_spec *spec, const tg_halo *halo, bool trimmed)
{
    tg_status status = TG_OK;
    tg_block_spec own = *spec;
    tg_array *wide, *result;

    TG_TRY(tg_array_status(a));
    TG_TRY(check(a, halo));
    if (a->size > 0)
        a = merge_short_chunks(a, halo);
    wide = tg_overlap(a, halo);
    TG_TRY(tg_array_status(wide));
    for (int d = 0; d < a->ndim && trimmed; d++) {
        own.lengths[d] = a->grid.length[d];
        own.nlengths[d] = a->grid.count[d];
    }
    result = tg_map_blocks(&own, &wide, 1);
    return trimmed || a->size == 0 ? result : tg_trim(result, a, halo);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* Each line of the last axis, which is one chunk. Parameters: the function's own. */
static tg_status apply_to_lines(const tg_block *in, int nin, tg_block *out, const void *params,
                                size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    tg_line_function *function = (tg_line_function *)(uintptr_t)out->object;
    int64_t n = in->shape[in->ndim - 1], lines = n > 0 ? in->size / n : 0;
    int64_t nout = lines > 0 ? out->size / lines : 0;
    size_t from = (size_t)n * tg_dtype_size(in->dtype);
    size_t to = (size_t)nout * tg_dtype_size(out->dtype);

    (void)nin, (void)task;
    for (int64_t i = 0; i < lines; i++)
        TG_TRY(function(n, (const char *)in->data + (size_t)i * from, nout,
                        (char *)out->data + (size_t)i * to, params, params_size));
out:
    return status;
}

/* "abc->abz" or, where the axis goes, "abc->ab". */
static void line_labels(char *labels, int ndim, bool stays)
{
    int at = 0;

    for (int d = 0; d < ndim; d++)
        labels[at++] = (char)('a' + d);
    labels[at++] = '-';
    labels[at++] = '>';
    for (int d = 0; d < ndim - 1; d++)
        labels[at++] = (char)('a' + d);
    if (stays)
        labels[at++] = 'z';
    labels[at] = '\0';
}

tg_array *tg_apply_along_axis(tg_array *a, int axis, tg_line_function *function, int64_t length,
                              tg_dtype dtype, const void *params, size_t params_size)
{
    tg_status status = TG_OK;
    tg_block_spec spec = {.name = "apply_along_axis",
                          .function = apply_to_lines,
                          .object = (const void *)(uintptr_t)function,
                          .params = params,
                          .params_size = params_size,
                          .dtype = dtype};
    char labels[2 * TG_MAX_NDIM + 4];
    int d, last;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &d));
    TG_NEED(a->shape[d] > 0, TG_EARG,
            "Cannot apply_along_axis when any iteration dimensions are 0");
    TG_NEED(length >= -1, TG_EARG, "apply_along_axis: lines of %" PRId64 " elements", length);
    last = a->ndim - 1;
    line_labels(labels, a->ndim, length >= 0);
    spec.labels = labels;
    if (length >= 0) {
        spec.lengths[last] = &length;
        spec.nlengths[last] = 1;
    }
    a = tg_map_blocks(&spec, (tg_array *[]){tg_moveaxis(a, 1, &d, &last)}, 1);
    return length >= 0 ? tg_moveaxis(a, 1, &last, &d) : a;
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
