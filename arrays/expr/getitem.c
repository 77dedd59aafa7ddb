/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What stands between the brackets of x[...], in four steps:
 *
 *     1. ... becomes as many : as are missing; masks and arrays of integers become lists
 *     2. integers, slices and a single list are one slice node
 *     3. several lists are broadcast to positions in their axes seen as one (pointwise)
 *     4. axes are dropped, put in and moved to where NumPy has them
 */
#include "expr/index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_list(const tg_index *item)
{
    return item->kind == TG_INDEX_LIST;
}

/* Axes of the array that an item stands for. */
static int consumes(const tg_index *item)
{
    switch (item->kind) {
    case TG_INDEX_NEWAXIS:
    case TG_INDEX_ELLIPSIS:
        return 0;
    case TG_INDEX_MASK:
        return item->array->ndim;
    default:
        return 1;
    }
}

static tg_status count_axes(const tg_array *a, const tg_index *index, int nindex, int *missing)
{
    tg_status status = TG_OK;
    char text[TG_SHAPE_TEXT];
    int used = 0, ellipses = 0;

    for (int i = 0; i < nindex; i++) {
        if (index[i].kind == TG_INDEX_MASK || index[i].kind == TG_INDEX_ARRAY)
            TG_TRY(tg_array_status(index[i].array));
        used += consumes(&index[i]);
        ellipses += index[i].kind == TG_INDEX_ELLIPSIS;
    }
    TG_NEED(ellipses <= 1, TG_EARG, "an index can only have a single ellipsis ('...')");
    TG_NEED(used <= a->ndim, TG_EARG,
            "too many indices: the array has %d axes, shape %s, but %d were indexed", a->ndim,
            tg_shape_text(a->ndim, a->shape, text), used);
    *missing = a->ndim - used;
out:
    return status;
}

tg_status tg_items_expand(tg_array *a, const tg_index *index, int nindex, tg_items *out)
{
    tg_status status = TG_OK;
    int missing, n = 0, axis = 0;
    bool open = true;

    TG_TRY(count_axes(a, index, nindex, &missing));
    for (int i = 0; i < nindex || open; i++) {
        const tg_index *item = i < nindex ? &index[i] : NULL;

        if (!item || item->kind == TG_INDEX_ELLIPSIS) {
            for (; open && missing > 0; missing--, axis++)
                out->item[n++] = TG_ALL;
            open = false;
            continue;
        }
        TG_NEED(n + consumes(item) < TG_MAX_ITEMS, TG_EARG, "%d items in an index: too many",
                nindex);
        if (item->kind == TG_INDEX_MASK) {
            TG_TRY(tg_items_of_mask(a, axis, item->array, out->item + n));
            n += item->array->ndim;
        } else if (item->kind == TG_INDEX_ARRAY) {
            TG_TRY(tg_item_of_array(item->array, &out->item[n++]));
        } else {
            out->item[n++] = *item;
        }
        axis += consumes(item);
        if (i == nindex - 1 && missing == 0)
            open = false;
    }
    out->n = n;
out:
    return status;
}

static tg_status check_bounds(int64_t at, int64_t n, int axis)
{
    tg_status status = TG_OK;

    TG_NEED(at >= -n && at < n, TG_EARG,
            "index %" PRId64 " is out of bounds for axis %d with size %" PRId64, at, axis, n);
out:
    return status;
}

/* Python's slice.indices: start, step and count within an axis of length n. */
tg_status tg_slice_resolve(const tg_index *item, int64_t n, int64_t *start, int64_t *step,
                           int64_t *count)
{
    tg_status status = TG_OK;
    int64_t by = item->step == TG_NONE ? 1 : item->step, low = by < 0 ? -1 : 0;
    int64_t high = by < 0 ? n - 1 : n, from = by < 0 ? high : low, to = by < 0 ? low : high;

    TG_NEED(by != 0, TG_EARG, "slice step cannot be zero");
    if (item->start != TG_NONE) {
        from = item->start < 0 ? item->start + n : item->start;
        from = from < low ? low : from > high ? high : from;
    }
    if (item->stop != TG_NONE) {
        to = item->stop < 0 ? item->stop + n : item->stop;
        to = to < low ? low : to > high ? high : to;
    }
    *start = from;
    *step = by;
    *count = 0;
    if (by > 0 && to > from)
        *count = (to - from - 1) / by + 1;
    else if (by < 0 && to < from)
        *count = by == INT64_MIN + 1 ? 1 : (from - to - 1) / -by + 1;
    *step = *count <= 1 ? 1 : by;
out:
    return status;
}

