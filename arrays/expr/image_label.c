/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connected parts of an image (kernel/components.h, kernel/stitch.h):
 *
 *     image -> labels of each chunk ---------------------------------> numbers
 *                   `-> summaries -> stitches, one task -> table ---'
 *                                        `-> how many
 */
#include <inttypes.h>
#include <string.h>
#include <tegula/reduce.h>

#include "expr/image.h"
#include "expr/parcels.h"
#include "kernel/elementwise.h"
#include "kernel/stitch.h"
#include "kernel/types.h"

/* Most axes: neighbours of one element are 3^ndim. */
#define MOST_AXES 10

/* What is told of chunks grows with their lines along the last axis: where there are more of them,
 * chunks are made as long as this at least. */
#define MOST_LINES ((int64_t)1 << 22)
#define LEAST_LINE 64

/* Parameters of all tasks. */
struct labelling {
    tg_stitch_image image;
    uint8_t near[]; /* [3^ndim] */
};

static tg_status label_block(const tg_block *in, int nin, tg_block *out, const void *params,
                             size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct labelling *labelling = params;
    tg_neighbours neighbours = {.ndim = in->ndim, .near = labelling->near};
    size_t size = tg_components_scratch(&neighbours, in->shape, in->data);
    void *scratch = tg_task_scratch(task, size);

    (void)nin, (void)params_size;
    TG_NEED(scratch, TG_ENOMEM, "runs of %zu bytes", size);
    tg_components(&neighbours, in->shape, in->data, out->data, scratch);
out:
    return status;
}

static tg_status sum_up(const tg_block *in, int nin, const void *params, size_t params_size,
                        tg_task *task)
{
    tg_status status = TG_OK;
    void *scratch = tg_task_scratch(task, tg_stitch_summary_scratch(in));
    void *summary = tg_task_scratch(task, tg_stitch_summary_bound(in)), *out;
    size_t size;

    (void)nin, (void)params, (void)params_size;
    TG_NEED(scratch && summary, TG_ENOMEM, "a summary of %" PRId64 " labels", in->size);
    size = tg_stitch_summary(in, scratch, summary);
    out = tg_task_output(task, size);
    TG_NEED(out, TG_ENOMEM, "a summary of %zu bytes", size);
    memcpy(out, summary, size);
out:
    return status;
}

static tg_status stitch(const tg_block *in, int nin, const void *params, size_t params_size,
                        tg_task *task)
{
    tg_status status = TG_OK;
    const struct labelling *labelling = params;
    const void **summaries = tg_task_scratch(task, (size_t)nin * sizeof *summaries);
    size_t size;
    void *out;

    (void)in, (void)params_size;
    TG_NEED(summaries, TG_ENOMEM, "%d summaries", nin);
    for (int i = 0; i < nin; i++)
        summaries[i] = tg_task_input(task, i, NULL);
    size = tg_stitches_size(nin, summaries);
    out = tg_task_output(task, size);
    TG_NEED(out, TG_ENOMEM, "stitches of %zu bytes", size);
    TG_TRY(tg_stitches(&labelling->image, labelling->near, summaries, out));
out:
    return status;
}

static tg_status count_parts(const tg_block *in, int nin, tg_block *out, const void *params,
                             size_t params_size, tg_task *task)
{
    (void)nin, (void)params, (void)params_size, (void)task;
    *(int64_t *)out->data = tg_stitches_parts(in->data);
    return TG_OK;
}

/* Whether numbers up to `most` can be told apart in a dtype. */
static bool fits(int64_t most, tg_dtype dtype)
{
    char bytes[16];
    int64_t back;

    tg_convert(1, TG_INT64, &most, dtype, bytes);
    tg_convert(1, dtype, bytes, TG_INT64, &back);
    return back == most;
}

/* Blocks: labels, summary, stitches. */
static tg_status renumber(const tg_block *in, int nin, tg_block *out, const void *params,
                          size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct labelling *labelling = params;
    const int32_t *label = in[0].data;
    int64_t n = tg_stitch_table_size(in[1].data), parts = tg_stitches_parts(in[2].data), block = 0;
    int64_t *number = tg_task_scratch(task, (size_t)n * sizeof *number);
    char *table = tg_task_scratch(task, (size_t)n * sizeof(int64_t) * 2), *to = out->data;

    (void)nin, (void)params_size;
    TG_NEED(number && table, TG_ENOMEM, "a table of %" PRId64 " numbers", n);
    TG_NEED(fits(parts, out->dtype), TG_EARG,
            "insufficient bit-depth in requested output type: %" PRId64 " parts in %s", parts,
            tg_dtype_name(out->dtype));
    for (int d = 0; d < out->ndim; d++)
        block = block * labelling->image.count[d] + out->index[d];
    tg_stitch_table(in[1].data, in[2].data, block, number);
    tg_convert(n, TG_INT64, number, out->dtype, table);
    switch (tg_dtype_size(out->dtype)) {
    case 4:
        for (int64_t i = 0; i < out->size; i++)
            ((int32_t *)out->data)[i] = ((const int32_t *)(const void *)table)[label[i]];
        break;
    default:
        for (size_t i = 0, size = tg_dtype_size(out->dtype); i < (size_t)out->size; i++)
            memcpy(to + i * size, table + (size_t)label[i] * size, size);
    }
out:
    return status;
}

