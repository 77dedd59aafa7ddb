/* SPDX-License-Identifier: BSD-3-Clause */
/* What builders infer, and the sentences with which they refuse. */
#include <stdlib.h>
#include <tegula/tegula.h>

#include "check.h"
#include "expr/node.h"

/* An array of zeros in memory. */
static tg_array *zeros(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape)
{
    int64_t size = 1;
    void *values;
    tg_array *a;

    for (int d = 0; d < ndim; d++)
        size *= shape[d];
    values = calloc((size_t)size + 1, tg_dtype_size(dtype));
    a = tg_from_memory(ctx, values, dtype, ndim, shape);
    free(values);
    return a;
}

static tg_status shapes_broadcast_and_dtypes_promote(tg_ctx *ctx)
{
    tg_array *a = zeros(ctx, TG_INT16, 2, (int64_t[]){4, 1});
    tg_array *b = zeros(ctx, TG_UINT16, 1, (int64_t[]){5});
    tg_array *sum = tg_add(a, b), *half = tg_multiply(a, tg_float(ctx, 0.5));

    TEST_OK(tg_array_status(sum));
    TEST_EQUAL(tg_ndim(sum), 2);
    TEST_EQUAL(tg_shape(sum)[0], 4);
    TEST_EQUAL(tg_shape(sum)[1], 5);
    TEST_EQUAL(tg_dtype_of(sum), TG_INT32);
    TEST_EQUAL(tg_dtype_of(half), TG_FLOAT64);
    TEST_EQUAL(tg_dtype_of(tg_add(a, tg_int(ctx, 7))), TG_INT16);
    TEST_EQUAL(tg_dtype_of(tg_less(a, tg_int(ctx, 70000))), TG_BOOL);
    TEST_EQUAL(tg_dtype_of(tg_divide(a, a)), TG_FLOAT64);
    return TG_OK;
}

static tg_status reductions_keep_or_drop_axes(tg_ctx *ctx)
{
    tg_array *a = zeros(ctx, TG_INT16, 3, (int64_t[]){4, 5, 6});
    tg_array *kept = tg_sum(a, TG_KEEPDIMS(0, -1)), *all = tg_sum(a, TG_ALL_AXES);

    TEST_EQUAL(tg_ndim(kept), 3);
    TEST_EQUAL(tg_shape(kept)[0], 1);
    TEST_EQUAL(tg_shape(kept)[1], 5);
    TEST_EQUAL(tg_shape(kept)[2], 1);
    TEST_EQUAL(tg_ndim(all), 0);
    TEST_EQUAL(tg_size(all), 1);
    TEST_EQUAL(tg_dtype_of(all), TG_INT64);
    return TG_OK;
}

static tg_status refusals_are_sentences(tg_ctx *ctx)
{
    tg_array *a = zeros(ctx, TG_INT8, 4, (int64_t[]){4, 5, 3, 2});
    tg_array *b = zeros(ctx, TG_INT8, 4, (int64_t[]){4, 5, 4, 6});
    tg_array *none = zeros(ctx, TG_INT8, 2, (int64_t[]){3, 0});

    TEST_FAILS(tg_array_status(tg_mean(a, TG_AXES(7))), TG_EARG,
               "axis 7 is out of range for an array of 4 axes, shape (4, 5, 3, 2)");
    TEST_FAILS(tg_array_status(tg_mean(a, TG_AXES(1, -3))), TG_EARG, "axis 1 is given twice");
    TEST_FAILS(tg_array_status(tg_min(none, TG_AXES(1))), TG_EARG,
               "min along axis 1 of length 0 has no value: shape (3, 0)");
    TEST_FAILS(tg_array_status(tg_add(a, b)), TG_EARG,
               "shapes (4, 5, 3, 2) and (4, 5, 4, 6) cannot be broadcast together");
    TEST_FAILS(tg_array_status(tg_concatenate((tg_array *[]){a, b}, 2, -1)), TG_EARG,
               "argument 2 has shape (4, 5, 4, 6), argument 1 (4, 5, 3, 2): concatenate along axis "
               "-1 needs all other axes equal");
    TEST_FAILS(tg_array_status(tg_concatenate(NULL, 0, 0)), TG_EARG,
               "concatenate needs at least one array");
    TEST_FAILS(tg_array_status(tg_mean(NULL, TG_AXES(0))), TG_EARG, "without an array");
    TEST_FAILS(tg_array_status(tg_add(a, tg_int(ctx, 300))), TG_EARG,
               "Python integer 300 out of bounds for int8");
    TEST_FAILS(tg_array_status(tg_rechunk(a, "2,x,3,1")), TG_EARG, "'x' is no chunk length");
    TEST_FAILS(tg_array_status(tg_rechunk(a, "2,2")), TG_EARG,
               "chunks '2,2' has 2 entries, the array has 4 axes, shape (4, 5, 3, 2)");
    TEST_FAILS(tg_array_status(tg_transpose(a, (int[]){0, 1, 1, 2})), TG_EARG,
               "axis 1 is given twice");
    TEST_FAILS(tg_array_status(tg_detrended_std(a, 3, -1, 0)), TG_EARG, "degree -1");
    return TG_OK;
}

