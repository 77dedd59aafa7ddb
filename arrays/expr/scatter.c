/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Elements at listed places replaced, or put in between: one slice of an array and the values,
 * which are joined to it.
 *
 *     a[[1, 3]] = v     [a v] = a0 a1 a2 a3 a4 v0 v1  ->  a0 v0 a2 v1 a4
 *     insert(a, 1, v)                                 ->  a0 v0 a1 a2 a3 a4
 *
 * What is between two places is one stretch of the slice, so memory goes with the places alone.
 */
#include "expr/scatter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A place, and which value stands there. */
struct place {
    int64_t at, value;
};

static int compare_places(const void *x, const void *y)
{
    const struct place *a = x, *b = y;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->value < b->value ? -1 : a->value > b->value;
}

/* Sorted places, each within 0 .. high; in order among equals. */
static tg_status sort_places(const int64_t *list, int64_t count, int64_t n, int64_t high, int axis,
                             struct place **out)
{
    tg_status status = TG_OK;
    struct place *places = malloc((size_t)(count + 1) * sizeof *places);

    TG_NEED(places, TG_ENOMEM, "%" PRId64 " places", count);
    for (int64_t i = 0; i < count; i++) {
        TG_NEED(list[i] >= -n && list[i] <= high, TG_EARG,
                "index %" PRId64 " is out of bounds for axis %d with size %" PRId64, list[i], axis,
                n);
        places[i] = (struct place){list[i] < 0 ? list[i] + n : list[i], i};
    }
    qsort(places, (size_t)count, sizeof *places, compare_places);
    *out = places;
    places = NULL;
out:
    free(places);
    return status;
}

/* The slice of a and values joined, where a value replaces the element at its place (of several the
 * last stays) or stands before it. */
static tg_array *merge(tg_array *a, tg_array *values, int d, const struct place *places,
                       int64_t count, bool replace)
{
    tg_status status = TG_OK;
    int64_t n = a->shape[d], from = 0;
    tg_stretches list = {0};
    tg_slice_params params;
    tg_array *both = tg_concatenate((tg_array *[]){a, values}, 2, d);

    TG_TRY(tg_array_status(both));
    for (int64_t i = 0; i < count; i++) {
        if (replace && i + 1 < count && places[i + 1].at == places[i].at)
            continue;
        if (places[i].at > from)
            tg_stretches_add(&list, from, 1, places[i].at - from);
        tg_stretches_add(&list, n + places[i].value, 1, 1);
        from = places[i].at + replace;
    }
    if (n > from)
        tg_stretches_add(&list, from, 1, n - from);
    TG_TRY(tg_slice_begin(both, &params));
    TG_TRY(tg_stretches_give(&list, a->ctx, &params, d));
    both = tg_slice_node(both, &params, replace ? &a->grid : NULL);
out:
    tg_stretches_clear(&list);
    return status == TG_OK ? both : tg_node_poisoned(a->ctx, status);
}

