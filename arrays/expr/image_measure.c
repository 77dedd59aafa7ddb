/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is measured of the elements under each label. Each chunk makes a record for each label that
 * it has; records are merged in a tree over the chunks in C order; labels that are asked for are
 * looked up in what comes of it.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <tegula/create.h>
#include <tegula/index.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/image.h"
#include "expr/parcels.h"
#include "kernel/elementwise.h"
#include "kernel/groups.h"
#include "kernel/types.h"

/* Parcels that are merged at once. */
#define FAN 8

static tg_status give(const tg_groups *groups, tg_task *task)
{
    tg_status status = TG_OK;
    void *out = tg_task_output(task, tg_groups_bytes(groups));

    TG_NEED(out, TG_ENOMEM, "records of %zu bytes", tg_groups_bytes(groups));
    TG_TRY(tg_groups_write(groups, out));
out:
    return status;
}

/* Blocks: elements, labels. */
static tg_status group(const tg_block *in, int nin, const void *params, size_t params_size,
                       tg_task *task)
{
    tg_status status = TG_OK;
    tg_groups groups = {0};

    (void)nin, (void)params_size;
    TG_TRY(tg_groups_begin(params, &groups));
    TG_TRY(tg_groups_add(&groups, &in[0], &in[1]));
    TG_TRY(give(&groups, task));
out:
    tg_groups_end(&groups);
    return status;
}

static tg_status merge(const tg_block *in, int nin, const void *params, size_t params_size,
                       tg_task *task)
{
    tg_status status = TG_OK;
    tg_groups groups = {0};

    (void)in, (void)params_size;
    TG_TRY(tg_groups_begin(params, &groups));
    for (int i = 0; i < nin; i++) {
        size_t size;
        const void *records = tg_task_input(task, i, &size);

        TG_TRY(tg_groups_merge(&groups, records, size));
    }
    TG_TRY(give(&groups, task));
out:
    tg_groups_end(&groups);
    return status;
}

/* Parameters of looking up. */
struct lookup {
    tg_group_spec spec;
    int64_t what;
    int64_t single; /* no label may be missing */
};

/* How many numbers are measured of a label. */
static int64_t numbers_of(const struct lookup *lookup)
{
    if (lookup->what == TG_MEASURE_CENTER_OF_MASS)
        return lookup->spec.ndim;
    return lookup->what == TG_MEASURE_BOX ? 2 * lookup->spec.ndim : 1;
}

static double variance_of(const tg_group_spec *spec, const tg_group *group)
{
    return group ? tg_group_number(&(tg_group_spec){.dtype = TG_FLOAT64, .kind = spec->kind},
                                   &group->value[1]) /
                       (double)group->count
                 : NAN;
}

static double centre_of(const tg_group_spec *spec, const tg_group *group, int64_t d)
{
    return group ? tg_group_number(spec, &group->value[1 + d]) /
                       tg_group_number(spec, &group->value[0])
                 : NAN;
}

/* Number k of a label's record, NULL for a label that is not there. */
static void measure(const struct lookup *lookup, const tg_group *group, int64_t k, tg_dtype dtype,
                    void *out)
{
    const tg_group_spec *spec = &lookup->spec;
    double *real = out;
    int side = lookup->what == TG_MEASURE_MAXIMUM;

    switch ((tg_measure)lookup->what) {
    case TG_MEASURE_SUM:
        *real = group ? tg_group_number(spec, &group->value[0]) : 0;
        break;
    case TG_MEASURE_MEAN:
        *real = group ? tg_group_number(spec, &group->value[0]) / (double)group->count : NAN;
        break;
    case TG_MEASURE_VARIANCE:
        *real = variance_of(spec, group);
        break;
    case TG_MEASURE_STANDARD_DEVIATION:
        *real = sqrt(variance_of(spec, group));
        break;
    case TG_MEASURE_CENTER_OF_MASS:
        *real = centre_of(spec, group, k);
        break;
    case TG_MEASURE_MINIMUM:
    case TG_MEASURE_MAXIMUM:
        if (group && lookup->single && isnan(tg_group_number(spec, &group->value[1])))
            side = 1; /* of one label NumPy's own minimum, which is NaN then as well */
        if (!group)
            memset(out, 0, tg_dtype_size(dtype));
        else
            tg_convert(1, dtype < TG_FLOAT32 ? TG_INT64 : TG_FLOAT64, &group->value[side], dtype,
                       out);
        break;
    case TG_MEASURE_BOX:
        *(int64_t *)out = group ? group->value[k].integer : 0;
        break;
    default:
        k = lookup->what == TG_MEASURE_MAXIMUM_POSITION ? 3 : 2;
        *(int64_t *)out = group ? group->value[k].integer : 0;
    }
}

