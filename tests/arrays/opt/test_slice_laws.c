/* SPDX-License-Identifier: BSD-3-Clause */
/* The laws of slices, broadcasting and reshaping: what they make of expressions, and bytes read. */
#include <stdlib.h>
#include <tegula/create.h>
#include <tegula/index.h>
#include <tegula/shape.h>
#include <tegula/tegula.h>

#include "check.h"
#include "opt/pass.h"

/* The root is `after` when all passes have run. */
static tg_status becomes(tg_array *root, const char *after)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    TEST_OK(tg_optimise(&root, 1));
    TEST_OK(tg_array_dump(&root, 1, stream));
    fclose(stream);
    if (strcmp(text, after) != 0) {
        fprintf(stderr, "got\n%swant\n%s", text, after);
        return TG_EARG;
    }
    free(text);
    return TG_OK;
}

/* An array of shape [rows, 6] that stands for any source but a file. */
static tg_array *numbers(tg_ctx *ctx, int rows)
{
    static const int16_t zeros[64];

    return tg_from_memory(ctx, zeros, TG_INT16, 2, (int64_t[]){rows, 6});
}

static tg_status slices_of_slices_are_one(tg_ctx *ctx)
{
    tg_array *a = tg_getitem(numbers(ctx, 8), TG_INDEX(TG_SLICE(TG_NONE, TG_NONE, -1)));

    return becomes(tg_getitem(a, TG_INDEX(TG_SLICE(1, 8, 2), TG_SLICE(2, 5, 1))),
                   "%0 = memory(96 bytes) int16 (8, 6) chunks 8, 6\n"
                   "%1 = slice(%0; 6-2x4, 2+1x3) int16 (4, 3) chunks 4, 3\n"
                   "return %1\n");
}

static tg_status slices_go_below_operators(tg_ctx *ctx)
{
    tg_array *sum = tg_add(numbers(ctx, 4), tg_int(ctx, 1));

    return becomes(tg_getitem(tg_transpose(sum, NULL), TG_INDEX(TG_SLICE(0, 2, 1))),
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = slice(%0; :, 0+1x2) int16 (4, 2) chunks 4, 2\n"
                   "%2 = memory(number, 1) int64 ()\n"
                   "%3 = program(%1, %2; r2 = add r0 r1:int16) int16 (4, 2) chunks 4, 2\n"
                   "%4 = transpose(%3; axes 1 0) int16 (2, 4) chunks 2, 4\n"
                   "return %4\n");
}

static tg_status what_others_use_too_is_computed_once(tg_ctx *ctx)
{
    tg_array *root = tg_sqrt(numbers(ctx, 4));

    return becomes(tg_subtract(tg_getitem(root, TG_INDEX(TG_SLICE(1, 4, 1))),
                               tg_getitem(root, TG_INDEX(TG_SLICE(0, 3, 1)))),
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = program(%0; r1 = sqrt r0:float32) float32 (4, 6) chunks 4, 6\n"
                   "%2 = slice(%1; 1+1x3, :) float32 (3, 6) chunks 3, 6\n"
                   "%3 = slice(%1; 0+1x3, :) float32 (3, 6) chunks 3, 6\n"
                   "%4 = program(%2, %3; r2 = subtract r0 r1:float32) float32 (3, 6) chunks 3, 6\n"
                   "return %4\n");
}

static tg_status a_slice_of_joined_arrays_is_of_those_it_meets(tg_ctx *ctx)
{
    tg_array *joined = tg_concatenate((tg_array *[]){numbers(ctx, 4), numbers(ctx, 2)}, 2, 0);

    return becomes(tg_getitem(joined, TG_INDEX(TG_SLICE(4, 6, 1))),
                   "%0 = memory(24 bytes) int16 (2, 6) chunks 2, 6\n"
                   "return %0\n");
}

static tg_status kept_axes_of_a_reduction_are_cut_before(tg_ctx *ctx)
{
    return becomes(tg_getitem(tg_max(numbers(ctx, 4), TG_AXES(1)), TG_INDEX(TG_AT(2))),
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = slice(%0; 2, :) int16 (1, 6) chunks 1, 6\n"
                   "%2 = reduce(%1; max, axes 1) int16 (1,) chunks 1\n"
                   "%3 = reshape(%2) int16 ()\n"
                   "return %3\n");
}