static tg_status poison_keeps_the_first_message(tg_ctx *ctx)
{
    tg_array *a = zeros(ctx, TG_INT8, 1, (int64_t[]){4});
    tg_array *bad = tg_sum(a, TG_AXES(3)), *worse = tg_sqrt(tg_add(bad, tg_sum(a, TG_AXES(9))));
    int8_t out[4];

    TEST_FAILS(tg_gather(worse, out, sizeof out), TG_EARG, "axis 3 is out of range");
    TEST_EQUAL(tg_ndim(worse), 0);
    TEST_FAILS(tg_gather(a, out, 3), TG_EARG, "memory of 3 bytes for a result of 4 bytes");
    TEST_FAILS(tg_array_status(tg_add(a, NULL)), TG_EARG, "without an array");
    return TG_OK;
}

static tg_status chosen_chunks_have_long_runs_and_are_not_thin(tg_ctx *ctx)
{
    tg_layout layout;
    int64_t shape[] = {64, 64, 30, 759}, length[4] = {0};
    int64_t flat[] = {30000, 10000}, rows[2] = {0};

    (void)ctx;
    tg_layout_plain(&layout, 4, 2);
    tg_grid_choose(&layout, 4, shape, length);
    TEST_EQUAL(length[0], 16);
    TEST_EQUAL(length[1], 5);
    TEST_EQUAL(length[2], 30);
    TEST_EQUAL(length[3], 759);
    tg_layout_plain(&layout, 2, 8);
    tg_grid_choose(&layout, 2, flat, rows);
    TEST_EQUAL(rows[0], 52);
    TEST_EQUAL(rows[1], 10000);
    return TG_OK;
}

static tg_status chosen_chunks_follow_those_of_the_file(tg_ctx *ctx)
{
    tg_layout layout;
    int64_t shape[] = {64, 64, 30, 759}, length[4] = {0};

    (void)ctx;
    tg_layout_plain(&layout, 4, 2);
    memcpy(layout.natural, (int64_t[]){16, 16, 10, 50}, 4 * sizeof *layout.natural);
    tg_grid_choose(&layout, 4, shape, length);
    TEST_EQUAL(length[0], 16);
    TEST_EQUAL(length[1], 16);
    TEST_EQUAL(length[2], 10);
    TEST_EQUAL(length[3], 759);
    length[1] = 8; /* fixed by the user */
    length[0] = length[2] = length[3] = 0;
    tg_grid_choose(&layout, 4, shape, length);
    TEST_EQUAL(length[1], 8);
    TEST_EQUAL(length[2], 20);
    return TG_OK;
}

static tg_status joined_arrays_are_cut_once_without_slivers(tg_ctx *ctx)
{
    tg_array *a = zeros(ctx, TG_FLOAT64, 2, (int64_t[]){1000, 1000});
    tg_array *b = zeros(ctx, TG_FLOAT64, 2, (int64_t[]){1000, 300});
    tg_array *joined = tg_concatenate((tg_array *[]){a, b}, 2, 1);

    TEST_OK(tg_array_status(joined));
    TEST_EQUAL(tg_nchunks(joined, 0), 3);
    TEST_EQUAL(tg_chunks(joined, 0)[0], 334);
    TEST_EQUAL(tg_nchunks(joined, 1), 2);
    TEST_EQUAL(tg_chunks(joined, 1)[1], 300);
    return TG_OK;
}

static tg_status fixed_cuts_follow_the_finer_without_slivers(tg_ctx *ctx)
{
    tg_array *a = tg_rechunk(zeros(ctx, TG_INT8, 1, (int64_t[]){12}), "4");
    tg_array *b = tg_rechunk(zeros(ctx, TG_INT8, 1, (int64_t[]){12}), "6");
    tg_array *fine = tg_rechunk(b, "2"), *sum = tg_add(a, b);

    TEST_EQUAL(tg_nchunks(sum, 0), 3);
    TEST_EQUAL(tg_chunks(sum, 0)[1], 4);
    TEST_EQUAL(tg_nchunks(tg_add(b, fine), 0), 6);
    return TG_OK;
}

static tg_status builders(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(shapes_broadcast_and_dtypes_promote(ctx));
    TEST_OK(reductions_keep_or_drop_axes(ctx));
    TEST_OK(refusals_are_sentences(ctx));
    TEST_OK(poison_keeps_the_first_message(ctx));
    TEST_OK(chosen_chunks_have_long_runs_and_are_not_thin(ctx));
    TEST_OK(chosen_chunks_follow_those_of_the_file(ctx));
    TEST_OK(joined_arrays_are_cut_once_without_slivers(ctx));
    TEST_OK(fixed_cuts_follow_the_finer_without_slivers(ctx));
    printf("all builders are right\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, builders, NULL);
}

//TEST np=1,2 expect="all builders are right"