/* Blocks: all records, the labels that are asked for. */
static tg_status look_up(const tg_block *in, int nin, tg_block *out, const void *params,
                         size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct lookup *lookup = params;
    int64_t numbers = numbers_of(lookup), n = out->size / numbers;
    int64_t *key = tg_task_scratch(task, (size_t)(n + 1) * sizeof *key);
    size_t size, step = tg_dtype_size(out->dtype);
    const void *records = tg_task_input(task, 0, &size);

    (void)nin, (void)params_size;
    TG_NEED(key, TG_ENOMEM, "%" PRId64 " labels", n);
    tg_group_keys(&lookup->spec, n, in[1].dtype, in[1].data, key);
    for (int64_t i = 0; i < n; i++) {
        const tg_group *found = tg_group_find(&lookup->spec, records, size, key[i]);

        TG_NEED(found || !lookup->single, TG_EARG,
                "zero-size array to reduction operation which has no identity: no element has the "
                "label");
        for (int64_t k = 0; k < numbers; k++)
            measure(lookup, found, k, out->dtype,
                    (char *)out->data + (size_t)(i * numbers + k) * step);
    }
out:
    return status;
}

static tg_group_kind kind_of(tg_measure what)
{
    switch (what) {
    case TG_MEASURE_SUM:
    case TG_MEASURE_MEAN:
        return TG_GROUP_SUM;
    case TG_MEASURE_VARIANCE:
    case TG_MEASURE_STANDARD_DEVIATION:
        return TG_GROUP_MOMENTS;
    case TG_MEASURE_CENTER_OF_MASS:
        return TG_GROUP_CENTRE;
    case TG_MEASURE_BOX:
        return TG_GROUP_BOX;
    default:
        return TG_GROUP_EXTREMES;
    }
}

static tg_dtype result_dtype(tg_measure what, tg_dtype dtype)
{
    if (what == TG_MEASURE_MINIMUM || what == TG_MEASURE_MAXIMUM)
        return dtype;
    return what == TG_MEASURE_MINIMUM_POSITION || what == TG_MEASURE_MAXIMUM_POSITION ||
                   what == TG_MEASURE_BOX
               ? TG_INT64
               : TG_FLOAT64;
}

tg_array *tg_group_records(tg_array *a, tg_array *labels, const tg_group_spec *spec)
{
    tg_parcel_spec parcel = {.name = "group",
                             .function = group,
                             .params = spec,
                             .params_size = sizeof *spec,
                             .bytes = 16 * tg_group_size(spec)};
    tg_array *records = tg_parcels_each(
        &parcel, (tg_array *[]){a, a->status == TG_OK ? tg_rechunk_to(labels, &a->grid) : a}, 2);

    parcel.name = "merge";
    parcel.function = merge;
    return tg_parcels_join_all(&parcel, records, FAN);
}

