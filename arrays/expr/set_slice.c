/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Assignment as a new array, and an array's chunks as elements of an array.
 *
 * a[part] = values: values are broadcast to the part and spread over an array of a's shape, in
 * which each element of the part stands where the part took it from; where the part is, that array,
 * elsewhere `a`. Each axis of the part is a stretch first, first + step, ..., so the spread is a
 * slice as well: position p of the axis sees element (p - first) / step.
 */
#include <inttypes.h>
#include <string.h>
#include <tegula/blocks.h>

#include "expr/scatter.h"

/* Parameters: first, step, count of each axis. An element is true where all axes hit. */
static tg_status mark_part(const tg_block *in, int nin, tg_block *out, const void *params,
                           size_t params_size, tg_task *task)
{
    const int64_t *p = params;
    uint8_t *bits = out->data;
    int64_t at[TG_MAX_NDIM] = {0};

    (void)in, (void)nin, (void)params_size, (void)task;
    for (int64_t i = 0; i < out->size; i++) {
        bool hit = true;

        for (int d = 0; d < out->ndim && hit; d++) {
            int64_t off = out->start[d] + at[d] - p[3 * d], step = p[3 * d + 1];

            hit = off % step == 0 && off / step >= 0 && off / step < p[3 * d + 2];
        }
        bits[i] = hit;
        for (int d = out->ndim - 1; d >= 0 && ++at[d] == out->shape[d]; d--)
            at[d] = 0;
    }
    return TG_OK;
}

static tg_array *part_mask(const tg_array *a, const int64_t (*part)[3])
{
    tg_block_spec spec = {.name = "part",
                          .function = mark_part,
                          .params = part,
                          .params_size = (size_t)a->ndim * sizeof *part,
                          .dtype = TG_BOOL};
    tg_array *mask = tg_fromfunction(a->ctx, &spec, a->ndim, a->shape, NULL);

    return mask->status == TG_OK ? tg_rechunk_to(mask, &a->grid) : mask;
}

/* One axis: what stands before the part and between its elements is any element of it. */
static tg_status spread_axis(tg_ctx *ctx, tg_slice_params *params, int d, int64_t n,
                             const int64_t part[3])
{
    tg_stretches list = {0};
    int64_t step = part[1] < 0 ? -part[1] : part[1], count = part[2];
    int64_t first = part[1] < 0 ? part[0] + (count - 1) * part[1] : part[0];
    int64_t last = first + (count - 1) * step;

    tg_stretches_add(&list, part[1] < 0 ? count - 1 : 0, 0, first);
    for (int64_t i = 0; i < count && step > 1; i++)
        tg_stretches_add(&list, part[1] < 0 ? count - 1 - i : i, 0, i < count - 1 ? step : 1);
    if (step == 1)
        tg_stretches_add(&list, part[1] < 0 ? count - 1 : 0, part[1] < 0 ? -1 : 1, count);
    tg_stretches_add(&list, part[1] < 0 ? 0 : count - 1, 0, n - 1 - last);
    return tg_stretches_give(&list, ctx, params, d);
}

static tg_array *spread_values(const tg_array *a, const int64_t (*part)[3], tg_array *values)
{
    tg_status status = TG_OK;
    tg_slice_params params = {0};

    for (int d = 0; d < a->ndim; d++)
        TG_TRY(spread_axis(a->ctx, &params, d, a->shape[d], part[d]));
    return tg_slice_node(values, &params, &a->grid);
out:
    return tg_node_poisoned(a->ctx, status);
}

/* Values broadcast to the part's shape, then with the axes that integers dropped and without those
 * that None put in. */
static tg_array *fit_values(const tg_array *a, const tg_items *items, const int64_t (*part)[3],
                            tg_array *values)
{
    int64_t shape[2 * TG_MAX_NDIM + 2];
    int from[TG_MAX_NDIM], n = 0, axis = 0;

    for (int i = 0; i < items->n; i++) {
        if (items->axis[i] < 0)
            shape[n++] = 1;
        else if (items->item[i].kind == TG_INDEX_SLICE)
            shape[n++] = part[items->axis[i]][2];
    }
    while (values->ndim > n && values->shape[0] == 1) { /* NumPy drops leading ones here */
        for (int d = 0; d < values->ndim - 1; d++)
            from[d] = d + 1;
        values = tg_reshape_ones(values, values->ndim - 1, from);
        if (values->status != TG_OK)
            return values;
    }
    values = tg_broadcast_to(values, n, shape);
    n = 0;
    for (int i = 0; i < items->n; i++) {
        if (items->axis[i] < 0)
            n++;
        else if (items->item[i].kind == TG_INDEX_SLICE)
            from[axis++] = n++;
        else
            from[axis++] = -1;
    }
    return values->status == TG_OK ? tg_reshape_ones(values, a->ndim, from) : values;
}

