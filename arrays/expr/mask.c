/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Masks and arrays as indices. A shape cannot hang on values that are not there yet, so what it
 * hangs on is computed when the expression is built:
 *
 *     a mask of some axes, an array of integers    its values come to rank 0 and become lists
 *     a mask of the whole array                    its true elements are counted chunk by chunk;
 *                                                  the result's chunks have these lengths, the
 *                                                  elements stay where they are
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/blocks.h>
#include <tegula/reduce.h>

#include "expr/blocks.h"
#include "expr/index.h"

tg_status tg_item_of_array(tg_array *array, tg_index *item)
{
    tg_status status = TG_OK;
    tg_array *wide = NULL;
    int64_t *list = NULL, *shape = NULL;
    size_t size;

    TG_TRY(tg_array_status(array));
    TG_NEED(array->dtype >= TG_INT8 && array->dtype <= TG_UINT64, TG_EARG,
            "arrays used as indices must be of integers or bool, not %s",
            tg_dtype_name(array->dtype));
    wide = tg_astype(array, TG_INT64);
    size = (size_t)array->size * sizeof *list;
    list = tg_ctx_alloc(array->ctx, size + 1);
    shape = tg_ctx_alloc(array->ctx, sizeof array->shape);
    TG_NEED(list && shape, TG_ENOMEM, "a list of %" PRId64 " integers", array->size);
    TG_TRY(tg_gather(wide, list, size));
    memcpy(shape, array->shape, sizeof array->shape);
    *item = (tg_index){.kind = TG_INDEX_LIST, .list = list, .count = array->size};
    if (array->ndim == 0)
        *item = (tg_index){.kind = TG_INDEX_INTEGER, .start = list[0]};
    else if (array->ndim > 1) {
        item->list_ndim = array->ndim;
        item->list_shape = shape;
    }
out:
    return status;
}

static tg_status check_mask(const tg_array *a, int axis, const tg_array *mask)
{
    tg_status status = TG_OK;

    TG_NEED(mask->dtype == TG_BOOL, TG_EARG, "a mask must be of bool, not %s",
            tg_dtype_name(mask->dtype));
    for (int d = 0; d < mask->ndim; d++)
        TG_NEED(mask->shape[d] == a->shape[axis + d], TG_EARG,
                "boolean index did not match indexed array along axis %d; size of axis is %" PRId64
                " but size of corresponding boolean axis is %" PRId64,
                axis + d, a->shape[axis + d], mask->shape[d]);
out:
    return status;
}

/* A list for each axis: the indices of the `count` true elements. */
static tg_status list_true(const tg_array *mask, const uint8_t *values, int64_t count,
                           tg_index *items)
{
    tg_status status = TG_OK;
    int64_t *list[TG_MAX_NDIM], n = 0;

    for (int d = 0; d < mask->ndim; d++) {
        list[d] = tg_ctx_alloc(mask->ctx, (size_t)(count + 1) * sizeof *list[d]);
        TG_NEED(list[d], TG_ENOMEM, "a list of %" PRId64 " integers", count);
        items[d] = (tg_index){.kind = TG_INDEX_LIST, .list = list[d], .count = count};
    }
    for (int64_t i = 0; i < mask->size; i++) {
        int64_t rest = i;

        if (!values[i])
            continue;
        for (int d = mask->ndim - 1; d >= 0; d--) {
            list[d][n] = rest % mask->shape[d];
            rest /= mask->shape[d];
        }
        n++;
    }
out:
    return status;
}

tg_status tg_items_of_mask(tg_array *a, int axis, tg_array *mask, tg_index *items)
{
    tg_status status = TG_OK;
    uint8_t *values = NULL;
    int64_t count = 0;

    TG_TRY(check_mask(a, axis, mask));
    values = malloc((size_t)mask->size + 1);
    TG_NEED(values, TG_ENOMEM, "a mask of %" PRId64 " elements", mask->size);
    TG_TRY(tg_gather(mask, values, (size_t)mask->size));
    for (int64_t i = 0; i < mask->size; i++)
        count += values[i];
    TG_TRY(list_true(mask, values, count, items));
out:
    free(values);
    return status;
}