tg_array *tg_replace_places(tg_array *a, const int64_t *list, int64_t count, tg_array *values,
                            int axis)
{
    tg_status status = TG_OK;
    struct place *places = NULL;
    tg_array *out = a;

    TG_TRY(tg_inputs_status((tg_array *[]){a, values}, 2));
    TG_TRY(sort_places(list, count, a->shape[axis], a->shape[axis] - 1, axis, &places));
    if (count > 0 && values->size > 0)
        out = merge(a, values, axis, places, count, true);
out:
    free(places);
    return status == TG_OK ? out : tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_insert_places(tg_array *a, const int64_t *list, int64_t count, tg_array *values,
                           int axis)
{
    tg_status status = TG_OK;
    struct place *places = NULL;
    int64_t shape[TG_MAX_NDIM];
    tg_array *out = NULL;
    int d;

    TG_TRY(tg_inputs_status((tg_array *[]){a, values}, 2));
    TG_TRY(tg_normalize_axis(a, axis, &d));
    TG_TRY(sort_places(list, count, a->shape[d], a->shape[d], d, &places));
    memcpy(shape, a->shape, sizeof shape);
    shape[d] = count;
    values = tg_broadcast_to(tg_astype(values, a->dtype), a->ndim, shape);
    TG_TRY(tg_array_status(values));
    out = count > 0 ? merge(a, values, d, places, count, false) : a;
out:
    free(places);
    return status == TG_OK ? out : tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* Values broadcast to the part that they are for; leading axes of length 1 are dropped. */
static tg_array *fit(tg_array *values, const tg_array *part)
{
    int from[TG_MAX_NDIM];

    if (part->status != TG_OK)
        return (tg_array *)part;
    while (values->status == TG_OK && values->ndim > part->ndim && values->shape[0] == 1) {
        for (int d = 0; d < values->ndim - 1; d++)
            from[d] = d + 1;
        values = tg_reshape_ones(values, values->ndim - 1, from);
    }
    return tg_broadcast_to(values, part->ndim, part->shape);
}

/* One list of one axis, slices elsewhere: the slices' part with its list replaced is assigned to
 * the slices. The position of the list among the items; -1: it is not so simple. */
static int only_list(const tg_items *items)
{
    int found = -1;

    for (int i = 0; i < items->n; i++) {
        if (items->item[i].kind == TG_INDEX_LIST && found < 0 && items->item[i].list_ndim <= 1)
            found = i;
        else if (items->item[i].kind != TG_INDEX_SLICE)
            return -1;
    }
    return found;
}

static tg_array *set_one_list(tg_array *a, tg_items *items, int axis, tg_array *values)
{
    const tg_index list = items->item[axis];
    tg_array *part, *region;
    bool whole = true;

    part = tg_getitem(a, items->item, items->n);
    values = fit(values, part);
    items->item[axis] = TG_ALL;
    for (int i = 0; i < items->n; i++)
        whole = whole && items->item[i].start == TG_NONE && items->item[i].stop == TG_NONE &&
                items->item[i].step == TG_NONE;
    region = whole ? a : tg_getitem(a, items->item, items->n);
    region = tg_replace_places(region, list.list, list.count, values, axis);
    return whole ? region : tg_set_slice(a, items->item, items->n, region);
}

/* Any index: the places in the raveled array are those that the index picks from 0, 1, 2, ... */
static tg_array *set_places(tg_array *a, const tg_index *index, int nindex, tg_array *values)
{
    tg_status status = TG_OK;
    tg_array *places = tg_arange(a->ctx, 0, a->size, 1, TG_INT64, NULL), *out = NULL;
    int64_t *list = NULL;

    places = tg_getitem(tg_reshape(places, a->ndim, a->shape), index, nindex);
    values = fit(values, places);
    TG_TRY(tg_array_status(values));
    list = malloc((size_t)(places->size + 1) * sizeof *list);
    TG_NEED(list, TG_ENOMEM, "%" PRId64 " places", places->size);
    TG_TRY(tg_gather(places, list, (size_t)places->size * sizeof *list));
    out = tg_replace_places(tg_ravel(a), list, places->size, tg_ravel(values), 0);
    out = tg_reshape(out, a->ndim, a->shape);
    TG_TRY(tg_array_status(out));
    out = tg_rechunk_to(out, &a->grid);
out:
    free(list);
    return status == TG_OK ? out : tg_node_poisoned(a->ctx, status);
}

tg_array *tg_set_lists(tg_array *a, const tg_index *index, int nindex, tg_array *values)
{
    tg_status status = TG_OK;
    tg_items items = {0};
    bool plain = true;
    int axis;

    for (int i = 0; i < nindex; i++)
        plain = plain && !(index[i].kind == TG_INDEX_MASK && index[i].array->ndim != 1);
    if (!plain)
        return set_places(a, index, nindex, values);
    TG_TRY(tg_items_expand(a, index, nindex, &items));
    axis = only_list(&items);
    if (axis < 0)
        return set_places(a, items.item, items.n, values);
    return set_one_list(a, &items, axis, values);
out:
    return tg_node_poisoned(a->ctx, status);
}
