/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Programs over operands whose chunks do not meet those of the result: the same bits as where each
 * array is one chunk, whatever the cuts, steps, orders of axes and dtypes.
 */
#include <stdlib.h>
#include <tegula/tegula.h>

#include "check.h"

/* Kept by the ranks in those chunks, so that no law reads it in others. */
static tg_status make(tg_ctx *ctx, tg_dtype dtype, int ndim, const int64_t *shape,
                      const char *chunks, tg_array **out)
{
    int64_t size = 1;
    double *values;
    tg_array *a;

    for (int d = 0; d < ndim; d++)
        size *= shape[d];
    values = malloc((size_t)size * sizeof *values);
    for (int64_t i = 0; i < size; i++)
        values[i] = (double)((i * 7919) % 1009) / 7 - 50;
    a = tg_astype(tg_from_memory(ctx, values, TG_FLOAT64, ndim, shape), dtype);
    free(values);
    *out = tg_rechunk(a, chunks);
    TEST_OK(tg_persist(ctx, *out));
    TEST_OK(tg_wait_array(ctx, *out));
    return TG_OK;
}

static tg_array *reversed(tg_array *x)
{
    return tg_getitem(x, TG_INDEX(TG_SLICE(TG_NONE, TG_NONE, -1), TG_ELLIPSIS));
}

static tg_array *transposed(tg_array *x)
{
    return tg_add(x, tg_transpose(x, NULL));
}

static tg_array *apart(tg_array *x)
{
    tg_array *here = tg_getitem(x, TG_INDEX(TG_SLICE(3, TG_NONE, 1), TG_SLICE(TG_NONE, -5, 1)));
    tg_array *there = tg_getitem(x, TG_INDEX(TG_SLICE(TG_NONE, -3, 1), TG_SLICE(5, TG_NONE, 1)));

    return tg_subtract(tg_multiply(here, here), there);
}

static tg_array *backwards(tg_array *x)
{
    return tg_multiply(x, reversed(x));
}

static tg_array *stepped(tg_array *x)
{
    tg_array *odd = tg_getitem(x, TG_INDEX(TG_SLICE(1, TG_NONE, 2), TG_ELLIPSIS));
    tg_array *even = tg_getitem(x, TG_INDEX(TG_SLICE(0, TG_NONE, 2), TG_ELLIPSIS));

    return tg_where(tg_less(odd, even), odd, tg_add(even, even));
}

static tg_array *one_row(tg_array *x)
{
    tg_array *row = tg_getitem(x, TG_INDEX(TG_SLICE(2, 3, 1), TG_SLICE(TG_NONE, TG_NONE, -1)));

    return tg_add(tg_transpose(x, NULL), row);
}

static tg_array *three_orders(tg_array *x)
{
    tg_array *turned = tg_transpose(x, (int[]){2, 0, 1});

    return tg_add(tg_multiply(x, turned), reversed(tg_transpose(x, (int[]){0, 2, 1})));
}

static tg_status compare(tg_ctx *ctx, tg_array *(*expression)(tg_array *), tg_dtype dtype, int ndim,
                         const int64_t *shape, const char *chunks)
{
    tg_array *cut, *whole, *a, *b;
    size_t bytes;
    char *got, *wanted;

    TEST_OK(make(ctx, dtype, ndim, shape, chunks, &cut));
    TEST_OK(make(ctx, dtype, ndim, shape, ndim == 2 ? "-1,-1" : "-1,-1,-1", &whole));
    a = expression(cut);
    b = expression(whole);
    TEST_OK(tg_array_status(a));
    bytes = (size_t)tg_size(a) * tg_dtype_size(tg_dtype_of(a));
    got = malloc(bytes);
    wanted = malloc(bytes);
    TEST_OK(tg_gather(a, got, bytes));
    TEST_OK(tg_gather(b, wanted, bytes));
    TEST_CHECK(memcmp(got, wanted, bytes) == 0);
    free(got);
    free(wanted);
    TEST_OK(tg_release_array(ctx, cut));
    TEST_OK(tg_release_array(ctx, whole));
    return TG_OK;
}

static tg_status parts(tg_ctx *ctx, int argc, char **argv)
{
    static tg_array *(*const flat[])(tg_array *) = {transposed, apart, backwards, stepped, one_row};
    static const tg_dtype dtypes[] = {TG_FLOAT64, TG_INT16, TG_FLOAT32, TG_COMPLEX128};
    static const char *const cuts[] = {"70,250", "250,33", "101,130"};
    const int64_t square[] = {250, 250}, cube[] = {48, 48, 48};

    (void)argc;
    (void)argv;
    for (size_t e = 0; e < sizeof flat / sizeof *flat; e++)
        for (size_t t = 0; t < sizeof dtypes / sizeof *dtypes; t++)
            for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++)
                if (flat[e] != stepped || dtypes[t] != TG_COMPLEX128)
                    TEST_OK(compare(ctx, flat[e], dtypes[t], 2, square, cuts[c]));
    TEST_OK(compare(ctx, three_orders, TG_FLOAT64, 3, cube, "20,48,31"));
    TEST_OK(compare(ctx, three_orders, TG_INT16, 3, cube, "48,19,25"));
    printf("the same bits\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, parts, NULL);
}

//TEST np=1,2,3,4 expect="the same bits"
