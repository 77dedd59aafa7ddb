/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Medians of the elements under each label. A median needs all of them: each chunk picks out those
 * whose label is asked for, one task sorts what was picked, label by label.
 *
 *     chunks, labels, index -> picked: counts by label, elements -> medians by label -> index's
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/image.h"
#include "expr/parcels.h"
#include "kernel/elementwise.h"
#include "kernel/order.h"
#include "kernel/types.h"

/* Parameters of all tasks. */
struct medians {
    int64_t dtype, float_label;
    int64_t single; /* of one label: NaN where an element is; the label has to be there */
};

/* Elements of a label in a parcel: first the number of such records, then these, then the elements
 * in their order. */
struct picked {
    int64_t key, count;
};

/* The median of a label. */
struct median {
    int64_t key;
    double value[2]; /* real and imaginary part */
};

static tg_group_spec keys_of(const struct medians *medians)
{
    return (tg_group_spec){.float_label = medians->float_label};
}

static int compare_keys(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

    return a < b ? -1 : a > b;
}

/* Where a key is among sorted ones; -1: nowhere. */
static int64_t find_key(const int64_t *keys, int64_t n, int64_t key)
{
    const int64_t *found = bsearch(&key, keys, (size_t)n, sizeof *keys, compare_keys);

    return found ? found - keys : -1;
}

/* The labels that are asked for, each once and sorted. */
static tg_status wanted_keys(const tg_block *index, const struct medians *medians, tg_task *task,
                             int64_t **out, int64_t *count)
{
    tg_status status = TG_OK;
    const tg_group_spec spec = keys_of(medians);
    int64_t *keys = tg_task_scratch(task, (size_t)(index->size + 1) * sizeof *keys), n = 0;

    TG_NEED(keys, TG_ENOMEM, "%" PRId64 " labels", index->size);
    tg_group_keys(&spec, index->size, index->dtype, index->data, keys);
    qsort(keys, (size_t)index->size, sizeof *keys, compare_keys);
    for (int64_t i = 0; i < index->size; i++)
        if (n == 0 || keys[i] != keys[n - 1])
            keys[n++] = keys[i];
    *out = keys;
    *count = n;
out:
    return status;
}

/* By element which of the keys its label is, -1 for none; count[k] elements have key k. */
static void place_elements(const int64_t *label, int64_t n, const int64_t *keys, int64_t nkeys,
                           int64_t *place, int64_t *count)
{
    memset(count, 0, (size_t)nkeys * sizeof *count);
    for (int64_t i = 0; i < n; i++) {
        place[i] =
            i > 0 && label[i] == label[i - 1] ? place[i - 1] : find_key(keys, nkeys, label[i]);
        if (place[i] >= 0)
            count[place[i]]++;
    }
}

/* Blocks: elements, labels, the labels that are asked for. */
static tg_status pick(const tg_block *in, int nin, const void *params, size_t params_size,
                      tg_task *task)
{
    tg_status status = TG_OK;
    const struct medians *medians = params;
    const tg_group_spec spec = keys_of(medians);
    const size_t n = (size_t)in->size, item = tg_dtype_size(in->dtype);
    int64_t *label = tg_task_scratch(task, (n + 1) * sizeof *label), *keys = NULL, nkeys = 0;
    int64_t *place = tg_task_scratch(task, (n + 1) * sizeof *place), *count, total = 0, there = 0;
    struct picked *record;
    char *out, *to;

    (void)nin, (void)params_size;
    TG_TRY(wanted_keys(&in[2], medians, task, &keys, &nkeys));
    count = tg_task_scratch(task, (size_t)(nkeys + 1) * sizeof *count);
    TG_NEED(label && place && count, TG_ENOMEM, "labels of %zu elements", n);
    tg_group_keys(&spec, in->size, in[1].dtype, in[1].data, label);
    place_elements(label, in->size, keys, nkeys, place, count);
    for (int64_t k = 0; k < nkeys; k++) {
        total += count[k];
        there += count[k] > 0;
    }
    out =
        tg_task_output(task, sizeof there + (size_t)there * sizeof *record + (size_t)total * item);
    TG_NEED(out, TG_ENOMEM, "%" PRId64 " elements under labels", total);
    memcpy(out, &there, sizeof there);
    record = (struct picked *)(void *)(out + sizeof there);
    to = (char *)(record + there);
    total = 0;
    for (int64_t k = 0; k < nkeys; k++) {
        int64_t own = count[k];

        if (own > 0)
            *record++ = (struct picked){keys[k], own};
        count[k] = total;
        total += own;
    }
    for (size_t i = 0; i < n; i++)
        if (place[i] >= 0)
            memcpy(to + (size_t)count[place[i]]++ * item, (const char *)in->data + i * item, item);
out:
    return status;
}

/* A record of a parcel and its elements. */
struct segment {
    struct picked picked;
    const char *data;
};

static int compare_segments(const void *x, const void *y)
{
    const struct segment *a = x, *b = y;

    return compare_keys(&a->picked.key, &b->picked.key);
}

static tg_status list_segments(tg_task *task, int nparcels, size_t item, struct segment **out,
                               int64_t *count)
{
    tg_status status = TG_OK;
    struct segment *segment;
    int64_t n = 0;

    for (int i = 0; i < nparcels; i++)
        n += *(const int64_t *)tg_task_input(task, i, NULL);
    *count = n;
    *out = segment = tg_task_scratch(task, (size_t)(n + 1) * sizeof *segment);
    TG_NEED(segment, TG_ENOMEM, "%" PRId64 " labels of chunks", n);
    for (int i = 0; i < nparcels; i++) {
        const char *parcel = tg_task_input(task, i, NULL);
        const int64_t own = *(const int64_t *)(const void *)parcel;
        const struct picked *record = (const void *)(parcel + sizeof own);
        const char *data = (const char *)(record + own);

        for (int64_t k = 0; k < own; k++, data += (size_t)record[k - 1].count * item)
            *segment++ = (struct segment){record[k], data};
    }
    qsort(*out, (size_t)n, sizeof **out, compare_segments);
out:
    return status;
}

