/* SPDX-License-Identifier: BSD-3-Clause */
/* In which chunks an array goes to a file that has none of its own. */
#include <tegula/tegula.h>

#include "check.h"
#include "io/formats.h"
#include "lower/align.h"

enum { MILLION = 1000000 };

/* The chunks of ones of a shape and chunks, as written to a file without chunks. */
static tg_status align(tg_ctx *ctx, int ndim, const int64_t *shape, const char *chunks,
                       const tg_format *format, tg_array **out)
{
    const tg_sink sink = {.ndim = ndim};

    *out = tg_ones(ctx, TG_FLOAT64, ndim, shape, chunks);
    TEST_OK(tg_out_align(ctx, format, &sink, out));
    return TG_OK;
}

static tg_status short_runs_are_joined(tg_ctx *ctx)
{
    tg_array *a;

    TEST_OK(align(ctx, 2, (int64_t[]){MILLION, 2}, "100000,1", &tg_format_npy, &a));
    TEST_EQUAL(a->grid.count[0], 10);
    TEST_EQUAL(a->grid.count[1], 1);
    TEST_OK(align(ctx, 3, (int64_t[]){100, 30, 40}, "50,10,20", &tg_format_npy, &a));
    TEST_EQUAL(a->grid.count[0], 2);
    TEST_EQUAL(a->grid.count[1], 2); /* of 20 and 10 rows: 6,400 bytes in a run */
    TEST_EQUAL(a->grid.length[1][0], 20);
    TEST_EQUAL(a->grid.count[2], 1);
    return TG_OK;
}

static tg_status chunks_stay_as_large(tg_ctx *ctx)
{
    tg_array *a;

    TEST_OK(align(ctx, 2, (int64_t[]){4 * MILLION, 8}, "-1,1", &tg_format_npy, &a));
    TEST_EQUAL(a->grid.count[1], 1);
    TEST_EQUAL(a->grid.count[0], 8); /* 32 MB, as before */
    TEST_OK(align(ctx, 2, (int64_t[]){10 * MILLION, 8}, "-1,1", &tg_format_npy, &a));
    TEST_EQUAL(a->grid.count[1], 3); /* a task has 240 MB of inputs */
    TEST_EQUAL(a->grid.count[0], 3);
    TEST_OK(align(ctx, 2, (int64_t[]){1000, 100000}, "-1,100", &tg_format_npy, &a));
    TEST_EQUAL(a->grid.count[0], 1); /* 4.8 MB may be one */
    TEST_EQUAL(a->grid.length[1][0], 600);
    return TG_OK;
}

static tg_status others_stay(tg_ctx *ctx)
{
    tg_array *a;

    TEST_OK(align(ctx, 2, (int64_t[]){1000, 2000}, "500,1000", &tg_format_npy, &a));
    TEST_EQUAL(a->grid.count[1], 2);
    TEST_OK(align(ctx, 2, (int64_t[]){MILLION, 2}, "100000,1", &tg_format_zarr, &a));
    TEST_EQUAL(a->grid.count[1], 2);
    TEST_OK(align(ctx, 2, (int64_t[]){0, 2}, "-1,1", &tg_format_npy, &a));
    TEST_OK(align(ctx, 2, (int64_t[]){2, 0}, "1,-1", &tg_format_npy, &a));
    TEST_EQUAL(a->grid.count[0], 2);
    return TG_OK;
}

static tg_status all(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(short_runs_are_joined(ctx));
    TEST_OK(chunks_stay_as_large(ctx));
    TEST_OK(others_stay(ctx));
    printf("cuts as they should be\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, all, NULL);
}

//TEST np=1 expect="cuts as they should be"