static tg_status check_structure(const tg_array *a, const tg_window *structure, uint8_t *near)
{
    tg_status status = TG_OK;
    int64_t n = tg_neighbours_size(a->ndim);

    TG_NEED(structure->ndim == a->ndim, TG_EARG,
            "structure and input must have equal rank: %d axes, not %d", structure->ndim, a->ndim);
    for (int d = 0; d < a->ndim; d++)
        TG_NEED(structure->shape[d] == 3, TG_EARG,
                "structure dimensions must be equal to 3, not %" PRId64, structure->shape[d]);
    for (int64_t i = 0; i < n; i++) {
        near[i] = structure->values[i] != 0;
        TG_NEED((structure->values[i] != 0) == (structure->values[n - 1 - i] != 0), TG_EARG,
                "Input structure is not symmetric");
    }
out:
    return status;
}

/* Neighbours are one step along one axis. */
static void near_by_default(int ndim, uint8_t *near)
{
    int64_t n = tg_neighbours_size(ndim);

    for (int64_t i = 0; i < n; i++) {
        int steps = 0;

        for (int64_t rest = i, d = 0; d < ndim; d++, rest /= 3)
            steps += rest % 3 != 1;
        near[i] = steps <= 1;
    }
}

static tg_status joined_lines(tg_array *a, tg_array **out)
{
    tg_status status = TG_OK;
    int last = a->ndim - 1;
    tg_grid grid = a->grid;

    *out = a;
    if (a->ndim == 0 || a->size / a->shape[last] * a->grid.count[last] <= MOST_LINES ||
        a->grid.count[last] * LEAST_LINE <= a->shape[last])
        return TG_OK;
    TG_TRY(tg_grid_axis(a->ctx, a->shape[last], LEAST_LINE, &grid.count[last], &grid.length[last]));
    *out = tg_rechunk_to(a, &grid);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

static tg_status check_chunks(const tg_array *a)
{
    tg_status status = TG_OK;
    int64_t most = 1;

    for (int d = 0; d < a->ndim; d++) {
        int64_t length = 1;

        for (int64_t c = 0; c < a->grid.count[d]; c++)
            length = a->grid.length[d][c] > length ? a->grid.length[d][c] : length;
        TG_NEED(most <= (INT32_MAX - 1) / length, TG_EARG,
                "label: a chunk of more than 2^31 - 1 elements");
        most *= length;
    }
out:
    return status;
}

/* The image as bytes 0 and 1, and the parameters of all tasks. */
static tg_status begin(tg_array *a, const tg_window *structure, tg_array **image,
                       struct labelling **out, size_t *size)
{
    tg_status status = TG_OK;
    struct labelling *labelling = NULL;

    TG_TRY(tg_array_status(a));
    TG_NEED(!tg_is_complex(a->dtype), TG_EARG, "Complex type not supported");
    TG_NEED(a->ndim <= MOST_AXES, TG_EARG, "label: an array of %d axes: at most %d can be", a->ndim,
            MOST_AXES);
    *size = sizeof *labelling + (size_t)tg_neighbours_size(a->ndim);
    labelling = tg_ctx_alloc(a->ctx, *size);
    TG_NEED(labelling, TG_ENOMEM, "%zu neighbours", *size);
    if (structure)
        TG_TRY(check_structure(a, structure, labelling->near));
    else
        near_by_default(a->ndim, labelling->near);
    if (a->size == 0)
        return TG_OK;
    TG_TRY(joined_lines(tg_astype(a, TG_BOOL), image));
    TG_TRY(check_chunks(*image));
    labelling->image.ndim = a->ndim;
    memcpy(labelling->image.shape, (*image)->shape, sizeof labelling->image.shape);
    memcpy(labelling->image.count, (*image)->grid.count, sizeof labelling->image.count);
    *out = labelling;
out:
    return status;
}

tg_array *tg_label(tg_array *a, const tg_window *structure, const tg_dtype *output,
                   tg_array **parts)
{
    tg_status status = TG_OK;
    struct labelling *labelling = NULL;
    size_t size = 0;
    tg_array *image = NULL, *labels, *summaries, *stitches, *unused;

    parts = parts ? parts : &unused;
    TG_TRY(begin(a, structure, &image, &labelling, &size));
    tg_block_spec block = {.params = labelling, .params_size = size, .dtype = TG_INT32};
    tg_parcel_spec parcel = {.name = "sum up", .function = sum_up, .bytes = sizeof(int64_t) * 128};
    tg_dtype dtype = output ? *output : a->size >= (1ll << 31) - 2 ? TG_INT64 : TG_INT32;

    if (a->size == 0) {
        *parts = tg_astype(tg_count_nonzero(a, TG_ALL_AXES), TG_INT64);
        return tg_astype(a, dtype);
    }
    block.name = "label";
    block.function = label_block;
    labels = tg_map_blocks(&block, &image, 1);
    summaries = tg_parcels_each(&parcel, &labels, 1);
    parcel = (tg_parcel_spec){.name = "stitch",
                              .function = stitch,
                              .params = labelling,
                              .params_size = size,
                              .bytes = (size_t)summaries->size * 1024};
    stitches = tg_parcels_join(&parcel, summaries, INT64_MAX);
    block.name = "parts";
    block.function = count_parts;
    block.dtype = TG_INT64;
    *parts = tg_blocks_of_parcels(&block, &stitches, 1, NULL);
    block.name = "renumber";
    block.function = renumber;
    block.dtype = dtype;
    return tg_blocks_of_parcels(&block, (tg_array *[]){labels, summaries, stitches}, 3, labels);
out:
    return *parts = tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