/* Of n sorted elements; floats keep their precision. */
static void median_of(const struct medians *medians, const char *sorted, int64_t n, double *value)
{
    const tg_dtype dtype = (tg_dtype)medians->dtype;
    const size_t item = tg_dtype_size(dtype);
    double x[2][2];

    if (medians->single && tg_element_is_nan(dtype, sorted + (size_t)(n - 1) * item)) {
        value[0] = value[1] = NAN;
        return;
    }
    for (int64_t i = 0; i < 2; i++)
        tg_convert(1, dtype, sorted + (size_t)((n - 1 + i) / 2) * item, TG_COMPLEX128, x[i]);
    for (int k = 0; k < 2; k++)
        value[k] = n % 2 == 1            ? x[0][k]
                   : dtype == TG_FLOAT32 ? ((float)x[0][k] + (float)x[1][k]) / 2
                                         : (x[0][k] + x[1][k]) / 2;
}

/* Of all parcels the median of each label. */
static tg_status find_medians(const tg_block *in, int nin, const void *params, size_t params_size,
                              tg_task *task)
{
    tg_status status = TG_OK;
    const struct medians *medians = params;
    const size_t item = tg_dtype_size((tg_dtype)medians->dtype);
    struct segment *segment = NULL;
    struct median *out;
    int64_t n = 0, nkeys = 0, total = 0, most = 0;
    char *data, *spare;

    (void)in, (void)params_size;
    TG_TRY(list_segments(task, nin, item, &segment, &n));
    for (int64_t i = 0; i < n; i++) {
        bool first = i == 0 || segment[i].picked.key != segment[i - 1].picked.key;

        nkeys += first;
        total = (first ? 0 : total) + segment[i].picked.count;
        most = total > most ? total : most;
    }
    data = tg_task_scratch(task, (size_t)most * item + 1);
    spare = tg_task_scratch(task, (size_t)most * item + 1);
    out = tg_task_output(task, (size_t)nkeys * sizeof *out);
    TG_NEED(data && spare && (out || nkeys == 0), TG_ENOMEM, "%" PRId64 " elements of a label",
            most);
    for (int64_t i = 0; i < n; out++) {
        *out = (struct median){.key = segment[i].picked.key};
        for (total = 0; i < n && segment[i].picked.key == out->key; i++) {
            memcpy(data + (size_t)total * item, segment[i].data,
                   (size_t)segment[i].picked.count * item);
            total += segment[i].picked.count;
        }
        tg_sort_elements((tg_dtype)medians->dtype, total, data, spare);
        median_of(medians, data, total, out->value);
    }
out:
    return status;
}

/* Blocks: medians of all labels, the labels that are asked for. */
static tg_status look_up(const tg_block *in, int nin, tg_block *out, const void *params,
                         size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const tg_group_spec spec = keys_of(params);
    const double none[2] = {NAN, 0};
    int64_t *key = tg_task_scratch(task, (size_t)(out->size + 1) * sizeof *key);
    size_t size;
    const struct median *medians = tg_task_input(task, 0, &size);

    (void)nin, (void)params_size;
    TG_NEED(key, TG_ENOMEM, "%" PRId64 " labels", out->size);
    tg_group_keys(&spec, out->size, in[1].dtype, in[1].data, key);
    for (int64_t i = 0; i < out->size; i++) {
        const struct median *found = size > 0 ? bsearch(&key[i], medians, size / sizeof *medians,
                                                        sizeof *medians, compare_keys)
                                              : NULL;

        tg_convert(1, tg_is_complex(out->dtype) ? TG_COMPLEX128 : TG_FLOAT64,
                   found ? found->value : none, out->dtype,
                   (char *)out->data + (size_t)i * tg_dtype_size(out->dtype));
    }
out:
    return status;
}

tg_array *tg_median_labels(tg_array *a, tg_array *labels, tg_array *index, bool single)
{
    tg_status status = TG_OK;
    tg_array *flat = tg_rechunk(tg_ravel(index), "-1"), *inputs[3] = {a, labels, flat}, *found;
    struct medians medians = {.single = single};
    tg_parcel_spec parcel = {
        .name = "pick", .function = pick, .params = &medians, .params_size = sizeof medians};
    tg_block_spec block = {
        .name = "look up", .function = look_up, .params = &medians, .params_size = sizeof medians};

    TG_TRY(tg_inputs_status(inputs, 3));
    medians.dtype = a->dtype;
    medians.float_label = tg_is_float(labels->dtype) || tg_is_float(index->dtype);
    parcel.bytes =
        (size_t)(a->size / (tg_grid_chunks(a->ndim, &a->grid) + 1) + 1) * tg_dtype_size(a->dtype);
    found = tg_parcels_each(&parcel, inputs, 3);
    parcel.name = "medians";
    parcel.function = find_medians;
    parcel.bytes = (size_t)index->size * sizeof(struct median);
    found = tg_parcels_join(&parcel, found, INT64_MAX);
    block.dtype = tg_is_float(a->dtype) || tg_is_complex(a->dtype) ? a->dtype : TG_FLOAT64;
    found = tg_blocks_of_parcels(&block, (tg_array *[]){found, flat}, 2, flat);
    return tg_reshape(found, index->ndim, index->shape);
out:
    return tg_node_poisoned(tg_inputs_ctx(inputs, 3), status);
}
