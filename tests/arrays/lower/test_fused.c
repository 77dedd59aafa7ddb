/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Elements that are made inside a reduction or come through a transposition give the bits that they
 * give when all of them lie in memory: the same expressions alone, and beside what they reduce.
 */
#include <stdlib.h>
#include <tegula/tegula.h>

#include "check.h"

/* An array of odd numbers, some of them not finite, in chunks. */
static tg_array *numbers(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape,
                         const char *chunks, int seed)
{
    int64_t size = 1;
    double *values;
    tg_array *a;

    for (int d = 0; d < ndim; d++)
        size *= shape[d];
    values = malloc((size_t)(size + 1) * sizeof *values);
    for (int64_t i = 0; i < size; i++)
        values[i] = (double)((i * 7919 + seed) % 1009) / 7 - 50;
    if (dtype == TG_FLOAT64 && seed == 3)
        values[size / 2] = 1. / 0.;
    a = tg_astype(tg_from_memory(ctx, values, TG_FLOAT64, ndim, shape), dtype);
    free(values);
    return tg_rechunk(a, chunks);
}

typedef tg_array *reduction(tg_array *a, tg_axes axes);

/* The reduction alone, and in a run that also gives what it reduces. */
static tg_status gives_the_same_bits(tg_ctx *ctx, tg_array *a, reduction *reduce, tg_axes axes)
{
    tg_array *result = reduce(a, axes);
    size_t bytes = (size_t)tg_size(result) * tg_dtype_size(tg_dtype_of(result));
    size_t all = (size_t)tg_size(a) * tg_dtype_size(tg_dtype_of(a));
    char *alone = malloc(bytes + 1), *beside = malloc(bytes + 1), *made = malloc(all + 1);
    tg_output outputs[2] = {{.array = a, .memory = made, .memory_size = all},
                            {.array = reduce(a, axes), .memory = beside, .memory_size = bytes}};

    TEST_OK(tg_array_status(result));
    TEST_OK(tg_gather(result, alone, bytes));
    TEST_OK(tg_store_all(ctx, outputs, 2));
    TEST_CHECK(memcmp(alone, beside, bytes) == 0);
    free(alone);
    free(beside);
    free(made);
    return TG_OK;
}

static reduction *const reductions[] = {tg_sum, tg_mean, tg_std, tg_min, tg_argmax, tg_prod};

/* Along all axes, and along those that each set of bits says. */
static tg_status along_all_axes(tg_ctx *ctx, tg_array *a)
{
    for (size_t r = 0; r < sizeof reductions / sizeof *reductions; r++)
        for (int set = 1; set < 1 << tg_ndim(a); set++) {
            tg_axes axes = {0};

            for (int d = 0; d < tg_ndim(a); d++)
                if (set >> d & 1)
                    axes.axis[axes.count++] = d;
            TEST_OK(gives_the_same_bits(ctx, a, reductions[r], axes));
        }
    return TG_OK;
}

static tg_status long_rows_and_columns(tg_ctx *ctx)
{
    const int64_t shape[] = {37, 3001};

    for (int seed = 1; seed <= 3; seed += 2) {
        tg_array *x = numbers(ctx, TG_FLOAT64, 2, shape, "20,2000", seed);
        tg_array *y = numbers(ctx, TG_FLOAT64, 2, shape, "20,2000", 2);
        tg_array *z = numbers(ctx, TG_FLOAT64, 1, &shape[1], "2000", 5);

        TEST_OK(along_all_axes(ctx, tg_add(tg_multiply(x, y), z)));
    }
    return TG_OK;
}

static tg_status many_short_axes(tg_ctx *ctx)
{
    const int64_t shape[] = {5, 70, 3, 41};
    tg_array *x = numbers(ctx, TG_INT16, 4, shape, "5,33,3,41", 1);
    tg_array *y = numbers(ctx, TG_FLOAT32, 4, shape, "5,33,3,41", 2);

    TEST_OK(along_all_axes(ctx, tg_multiply(x, x)));
    TEST_OK(along_all_axes(ctx, tg_subtract(y, tg_multiply(x, y))));
    return TG_OK;
}

static tg_status transposed_operands(tg_ctx *ctx)
{
    const int64_t shape[] = {150, 150}, cube[] = {30, 31, 30};
    tg_array *x = numbers(ctx, TG_FLOAT64, 2, shape, "70,70", 1);
    tg_array *y = numbers(ctx, TG_INT32, 3, cube, "16,31,16", 2);

    TEST_OK(along_all_axes(ctx, tg_add(x, tg_transpose(x, NULL))));
    TEST_OK(along_all_axes(ctx, tg_add(y, tg_transpose(y, (int[]){2, 1, 0}))));
    return TG_OK;
}

static tg_status complex_numbers(tg_ctx *ctx)
{
    const int64_t shape[] = {37, 3001}, cube[] = {5, 70, 3, 41};

    for (tg_dtype dtype = TG_COMPLEX64; dtype <= TG_COMPLEX128; dtype++) {
        tg_array *x = numbers(ctx, dtype, 2, shape, "20,2000", 1);
        tg_array *y = numbers(ctx, TG_FLOAT32, 2, shape, "20,2000", 2);
        tg_array *z = numbers(ctx, dtype, 4, cube, "5,33,3,41", 5);
        tg_array *turn = tg_exp(tg_multiply(y, tg_complex(ctx, 0, 1)));

        TEST_OK(along_all_axes(ctx, tg_multiply(x, tg_astype(turn, dtype))));
        TEST_OK(along_all_axes(ctx, tg_multiply(tg_add(z, tg_complex(ctx, 1, 2)), z)));
    }
    return TG_OK;
}

static tg_status pairs_of_operators(tg_ctx *ctx)
{
    const int64_t shape[] = {5000};
    tg_array *a = numbers(ctx, TG_FLOAT32, 1, shape, "-1", 1);
    tg_array *b = numbers(ctx, TG_FLOAT32, 1, shape, "-1", 2);
    tg_array *(*const operators[])(tg_array *, tg_array *) = {tg_add, tg_subtract, tg_multiply};
    static float x[5000], y[5000], xy[5000], got[5000];
    static char first[20000];

    TEST_OK(tg_gather(a, x, sizeof x));
    TEST_OK(tg_gather(b, y, sizeof y));
    for (int o = 0; o < 9; o++)
        for (int side = 0; side < 2; side++) {
            tg_array *between = operators[o / 3](a, b);
            tg_array *result = operators[o % 3](side ? b : between, side ? between : b);
            tg_output both[2] = {{.array = between, .memory = xy, .memory_size = sizeof xy},
                                 {.array = operators[o % 3](side ? b : between, side ? between : b),
                                  .memory = first,
                                  .memory_size = sizeof first}};

            TEST_OK(tg_gather(result, got, sizeof got));
            TEST_OK(tg_store_all(ctx, both, 2));
            TEST_CHECK(memcmp(first, got, sizeof got) == 0);
        }
    return TG_OK;
}

static tg_status fused(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(long_rows_and_columns(ctx));
    TEST_OK(many_short_axes(ctx));
    TEST_OK(transposed_operands(ctx));
    TEST_OK(complex_numbers(ctx));
    TEST_OK(pairs_of_operators(ctx));
    printf("the same bits\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, fused, NULL);
}

//TEST np=1,3 expect="the same bits"