static tg_status slice_list(tg_ctx *ctx, const tg_index *item, int64_t n, int axis,
                            tg_slice_params *params)
{
    tg_status status = TG_OK;
    tg_stretches list = {0};

    for (int64_t i = 0; i < item->count; i++) {
        int64_t at = item->list[i];

        TG_TRY(check_bounds(at, n, axis));
        tg_stretches_add(&list, at < 0 ? at + n : at, 1, 1);
    }
    TG_TRY(tg_stretches_give(&list, ctx, params, axis));
out:
    tg_stretches_clear(&list);
    return status;
}

/* One item for one axis of a slice. */
static tg_status slice_item(const tg_array *a, const tg_index *item, int axis,
                            tg_slice_params *params)
{
    tg_status status = TG_OK;
    int64_t start, step, count, n = a->shape[axis];

    if (item->kind == TG_INDEX_LIST)
        return slice_list(a->ctx, item, n, axis, params);
    if (item->kind == TG_INDEX_INTEGER) {
        TG_TRY(check_bounds(item->start, n, axis));
        start = item->start < 0 ? item->start + n : item->start;
        step = count = 1;
    } else {
        TG_TRY(tg_slice_resolve(item, n, &start, &step, &count));
    }
    TG_TRY(tg_slice_axis(a->ctx, params, axis, start, step, count));
out:
    return status;
}

/* NumPy's broadcast of the lists' shapes. */
static tg_status broadcast_lists(const tg_items *items, int *ndim, int64_t *shape)
{
    tg_status status = TG_OK;

    *ndim = 0;
    for (int i = 0; i < items->n; i++)
        if (is_list(&items->item[i])) {
            int own = items->item[i].list_ndim > 0 ? items->item[i].list_ndim : 1;

            *ndim = own > *ndim ? own : *ndim;
        }
    for (int d = 0; d < *ndim; d++) {
        shape[d] = 1;
        for (int i = 0; i < items->n; i++) {
            const tg_index *item = &items->item[i];
            int own = item->list_ndim > 0 ? item->list_ndim : 1, k = d - (*ndim - own);
            int64_t n = !is_list(item) || k < 0 ? 1
                        : item->list_shape      ? item->list_shape[k]
                                                : item->count;

            TG_NEED(n == shape[d] || n == 1 || shape[d] == 1, TG_EARG,
                    "lists of %" PRId64 " and %" PRId64
                    " integers cannot be broadcast together in an index",
                    shape[d], n);
            shape[d] = n == 1 ? shape[d] : n;
        }
    }
out:
    return status;
}

/* The element of a list that meets element `at` of the broadcast ones. */
static int64_t list_at(const tg_index *item, int ndim, const int64_t *shape, int64_t at)
{
    int own = item->list_ndim > 0 ? item->list_ndim : 1;
    int64_t offset = 0, step = 1;

    for (int d = ndim - 1; d >= ndim - own; d--) {
        int64_t n = item->list_shape ? item->list_shape[d - (ndim - own)] : item->count;

        offset += n == 1 ? 0 : at % shape[d] * step;
        at /= shape[d];
        step *= n;
    }
    return item->list[offset];
}

/* The lists as one list of positions in their axes seen as one, which stand first. */
static tg_status point(tg_array *a, const tg_items *items, int nlists, const int64_t *lengths,
                       int ndim, const int64_t *shape, tg_array **out)
{
    tg_status status = TG_OK;
    int64_t count = 1, all = 1;
    tg_slice_params params;
    tg_stretches list = {0};
    int64_t flat[TG_MAX_NDIM];

    for (int d = 0; d < ndim; d++)
        count *= shape[d];
    for (int64_t p = 0; p < count; p++) {
        int64_t at = 0;

        for (int i = 0, k = 0; i < items->n; i++) {
            int64_t one;

            if (!is_list(&items->item[i]))
                continue;
            one = list_at(&items->item[i], ndim, shape, p);
            TG_TRY(check_bounds(one, lengths[k], items->axis[i]));
            at = at * lengths[k] + (one < 0 ? one + lengths[k] : one);
            k++;
        }
        tg_stretches_add(&list, at, 1, 1);
    }
    for (int k = 0; k < nlists; k++)
        all *= lengths[k];
    flat[0] = all;
    memcpy(flat + 1, a->shape + nlists, (size_t)(a->ndim - nlists) * sizeof *flat);
    *out = tg_reshape(a, a->ndim - nlists + 1, flat);
    TG_TRY(tg_array_status(*out));
    TG_TRY(tg_slice_begin(*out, &params));
    TG_TRY(tg_stretches_give(&list, a->ctx, &params, 0));
    *out = tg_slice_node(*out, &params, NULL);
    TG_TRY(tg_array_status(*out));
out:
    tg_stretches_clear(&list);
    return status;
}