static tg_status of_files_the_wanted_box_is_read(tg_ctx *ctx)
{
    double *values = calloc(1000 * 1000, sizeof *values), mean;
    int64_t before;
    tg_array *x, *part;

    TEST_OK(tg_store(tg_from_memory(ctx, values, TG_FLOAT64, 2, (int64_t[]){1000, 1000}), "x.h5",
                     "/x", NULL));
    free(values);
    x = tg_open(ctx, "x.h5:/x", NULL);
    part = tg_mean(tg_getitem(x, TG_INDEX(TG_SLICE(5, 10, 1), TG_SLICE(TG_NONE, TG_NONE, 3))),
                   TG_ALL_AXES);
    TEST_OK(becomes(part,
                    "%0 = read inside(x.h5:/x[5:10, 0:1000:3]) float64 (5, 334) chunks 5, 334\n"
                    "%1 = reduce(%0; mean, axes 0 1) float64 ()\n"
                    "return %1\n"));
    before = tg_counted(ctx, TG_BYTES_READ);
    TEST_OK(tg_gather(part, &mean, sizeof mean));
    TEST_EQUAL(tg_counted(ctx, TG_BYTES_READ) - before, 5 * 1000 * (int64_t)sizeof(double));
    before = tg_counted(ctx, TG_BYTES_READ);
    part = tg_sum(tg_getitem(x, TG_INDEX(TG_SLICE(TG_NONE, TG_NONE, 100))), TG_ALL_AXES);
    TEST_OK(tg_gather(part, &mean, sizeof mean));
    TEST_EQUAL(tg_counted(ctx, TG_BYTES_READ) - before, 10 * 1000 * (int64_t)sizeof(double));
    return TG_OK;
}

static tg_status constants_fold(tg_ctx *ctx)
{
    int64_t shape[3] = {10000, 10000, 10000};
    tg_array *ones = tg_ones(ctx, TG_FLOAT64, 3, shape, "2000,2000,2000");
    tg_array *sum = tg_sum(tg_transpose(ones, NULL), TG_ALL_AXES);
    double total = 0;

    TEST_OK(becomes(
        tg_add(tg_getitem(ones, TG_INDEX(TG_AT(0), TG_AT(1), TG_SLICE(0, 5, 1))), tg_float(ctx, 2)),
        "%0 = memory(1) float64 ()\n"
        "%1 = memory(number, 2) float64 ()\n"
        "%2 = program(%0, %1; r2 = add r0 r1:float64) float64 ()\n"
        "%3 = broadcast(%2) float64 (5,) chunks 5\n"
        "return %3\n"));
    TEST_OK(tg_gather(sum, &total, sizeof total));
    TEST_CHECK(total == 1e12);
    return TG_OK;
}

static tg_status reshapes_merge(tg_ctx *ctx)
{
    tg_array *a = tg_reshape(numbers(ctx, 4), 1, (int64_t[]){24});

    TEST_OK(becomes(tg_reshape(a, 2, (int64_t[]){4, 6}),
                    "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                    "return %0\n"));
    return becomes(tg_reshape(a, 3, (int64_t[]){2, 1, 12}),
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = reshape(%0) int16 (2, 1, 12) chunks 2, 1, 12\n"
                   "return %1\n");
}

static tg_status copy_block(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t size, tg_task *task)
{
    (void)nin, (void)params, (void)size, (void)task;
    memcpy(out->data, in->data, (size_t)in->size * tg_dtype_size(in->dtype));
    return TG_OK;
}

static const tg_block_spec same_block = {.name = "copy", .function = copy_block, .dtype = TG_INT64};

/* Rows become columns by way of squares; the values stay where they are. */
static tg_status many_pieces_are_cut_in_stages(tg_ctx *ctx)
{
    enum { N = 150 };
    int64_t *values = malloc(N * N * sizeof *values), *got = malloc(N * N * sizeof *got);
    tg_array *a, *root;
    bool same;

    for (int64_t i = 0; i < N * N; i++)
        values[i] = i;
    a = tg_from_memory(ctx, values, TG_INT64, 2, (int64_t[]){N, N});
    root = tg_rechunk(tg_map_blocks(&same_block, (tg_array *[]){tg_rechunk(a, "1,-1")}, 1), "-1,1");
    TEST_OK(tg_optimise(&root, 1));
    TEST_CHECK(root->class == &tg_class_rechunk && root->inputs[0]->class == &tg_class_rechunk);
    TEST_EQUAL(tg_nchunks(root->inputs[0], 0), 13);
    TEST_EQUAL(tg_nchunks(root->inputs[0], 1), 13);
    TEST_OK(tg_gather(root, got, N * N * sizeof *got));
    same = memcmp(values, got, N * N * sizeof *got) == 0;
    free(values);
    free(got);
    TEST_CHECK(same);
    return TG_OK;
}

static tg_status laws(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(slices_of_slices_are_one(ctx));
    TEST_OK(slices_go_below_operators(ctx));
    TEST_OK(what_others_use_too_is_computed_once(ctx));
    TEST_OK(a_slice_of_joined_arrays_is_of_those_it_meets(ctx));
    TEST_OK(kept_axes_of_a_reduction_are_cut_before(ctx));
    TEST_OK(of_files_the_wanted_box_is_read(ctx));
    TEST_OK(constants_fold(ctx));
    TEST_OK(reshapes_merge(ctx));
    TEST_OK(many_pieces_are_cut_in_stages(ctx));
    printf("all laws hold\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, laws, NULL);
}

//TEST np=1,2 expect="all laws hold"