/* A condition of one axis may be longer than what it picks from, if nothing there is picked. */
static tg_status cut_condition(tg_array *condition, int64_t n, tg_array **out)
{
    tg_status status = TG_OK;
    uint8_t beyond = 0;

    TG_TRY(tg_array_status(condition));
    *out = condition;
    if (condition->shape[0] <= n)
        return TG_OK;
    TG_TRY(tg_gather(tg_any(tg_slice_one(condition, 0, n, 1, condition->shape[0] - n), TG_ALL_AXES),
                     &beyond, 1));
    TG_NEED(!beyond, TG_EARG,
            "a condition of %" PRId64 " elements picks beyond the %" PRId64 " that there are",
            condition->shape[0], n);
    *out = tg_slice_one(condition, 0, 0, 1, n);
out:
    return status;
}

tg_array *tg_compress(tg_array *condition, tg_array *a, int axis)
{
    tg_status status = TG_OK;
    tg_index item;
    tg_array *part = NULL;
    int d;

    TG_TRY(tg_inputs_status((tg_array *[]){condition, a}, 2));
    TG_TRY(tg_normalize_axis(a, axis, &d));
    TG_NEED(condition->ndim == 1, TG_EARG, "compress: the condition has %d axes, not 1",
            condition->ndim);
    TG_TRY(cut_condition(tg_astype(condition, TG_BOOL), a->shape[d], &condition));
    part = tg_slice_one(a, d, 0, 1, condition->shape[0]);
    TG_TRY(tg_array_status(part));
    TG_TRY(tg_items_of_mask(part, d, condition, &item));
    return tg_take(part, item.list, item.count, d);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){condition, a}, 2), status);
}

static tg_status count_block(const tg_block *in, int nin, tg_block *out, const void *params,
                             size_t params_size, tg_task *task)
{
    const uint8_t *mask = in[0].data;
    int64_t count = 0;

    (void)nin, (void)params, (void)params_size, (void)task;
    for (int64_t i = 0; i < in[0].size; i++)
        count += mask[i];
    *(int64_t *)out->data = count;
    return TG_OK;
}

static tg_status select_block(const tg_block *in, int nin, tg_block *out, const void *params,
                              size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    size_t size = tg_dtype_size(out->dtype);
    const uint8_t *mask = in[1].data;
    const char *from = in[0].data;
    char *to = out->data;
    int64_t left = out->size;

    (void)nin, (void)params, (void)params_size, (void)task;
    for (int64_t i = 0; i < in[0].size; i++) {
        if (!mask[i])
            continue;
        TG_NEED(left-- > 0, TG_EINTERNAL, "a mask has more true elements than were counted");
        memcpy(to, from + (size_t)i * size, size);
        to += size;
    }
    TG_NEED(left == 0, TG_EINTERNAL, "a mask has fewer true elements than were counted");
out:
    return status;
}

/* True elements by chunk. */
static tg_status count_true(tg_array *mask, int64_t chunks, int64_t *counts)
{
    tg_status status = TG_OK;
    int64_t *ones = malloc((size_t)chunks * sizeof *ones);
    tg_block_spec spec = {
        .name = "count", .function = count_block, .dtype = TG_INT64, .lengths = {ones}};

    TG_NEED(ones, TG_ENOMEM, "%" PRId64 " counts", chunks);
    for (int64_t c = 0; c < chunks; c++)
        ones[c] = 1;
    TG_TRY(tg_gather(tg_map_blocks(&spec, &mask, 1), counts, (size_t)chunks * sizeof *counts));
out:
    free(ones);
    return status;
}