/* The place of the lists' axes among the result's: where the lists and integers stand when nothing
 * else stands between them, else first. */
static int lists_place(const tg_items *items)
{
    int first = -1, last = -1, place = 0;

    for (int i = 0; i < items->n; i++)
        if (is_list(&items->item[i]) || items->item[i].kind == TG_INDEX_INTEGER) {
            first = first < 0 ? i : first;
            last = i;
        }
    for (int i = first; i <= last; i++)
        if (!is_list(&items->item[i]) && items->item[i].kind != TG_INDEX_INTEGER)
            return 0;
    for (int i = 0; i < first; i++)
        place += items->item[i].kind == TG_INDEX_NEWAXIS || items->item[i].kind == TG_INDEX_SLICE;
    return place;
}

/* `a` has the axis of the lists first, where there are lists, then those of slices and integers in
 * their order: drop and put in axes, give the lists theirs, put these where they belong. */
static tg_array *arrange(tg_array *a, const tg_items *items, bool lists, int ndim,
                         const int64_t *shape)
{
    tg_status status = TG_OK;
    int from[TG_MAX_NDIM] = {0}, order[TG_MAX_NDIM], n = 0, axis = lists ? 1 : 0, place;
    int64_t split[TG_MAX_NDIM];

    if (lists)
        from[n++] = 0;
    for (int i = 0; i < items->n; i++) {
        tg_index_kind kind = items->item[i].kind;

        if (kind == TG_INDEX_SLICE || kind == TG_INDEX_NEWAXIS) {
            TG_NEED(n < TG_MAX_NDIM, TG_EARG, "an index makes more than %d axes", TG_MAX_NDIM);
            from[n++] = kind == TG_INDEX_SLICE ? axis : -1;
        }
        axis += kind == TG_INDEX_SLICE || kind == TG_INDEX_INTEGER;
    }
    a = tg_reshape_ones(a, n, from);
    if (!lists || a->status != TG_OK)
        return a;
    TG_NEED(n - 1 + ndim <= TG_MAX_NDIM, TG_EARG, "an index makes more than %d axes", TG_MAX_NDIM);
    place = lists_place(items);
    if (ndim == 1) { /* without a reshape where it can be */
        for (int d = 0; d < n; d++)
            order[d] = d < place ? d + 1 : d == place ? 0 : d;
        return place ? tg_transpose(a, order) : a;
    }
    memcpy(split, shape, (size_t)ndim * sizeof *split);
    memcpy(split + ndim, a->shape + 1, (size_t)(n - 1) * sizeof *split);
    a = tg_reshape(a, n - 1 + ndim, split);
    for (int d = 0; d < n - 1 + ndim; d++)
        order[d] = d < place ? d + ndim : d < place + ndim ? d - place : d;
    return place ? tg_transpose(a, order) : a;
out:
    return tg_node_poisoned(a->ctx, status);
}

/* Axes with lists first; lengths of these. */
static tg_array *lists_first(tg_array *a, const tg_items *items, int64_t *lengths)
{
    int order[TG_MAX_NDIM], n = 0;
    bool moved = false;

    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < items->n; i++)
            if (items->axis[i] >= 0 && is_list(&items->item[i]) == (pass == 0)) {
                if (pass == 0)
                    lengths[n] = a->shape[items->axis[i]];
                moved = moved || items->axis[i] != n;
                order[n++] = items->axis[i];
            }
    return moved ? tg_transpose(a, order) : a;
}

static tg_array *one_list(tg_array *a, const tg_items *items, const tg_slice_params *params)
{
    tg_status status = TG_OK;
    int64_t lengths[TG_MAX_NDIM], shape[TG_MAX_NDIM];
    int ndim;

    TG_TRY(broadcast_lists(items, &ndim, shape));
    a = lists_first(tg_slice_node(a, params, NULL), items, lengths);
    return arrange(a, items, true, ndim, shape);
out:
    return tg_node_poisoned(a->ctx, status);
}

