/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Otsu's threshold. Integers are counted by value, as groups whose label is the value; floats in
 * bins between the smallest and the largest, which a first pass finds:
 *
 *     integers   chunks -> values and counts -> merged -> threshold
 *     floats     chunks -> min, max --.
 *                   `----------------`-> counts -> added -> threshold
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expr/image.h"
#include "expr/parcels.h"
#include "kernel/elementwise.h"
#include "kernel/otsu.h"
#include "kernel/types.h"

#define FAN 8

/* Values that lie between those that are there have no elements and change nothing. */
static tg_status threshold_integers(const tg_block *in, int nin, tg_block *out, const void *params,
                                    size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const tg_group_spec *spec = params;
    size_t size, step = tg_group_size(spec);
    const char *records = tg_task_input(task, 0, &size);
    int64_t n = (int64_t)(size / step);
    double *counts = tg_task_scratch(task, (size_t)(6 * n) * sizeof *counts);
    double *centers = counts + n;
    int64_t best = 0;

    (void)in, (void)nin, (void)params_size;
    TG_NEED(counts, TG_ENOMEM, "a histogram of %" PRId64 " values", n);
    for (int64_t i = 0; i < n; i++) {
        const tg_group *group = (const tg_group *)(const void *)(records + (size_t)i * step);

        counts[i] = (double)group->count;
        centers[i] = (double)group->label;
    }
    if (n > 1)
        best = tg_otsu(n, counts, centers, false, centers + n);
    *(int64_t *)out->data =
        ((const tg_group *)(const void *)(records + (size_t)best * step))->label;
out:
    return status;
}

static tg_array *otsu_integers(tg_array *a)
{
    tg_group_spec spec = {TG_GROUP_COUNT, a->ndim, a->dtype, 0};
    tg_block_spec block = {.name = "otsu",
                           .function = threshold_integers,
                           .params = &spec,
                           .params_size = sizeof spec,
                           .dtype = TG_INT64};
    tg_array *records = tg_group_records(a, a, &spec);

    return tg_blocks_of_parcels(&block, &records, 1, NULL);
}

struct bins {
    int64_t count, single;
};

/* numpy.linspace from the smallest to the largest element. */
static double edge_of(const struct bins *bins, double low, double high, int64_t i)
{
    double edge = i == bins->count ? high : (double)i * ((high - low) / (double)bins->count) + low;

    return bins->single ? (double)(float)edge : edge;
}

/* Blocks: elements, smallest, largest. */
static tg_status count_bins(const tg_block *in, int nin, const void *params, size_t params_size,
                            tg_task *task)
{
    tg_status status = TG_OK;
    const struct bins *bins = params;
    const double *x = in[0].data;
    double low = *(const double *)in[1].data, high = *(const double *)in[2].data;
    double norm = (double)bins->count / (high - low);
    int64_t *count = tg_task_output(task, (size_t)bins->count * sizeof *count);
    double *edge = tg_task_scratch(task, (size_t)(bins->count + 1) * sizeof *edge);

    (void)nin, (void)params_size;
    TG_NEED(count && edge, TG_ENOMEM, "%" PRId64 " bins", bins->count);
    TG_NEED(isfinite(low) && isfinite(high), TG_EARG,
            "autodetected range of [%g, %g] is not finite", low, high);
    memset(count, 0, (size_t)bins->count * sizeof *count);
    for (int64_t i = 0; i <= bins->count; i++)
        edge[i] = edge_of(bins, low, high, i);
    for (int64_t i = 0; i < in[0].size && low < high; i++) {
        int64_t bin = (int64_t)((x[i] - low) * norm);

        bin = bin < bins->count ? bin : bins->count - 1;
        bin -= bin > 0 && x[i] < edge[bin];
        bin += bin < bins->count - 1 && x[i] >= edge[bin + 1];
        count[bin]++;
    }
out:
    return status;
}

static tg_status add_bins(const tg_block *in, int nin, const void *params, size_t params_size,
                          tg_task *task)
{
    tg_status status = TG_OK;
    const struct bins *bins = params;
    int64_t *sum = tg_task_output(task, (size_t)bins->count * sizeof *sum);

    (void)in, (void)params_size;
    TG_NEED(sum, TG_ENOMEM, "%" PRId64 " bins", bins->count);
    memset(sum, 0, (size_t)bins->count * sizeof *sum);
    for (int i = 0; i < nin; i++) {
        const int64_t *count = tg_task_input(task, i, NULL);

        for (int64_t b = 0; b < bins->count; b++)
            sum[b] += count[b];
    }
out:
    return status;
}