/* The node over the chunks that have true elements. */
static tg_status select_node(tg_array *a, tg_array *mask, const int64_t *counts, tg_array **out)
{
    static const tg_block_spec select = {.name = "select", .function = select_block};
    tg_status status = TG_OK;
    tg_block_spec spec = select;
    int64_t chunks = a->grid.count[0], n = 0, total = 0, *chosen, *lengths;
    tg_blocks_params *params;
    tg_array *node = NULL;

    chosen = tg_ctx_alloc(a->ctx, (size_t)(chunks + 1) * sizeof *chosen);
    lengths = tg_ctx_alloc(a->ctx, (size_t)(chunks + 1) * sizeof *lengths);
    TG_NEED(chosen && lengths, TG_ENOMEM, "%" PRId64 " counts", chunks);
    for (int64_t c = 0; c < chunks; c++) {
        if (counts[c] == 0)
            continue;
        chosen[n] = c;
        lengths[n++] = counts[c];
        total += counts[c];
    }
    if (total == 0) {
        *out = tg_zeros_node(a->ctx, a->dtype, 1, &total, NULL);
        goto out;
    }
    spec.dtype = a->dtype;
    node = *out = tg_blocks_node(a->ctx, &spec, (tg_array *[]){a, mask}, 2);
    TG_TRY(tg_array_status(node));
    params = node->params;
    params->axis[0][0] = params->axis[1][0] = 0;
    params->chosen = chosen;
    TG_TRY(tg_node_shape(node, 1, &total));
    tg_layout_plain(&node->layout, 1, tg_dtype_size(node->dtype));
    node->grid.count[0] = n;
    node->grid.length[0] = lengths;
out:
    return status;
}

tg_array *tg_select_where(tg_array *a, tg_array *mask)
{
    tg_status status = TG_OK;
    tg_array *flat = NULL, *flags = NULL, *node = NULL;
    int64_t *counts = NULL;

    TG_TRY(tg_inputs_status((tg_array *[]){a, mask}, 2));
    TG_TRY(check_mask(a, 0, mask));
    flat = tg_ravel(a);
    flags = tg_ravel(mask);
    TG_TRY(tg_inputs_status((tg_array *[]){flat, flags}, 2));
    flags = tg_rechunk_to(flags, &flat->grid);
    counts = calloc((size_t)flat->grid.count[0], sizeof *counts);
    TG_NEED(counts, TG_ENOMEM, "%" PRId64 " counts", flat->grid.count[0]);
    if (flat->size > 0)
        TG_TRY(count_true(flags, flat->grid.count[0], counts));
    TG_TRY(select_node(flat, flags, counts, &node));
out:
    free(counts);
    return status == TG_OK ? node
                           : tg_node_poisoned(tg_inputs_ctx((tg_array *[]){a, mask}, 2), status);
}

static tg_array *is_true(tg_array *a)
{
    return a && a->status == TG_OK && a->dtype != TG_BOOL ? tg_astype(a, TG_BOOL) : a;
}

tg_array *tg_extract(tg_array *condition, tg_array *a)
{
    tg_status status = TG_OK;

    TG_TRY(tg_inputs_status((tg_array *[]){condition, a}, 2));
    TG_TRY(cut_condition(tg_ravel(is_true(condition)), a->size, &condition));
    a = tg_ravel(a);
    if (condition->size < a->size) /* as if False came behind */
        a = tg_slice_one(a, 0, 0, 1, condition->size);
    return tg_select_where(a, condition);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){condition, a}, 2), status);
}

tg_array *tg_flatnonzero(tg_array *a)
{
    tg_status status = TG_OK;
    tg_array *flat = NULL;

    TG_TRY(tg_array_status(a));
    flat = tg_ravel(is_true(a));
    TG_TRY(tg_array_status(flat));
    return tg_select_where(tg_rechunk_to(tg_places(flat, 0), &flat->grid), flat);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_nonzero(tg_array *a, int axis)
{
    tg_status status = TG_OK;

    TG_TRY(tg_array_status(a));
    TG_NEED(axis >= 0 && axis < a->ndim, TG_EARG, "nonzero: axis %d of an array of %d axes", axis,
            a->ndim);
    return tg_select_where(tg_places(a, axis), is_true(a));
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_argwhere(tg_array *a)
{
    tg_status status = TG_OK;
    tg_array *column[TG_MAX_NDIM];

    TG_TRY(tg_array_status(a));
    if (a->ndim == 0) /* as many rows as nonzero(a.ravel()) has, of no indices */
        return tg_slice_one(tg_argwhere(tg_ravel(a)), 1, 0, 1, 0);
    for (int d = 0; d < a->ndim; d++)
        column[d] = tg_reshape_ones(tg_nonzero(a, d), 2, (int[]){0, -1});
    return tg_concatenate(column, a->ndim, 1);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