/* The records of all labels, and for each label of `index` its numbers as new last axes. */
static tg_array *look_up_node(tg_array *records, tg_array *index, const struct lookup *lookup,
                              tg_dtype dtype)
{
    tg_status status = TG_OK;
    tg_block_spec spec = {.name = "look up",
                          .function = look_up,
                          .params = lookup,
                          .params_size = sizeof *lookup,
                          .dtype = dtype};
    int64_t shape[TG_MAX_NDIM], numbers = numbers_of(lookup);
    bool plain = lookup->what != TG_MEASURE_CENTER_OF_MASS && lookup->what != TG_MEASURE_BOX;
    tg_array *node, *inputs[2] = {records, tg_ravel(index)};
    tg_blocks_params *params;

    TG_TRY(tg_inputs_status(inputs, 2));
    node = tg_blocks_node(records->ctx, &spec, inputs, 2);
    TG_TRY(tg_array_status(node));
    params = node->params;
    params->axis[1][0] = 0;
    shape[0] = inputs[1]->size;
    shape[1] = numbers;
    TG_TRY(tg_node_shape(node, plain ? 1 : 2, shape));
    node->grid.count[0] = inputs[1]->grid.count[0];
    node->grid.length[0] = inputs[1]->grid.length[0];
    if (!plain)
        TG_TRY(tg_grid_axis(node->ctx, numbers, numbers > 0 ? numbers : 1, &node->grid.count[1],
                            &node->grid.length[1]));
    tg_layout_plain(&node->layout, node->ndim, tg_dtype_size(dtype));
    if (plain)
        return tg_reshape(node, index->ndim, index->shape);
    memcpy(shape, index->shape, (size_t)index->ndim * sizeof *shape);
    shape[index->ndim] = numbers;
    return tg_reshape(node, index->ndim + 1, shape);
out:
    return tg_node_poisoned(tg_inputs_ctx(inputs, 2), status);
}

/* Labels 1 where elements count and 0 elsewhere, for one label, all that are above 0, or all. */
static tg_array *mask_of(tg_array *a, tg_array *labels, tg_array *index)
{
    if (!labels)
        return tg_rechunk_to(tg_ones(a->ctx, TG_BOOL, a->ndim, a->shape, NULL), &a->grid);
    return index ? tg_equal(labels, index) : tg_greater(labels, tg_int(a->ctx, 0));
}

static tg_array *zero_of(const tg_array *a)
{
    return tg_zeros(a->ctx, a->dtype, 0, NULL, NULL);
}

/* NumPy's sum of what is left. */
static tg_array *masked_sum(tg_array *a, tg_array *labels, tg_array *mask)
{
    return tg_sum(labels ? tg_where(mask, a, zero_of(a)) : a, TG_ALL_AXES);
}

/* For each axis the sum of elements times their indices by the sum of elements. */
static tg_array *centre_of_complex(const tg_array *like, tg_array *a)
{
    tg_array *all = tg_sum(a, TG_ALL_AXES), *centre[TG_MAX_NDIM];
    int64_t shape[TG_MAX_NDIM];

    for (int d = 0; d < like->ndim; d++) {
        tg_array *at = tg_arange(like->ctx, 0, like->shape[d], 1, TG_INT64, NULL);

        for (int k = 0; k < like->ndim; k++)
            shape[k] = k == d ? like->shape[d] : 1;
        at = tg_reshape(at, like->ndim, shape);
        centre[d] = tg_divide(tg_sum(tg_multiply(a, at), TG_ALL_AXES), all);
    }
    return tg_stack(centre, like->ndim, 0);
}

/* Elements and labels of one shape; an index that asks for one number. */
static tg_status meet(tg_array **a, tg_array **labels, tg_array *index)
{
    tg_status status = TG_OK;
    tg_array *met[2];

    TG_TRY(tg_array_status(*a));
    if (index)
        TG_TRY(tg_array_status(index));
    if (!*labels)
        goto out;
    TG_TRY(tg_broadcast_arrays((tg_array *[]){*a, *labels}, 2, met));
    TG_TRY(tg_inputs_status(met, 2));
    *a = met[0];
    *labels = tg_rechunk_to(met[1], &met[0]->grid);
    TG_NEED((*labels)->dtype < TG_COMPLEX64, TG_EARG, "labels cannot be %s",
            tg_dtype_name((*labels)->dtype));
out:
    return status;
}

/* Of complex elements under one label, which are picked out: SciPy's results are complex. */
static tg_array *measure_complex(tg_measure what, tg_array *a, tg_array *labels, tg_array *mask)
{
    tg_array *picked = labels ? tg_extract(mask, a) : tg_ravel(a), *place;

    switch (what) {
    case TG_MEASURE_VARIANCE:
        return tg_astype(tg_var(picked, TG_ALL_AXES), TG_COMPLEX128);
    case TG_MEASURE_STANDARD_DEVIATION:
        return tg_astype(tg_std(picked, TG_ALL_AXES), TG_COMPLEX128);
    case TG_MEASURE_MEDIAN:
        return tg_median(picked, TG_ALL_AXES, false);
    case TG_MEASURE_MINIMUM:
        return tg_min(picked, TG_ALL_AXES);
    case TG_MEASURE_MAXIMUM:
        return tg_max(picked, TG_ALL_AXES);
    case TG_MEASURE_CENTER_OF_MASS:
        return centre_of_complex(a, labels ? tg_where(mask, a, zero_of(a)) : a);
    default: /* a position: that of the extreme among those that were picked */
        place = what == TG_MEASURE_MAXIMUM_POSITION ? tg_argmax(picked, TG_ALL_AXES)
                                                    : tg_argmin(picked, TG_ALL_AXES);
        if (!labels)
            return place;
        return tg_getitem(tg_flatnonzero(mask), &(tg_index){.kind = TG_INDEX_ARRAY, .array = place},
                          1);
    }
}