/* a with one value where a mask, broadcast from the first axes, is true. */
static tg_array *set_mask(tg_array *a, tg_array *mask, tg_array *values)
{
    tg_status status = TG_OK;
    int from[TG_MAX_NDIM];

    TG_TRY(tg_array_status(mask));
    TG_NEED(mask->dtype == TG_BOOL && mask->ndim <= a->ndim, TG_EARG,
            "assignment by a mask of %s with %d axes to an array of %d", tg_dtype_name(mask->dtype),
            mask->ndim, a->ndim);
    for (int d = 0; d < a->ndim; d++) {
        from[d] = d < mask->ndim ? d : -1;
        TG_NEED(d >= mask->ndim || mask->shape[d] == a->shape[d], TG_EARG,
                "boolean index did not match indexed array along axis %d; size of axis is %" PRId64
                " but size of corresponding boolean axis is %" PRId64,
                d, a->shape[d], mask->shape[d]);
    }
    return tg_where(tg_reshape_ones(mask, a->ndim, from), tg_reshape(values, 0, NULL), a);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_set_slice(tg_array *a, const tg_index *index, int nindex, tg_array *values)
{
    tg_status status = TG_OK;
    tg_items items = {0};
    int64_t part[TG_MAX_NDIM][3], size = 1;
    int axis = 0;

    TG_TRY(tg_inputs_status((tg_array *[]){a, values}, 2));
    values = tg_astype(values, a->dtype);
    TG_TRY(tg_array_status(values));
    if (nindex == 1 && index[0].kind == TG_INDEX_MASK && values->size == 1)
        return set_mask(a, index[0].array, values);
    for (int i = 0; i < nindex; i++)
        if (index[i].kind > TG_INDEX_ELLIPSIS)
            return tg_set_lists(a, index, nindex, values);
    TG_TRY(tg_items_expand(a, index, nindex, &items));
    for (int i = 0; i < items.n; i++) {
        tg_index one = items.item[i];
        int d = items.axis[i] = one.kind == TG_INDEX_NEWAXIS ? -1 : axis++;
        int64_t n = d < 0 ? 0 : a->shape[d], at = one.start < 0 ? one.start + n : one.start;

        if (d < 0)
            continue;
        if (one.kind == TG_INDEX_INTEGER) {
            TG_NEED(at >= 0 && at < n, TG_EARG,
                    "index %" PRId64 " is out of bounds for axis %d with size %" PRId64, one.start,
                    d, n);
            one = TG_SLICE(at, at + 1, 1);
        }
        TG_TRY(tg_slice_resolve(&one, n, &part[d][0], &part[d][1], &part[d][2]));
        size *= part[d][2];
    }
    values = fit_values(a, &items, part, values);
    TG_TRY(tg_array_status(values));
    if (size == 0)
        return a;
    return tg_where(part_mask(a, part), spread_values(a, part, values), a);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){a, values}, 2), status);
}

/* The chunks that one item picks along an axis, as stretches of elements and their lengths. */
static tg_status pick_chunks(const tg_array *a, int d, const tg_index *item,
                             tg_slice_params *params, tg_grid *grid)
{
    tg_status status = TG_OK;
    int64_t n = a->grid.count[d], first = 0, step = 1, count = item->count, *length;
    tg_stretches list = {0};

    if (item->kind == TG_INDEX_SLICE)
        TG_TRY(tg_slice_resolve(item, n, &first, &step, &count));
    else if (item->kind == TG_INDEX_INTEGER)
        count = 1;
    length = tg_ctx_alloc(a->ctx, (size_t)(count + 1) * sizeof *length);
    TG_NEED(length, TG_ENOMEM, "a grid of %" PRId64 " chunks", count);
    for (int64_t i = 0; i < count; i++) {
        int64_t c = item->kind == TG_INDEX_SLICE     ? first + i * step
                    : item->kind == TG_INDEX_INTEGER ? item->start
                                                     : item->list[i];
        int64_t at = 0;

        TG_NEED(c >= -n && c < n, TG_EARG,
                "index %" PRId64 " is out of bounds for axis %d with %" PRId64 " blocks", c, d, n);
        c += c < 0 ? n : 0;
        for (int64_t k = 0; k < c; k++)
            at += a->grid.length[d][k];
        length[i] = a->grid.length[d][c];
        tg_stretches_add(&list, at, 1, length[i]);
    }
    grid->count[d] = count > 0 ? count : 1; /* no blocks: one of length 0 */
    grid->length[d] = length;
    TG_TRY(tg_stretches_give(&list, a->ctx, params, d));
out:
    tg_stretches_clear(&list);
    return status;
}

tg_array *tg_blocks(tg_array *a, const tg_index *index, int nindex)
{
    tg_status status = TG_OK;
    tg_items items = {0};
    tg_slice_params params = {0};
    tg_grid grid = {0};

    TG_TRY(tg_array_status(a));
    for (int i = 0; i < nindex; i++)
        TG_NEED(index[i].kind != TG_INDEX_NEWAXIS && index[i].kind < TG_INDEX_MASK, TG_EARG,
                "blocks are picked by integers, slices and lists of integers");
    TG_TRY(tg_items_expand(a, index, nindex, &items));
    for (int d = 0; d < items.n; d++)
        TG_TRY(pick_chunks(a, d, &items.item[d], &params, &grid));
    return tg_slice_node(a, &params, &grid);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