static tg_array *many_lists(tg_array *a, const tg_items *items, const tg_slice_params *params,
                            int nlists)
{
    tg_status status = TG_OK;
    int64_t lengths[TG_MAX_NDIM], shape[TG_MAX_NDIM];
    tg_array *picked = NULL;
    int ndim;

    TG_TRY(broadcast_lists(items, &ndim, shape));
    a = lists_first(tg_slice_node(a, params, NULL), items, lengths);
    TG_TRY(tg_array_status(a));
    TG_TRY(point(a, items, nlists, lengths, ndim, shape, &picked));
    return arrange(picked, items, true, ndim, shape);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* A mask of the whole array and nothing else. */
static bool is_whole_mask(const tg_array *a, const tg_index *index, int nindex)
{
    const tg_index *mask = NULL;

    for (int i = 0; i < nindex; i++) {
        if (index[i].kind == TG_INDEX_ELLIPSIS)
            continue;
        if (index[i].kind != TG_INDEX_MASK || mask)
            return false;
        mask = &index[i];
    }
    return mask && mask->array && mask->array->ndim == a->ndim && a->ndim > 0;
}

static bool is_point_mask(const tg_index *item)
{
    return item->kind == TG_INDEX_MASK && item->array->ndim == 0;
}

/* A mask without axes becomes one of length 1, and `a` gets the axis of length 1 that it is for. */
static tg_array *spread_point_mask(tg_array *a, tg_index *index, int nindex, int mask)
{
    tg_status status = TG_OK;
    int missing, place = 0, from[TG_MAX_NDIM];

    TG_TRY(count_axes(a, index, nindex, &missing));
    TG_NEED(a->ndim < TG_MAX_NDIM, TG_EARG, "an index makes more than %d axes", TG_MAX_NDIM);
    for (int i = 0; i < mask; i++)
        place += index[i].kind == TG_INDEX_ELLIPSIS ? missing : consumes(&index[i]);
    for (int d = 0; d <= a->ndim; d++)
        from[d] = d == place ? -1 : d - (d > place);
    index[mask].array = tg_reshape(index[mask].array, 1, &(int64_t){1});
    return tg_reshape_ones(a, a->ndim + 1, from);
out:
    return tg_node_poisoned(a->ctx, status);
}

tg_array *tg_getitem(tg_array *a, const tg_index *asked, int nindex)
{
    tg_status status = TG_OK;
    tg_index index[TG_MAX_ITEMS];
    tg_items items = {0};
    tg_slice_params params;
    int nlists = 0, axis = 0;

    TG_TRY(tg_array_status(a));
    TG_NEED(nindex <= TG_MAX_ITEMS, TG_EARG, "%d items in an index: too many", nindex);
    memcpy(index, asked, (size_t)nindex * sizeof *index);
    for (int i = 0; i < nindex; i++) {
        if (index[i].kind == TG_INDEX_MASK)
            TG_TRY(tg_array_status(index[i].array));
        if (is_point_mask(&index[i]))
            a = spread_point_mask(a, index, nindex, i);
        TG_TRY(tg_array_status(a));
    }
    if (is_whole_mask(a, index, nindex))
        for (int i = 0; i < nindex; i++)
            if (index[i].kind == TG_INDEX_MASK)
                return tg_select_where(a, index[i].array);
    TG_TRY(tg_items_expand(a, index, nindex, &items));
    TG_TRY(tg_slice_begin(a, &params));
    for (int i = 0; i < items.n; i++)
        nlists += is_list(&items.item[i]);
    for (int i = 0; i < items.n; i++) {
        items.axis[i] = items.item[i].kind == TG_INDEX_NEWAXIS ? -1 : axis++;
        if (items.axis[i] >= 0 && (!is_list(&items.item[i]) || nlists == 1))
            TG_TRY(slice_item(a, &items.item[i], items.axis[i], &params));
    }
    if (nlists == 1)
        return one_list(a, &items, &params);
    if (nlists > 1)
        return many_lists(a, &items, &params, nlists);
    return arrange(tg_slice_node(a, &params, NULL), &items, false, 0, NULL);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_take(tg_array *a, const int64_t *list, int64_t count, int axis)
{
    tg_status status = TG_OK;
    tg_slice_params params;
    tg_index item = {.kind = TG_INDEX_LIST, .list = list, .count = count};
    int d;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &d));
    TG_TRY(tg_slice_begin(a, &params));
    TG_TRY(slice_item(a, &item, d, &params));
    return tg_slice_node(a, &params, NULL);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