/* Blocks: counts, smallest, largest. */
static tg_status threshold_floats(const tg_block *in, int nin, tg_block *out, const void *params,
                                  size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct bins *bins = params;
    const int64_t *count = in[0].data;
    double low = *(const double *)in[1].data, high = *(const double *)in[2].data;
    int64_t n = bins->count;
    double *counts = tg_task_scratch(task, (size_t)(6 * n) * sizeof *counts);
    double *centers = counts + n, threshold = low;

    (void)nin, (void)params_size;
    TG_NEED(counts, TG_ENOMEM, "%" PRId64 " bins", n);
    for (int64_t i = 0; i < n; i++) {
        double sum = edge_of(bins, low, high, i) + edge_of(bins, low, high, i + 1);

        counts[i] = (double)count[i];
        centers[i] = bins->single ? (double)((float)sum / 2) : sum / 2;
    }
    if (low < high)
        threshold = centers[tg_otsu(n, counts, centers, bins->single, centers + n)];
    tg_convert(1, TG_FLOAT64, &threshold, out->dtype, out->data);
out:
    return status;
}

static tg_array *otsu_floats(tg_array *a, int64_t nbins)
{
    struct bins bins = {nbins, a->dtype == TG_FLOAT32};
    tg_parcel_spec parcel = {.name = "count bins",
                             .function = count_bins,
                             .params = &bins,
                             .params_size = sizeof bins,
                             .bytes = (size_t)nbins * sizeof(int64_t)};
    tg_block_spec block = {.name = "otsu",
                           .function = threshold_floats,
                           .params = &bins,
                           .params_size = sizeof bins,
                           .dtype = a->dtype == TG_FLOAT32 ? TG_FLOAT32 : TG_FLOAT64};
    tg_array *inputs[3];

    a = tg_astype(a, TG_FLOAT64);
    inputs[0] = a;
    inputs[1] = tg_min(a, TG_ALL_AXES);
    inputs[2] = tg_max(a, TG_ALL_AXES);
    inputs[0] = tg_parcels_each(&parcel, inputs, 3);
    parcel.name = "add bins";
    parcel.function = add_bins;
    inputs[0] = tg_parcels_join_all(&parcel, inputs[0], FAN);
    return tg_blocks_of_parcels(&block, inputs, 3, NULL);
}

tg_array *tg_threshold_otsu(tg_array *a, int64_t nbins)
{
    tg_status status = TG_OK;

    TG_TRY(tg_array_status(a));
    TG_NEED(a->size > 0, TG_EARG, "threshold_otsu of an image without elements");
    TG_NEED(!tg_is_complex(a->dtype), TG_EARG, "threshold_otsu is not defined for %s",
            tg_dtype_name(a->dtype));
    TG_NEED(nbins >= 1 && nbins <= INT32_MAX, TG_EARG, "threshold_otsu: %" PRId64 " bins", nbins);
    if (a->dtype != TG_BOOL && a->dtype < TG_FLOAT32)
        return otsu_integers(a);
    return otsu_floats(a, nbins);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_status tg_otsu_of_histogram(int64_t n, const double *counts, const double *centers, double *out)
{
    tg_status status = TG_OK;
    int64_t first = 0, end = n;
    double *scratch = malloc((size_t)(5 * n + 1) * sizeof *scratch);

    TG_NEED(scratch, TG_ENOMEM, "a histogram of %" PRId64 " bins", n);
    for (int64_t i = 0; i < n; i++)
        scratch[4 * n + i] = centers ? centers[i] : (double)i;
    while (first < end && !(counts[first] > 0))
        first++;
    while (end > first && !(counts[end - 1] > 0))
        end--;
    TG_NEED(end > first, TG_EARG, "threshold_otsu: a histogram without elements");
    first += tg_otsu(end - first, counts + first, scratch + 4 * n + first, false, scratch);
    *out = scratch[4 * n + first];
out:
    free(scratch);
    return status;
}