static tg_array *measure_single(tg_measure what, tg_array *a, tg_array *labels, tg_array *index)
{
    tg_array *mask = mask_of(a, labels, index);
    tg_array *one = tg_ones(a->ctx, TG_INT64, 0, NULL, NULL);
    struct lookup lookup = {
        .spec = {kind_of(what), a->ndim, a->dtype, 0}, .what = what, .single = true};

    if (what == TG_MEASURE_SUM)
        return masked_sum(a, labels, mask);
    if (what == TG_MEASURE_MEAN)
        return tg_divide(
            masked_sum(a->dtype == TG_FLOAT32 ? tg_astype(a, TG_FLOAT64) : a, labels, mask),
            tg_astype(tg_sum(mask, TG_ALL_AXES), TG_FLOAT64));
    if (a->dtype >= TG_COMPLEX64)
        return measure_complex(what, a, labels, mask);
    lookup.single = kind_of(what) == TG_GROUP_EXTREMES;
    return look_up_node(tg_group_records(a, mask, &lookup.spec), one, &lookup,
                        result_dtype(what, a->dtype));
}

static tg_array *measure_median(tg_array *a, tg_array *labels, tg_array *index)
{
    if (!labels)
        return tg_median(a, TG_ALL_AXES, false);
    if (index && index->ndim > 0)
        return tg_median_labels(a, labels, index, false);
    if (a->dtype >= TG_COMPLEX64)
        return measure_complex(TG_MEASURE_MEDIAN, a, labels, mask_of(a, labels, index));
    return tg_median_labels(a, mask_of(a, labels, index), tg_ones(a->ctx, TG_BOOL, 0, NULL, NULL),
                            true);
}

/* Extremes of complex elements: of their places among the distinct ones in order. */
static tg_array *complex_extremes(tg_measure what, tg_array *a, tg_array *labels, tg_array *index)
{
    tg_unique_parts parts = {0};
    tg_array *distinct = tg_unique_along(tg_ravel(a), NULL, true, &parts), *rank, *found, *ones;

    if (distinct->status != TG_OK)
        return distinct;
    rank = tg_rechunk_to(tg_reshape(parts.inverse, a->ndim, a->shape), &a->grid);
    rank = tg_measure_labels(what, rank, labels, index);
    if (what == TG_MEASURE_MINIMUM_POSITION || what == TG_MEASURE_MAXIMUM_POSITION)
        return rank;
    ones = tg_rechunk_to(tg_ones(a->ctx, TG_BOOL, a->ndim, a->shape, NULL), &a->grid);
    found = tg_greater(tg_measure_labels(TG_MEASURE_SUM, ones, labels, index), tg_int(a->ctx, 0));
    return tg_where(found,
                    tg_getitem(distinct, &(tg_index){.kind = TG_INDEX_ARRAY, .array = rank}, 1),
                    zero_of(a));
}

tg_array *tg_measure_labels(tg_measure what, tg_array *a, tg_array *labels, tg_array *index)
{
    tg_status status = TG_OK;
    struct lookup lookup = {.what = what};
    tg_dtype dtype;

    TG_TRY(meet(&a, &labels, index));
    if (what == TG_MEASURE_MEDIAN)
        return measure_median(a, labels, labels ? index : NULL);
    dtype = a->dtype;
    if (!labels || !index || (index->ndim == 0 && what != TG_MEASURE_BOX))
        return measure_single(what, a, labels, labels ? index : NULL);
    if (dtype >= TG_COMPLEX64 && kind_of(what) == TG_GROUP_EXTREMES)
        return complex_extremes(what, a, labels, index);
    TG_NEED(dtype < TG_COMPLEX64, TG_EARG,
            "%s has no sums under several labels: measure real and imaginary parts on their own",
            tg_dtype_name(dtype));
    lookup.spec = (tg_group_spec){kind_of(what), a->ndim, dtype,
                                  tg_is_float(labels->dtype) || tg_is_float(index->dtype)};
    return look_up_node(tg_group_records(a, labels, &lookup.spec), index, &lookup,
                        result_dtype(what, dtype));
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* The bin of each element under the k-th of the labels, counted over all labels: k * bins + bin; -1
 * for what is in no bin, or under no label that is asked for. */
static tg_array *bins_of(tg_array *a, tg_array *labels, tg_array *sorted, const double *range,
                         int64_t bins)
{
    tg_ctx *ctx = a->ctx;
    tg_array *edges = tg_linspace(ctx, range[0], range[1], bins + 1, true, TG_FLOAT64, NULL, NULL);
    tg_array *bin = tg_subtract(tg_digitize(a, edges, false), tg_int(ctx, 1));
    tg_array *counts = tg_logical_and(tg_isin(labels, sorted, false),
                                      tg_logical_and(tg_greater_equal(a, tg_float(ctx, range[0])),
                                                     tg_less_equal(a, tg_float(ctx, range[1]))));

    bin = tg_minimum(bin, tg_int(ctx, bins - 1)); /* the last edge is in the last bin */
    bin = tg_add(tg_multiply(tg_searchsorted(sorted, labels, false), tg_int(ctx, bins)), bin);
    return tg_where(counts, bin, tg_int(ctx, -1));
}

tg_array *tg_histogram_labels(tg_array *a, tg_array *labels, tg_array *index, const double *range,
                              int64_t bins)
{
    tg_status status = TG_OK;
    tg_array *sorted, *wanted;

    TG_TRY(meet(&a, &labels, index));
    TG_NEED(a->dtype < TG_COMPLEX64, TG_EARG, "%s cannot be measured under labels",
            tg_dtype_name(a->dtype));
    TG_NEED(bins > 0, TG_EARG, "`bins` must be positive, not %" PRId64, bins);
    TG_NEED(isfinite(range[0]) && isfinite(range[1]), TG_EARG,
            "min and max of a histogram must be finite: %g, %g", range[0], range[1]);
    TG_NEED(range[0] <= range[1], TG_EARG, "`bins` must increase monotonically: from %g to %g",
            range[0], range[1]);
    if (!labels || !index) {
        labels = mask_of(a, labels, NULL);
        index = tg_ones(a->ctx, TG_BOOL, 0, NULL, NULL);
    }
    TG_NEED(index->ndim < TG_MAX_NDIM, TG_EARG, "a histogram for labels of %d axes", index->ndim);
    sorted = tg_sort(tg_ravel(index), 0);
    wanted = tg_multiply(tg_searchsorted(sorted, index, false), tg_int(a->ctx, bins));
    wanted =
        tg_add(tg_expand_dims(wanted, TG_AXES(-1)), tg_arange(a->ctx, 0, bins, 1, TG_INT64, NULL));
    labels = bins_of(tg_astype(a, TG_FLOAT64), labels, sorted, range, bins);
    a = tg_rechunk_to(tg_ones(a->ctx, TG_BOOL, a->ndim, a->shape, NULL), &a->grid);
    return tg_astype(tg_measure_labels(TG_MEASURE_SUM, a, labels, wanted), TG_INT64);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_find_objects(tg_array *labels, int64_t max_label)
{
    tg_status status = TG_OK;
    tg_array *index;

    TG_TRY(tg_array_status(labels));
    TG_NEED(labels->dtype < TG_FLOAT32, TG_EARG, "find_objects: labels must be integers, not %s",
            tg_dtype_name(labels->dtype));
    index = tg_arange(labels->ctx, 1, (max_label > 0 ? max_label : 0) + 1, 1, TG_INT64, NULL);
    return tg_measure_labels(TG_MEASURE_BOX, labels, labels, index);
out:
    return tg_node_poisoned(tg_inputs_ctx(&labels, 1), status);
}
