/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One answer: results of floating-point expressions have the same bits on any number of ranks and
 * threads. The checksum below is the same for all tests of this file.
 */
#include <math.h>
#include <stdlib.h>
#include <tegula/tegula.h>

#include "check.h"

enum { ROWS = 40, COLUMNS = 30, TIMES = 50 };

static const int64_t shape[] = {ROWS, COLUMNS, TIMES};

/* Numbers that look random and are the same everywhere. */
static tg_array *noise(tg_ctx *ctx, tg_dtype dtype, double offset)
{
    size_t n = (size_t)ROWS * COLUMNS * TIMES;
    double *wide = malloc(n * sizeof *wide);
    float *narrow = malloc(n * sizeof *narrow);
    uint64_t state = 42;
    tg_array *a;

    for (size_t i = 0; i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        wide[i] = offset + (double)(int64_t)(state >> 11) * 0x1p-53;
        narrow[i] = (float)wide[i];
    }
    a = tg_from_memory(ctx, dtype == TG_FLOAT32 ? (void *)narrow : (void *)wide, dtype, 3, shape);
    free(wide);
    free(narrow);
    return a;
}

/* Adds the bits of a result to the sum. */
static tg_status add_bits(tg_array *a, uint64_t *sum)
{
    size_t size = (size_t)tg_size(a) * tg_dtype_size(tg_dtype_of(a));
    unsigned char *bytes = malloc(size + 1);
    tg_status status = tg_gather(a, bytes, size);

    for (size_t i = 0; status == TG_OK && i < size; i++)
        *sum = (*sum ^ bytes[i]) * 0x100000001b3u;
    free(bytes);
    return status;
}

static tg_status bits_do_not_depend_on_ranks(tg_ctx *ctx, uint64_t *sum)
{
    static const char *const chunks[] = {"auto", "7,11,13", "-1,1,50", "1,30,3"};

    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        tg_array *a = tg_rechunk(noise(ctx, TG_FLOAT64, 1000), chunks[i]);
        tg_array *b = tg_rechunk(noise(ctx, TG_FLOAT32, -3), chunks[i]);

        TEST_OK(add_bits(tg_divide(tg_mean(a, TG_AXES(-1)), tg_std(a, TG_AXES(-1))), sum));
        TEST_OK(add_bits(tg_sum(tg_transpose(b, NULL), TG_AXES(0, 2)), sum));
        TEST_OK(add_bits(tg_var(tg_multiply(a, b), TG_ALL_AXES), sum));
        TEST_OK(add_bits(tg_detrended_std(a, 2, 3, 0), sum));
        TEST_OK(add_bits(tg_subtract(a, tg_mean(a, TG_KEEPDIMS(0))), sum));
    }
    return TG_OK;
}

/* However an array is cut elsewhere: only cuts along reduced axes may matter to floats. */
static tg_status cuts_along_kept_axes_do_not_matter(tg_ctx *ctx)
{
    uint64_t one = 0, other = 0;
    tg_array *a = noise(ctx, TG_FLOAT64, 5);

    TEST_OK(add_bits(tg_std(tg_rechunk(a, "40,30,8"), TG_AXES(2)), &one));
    TEST_OK(add_bits(tg_std(tg_rechunk(a, "9,1,8"), TG_AXES(2)), &other));
    TEST_CHECK(one == other);
    return TG_OK;
}

static tg_status double_it(tg_task *task)
{
    size_t size;
    const double *in = tg_task_input(task, 0, &size);
    double *out = tg_task_output(task, size);

    for (size_t i = 0; i < size / sizeof *in; i++)
        out[i] = 2 * in[i];
    return TG_OK;
}

static tg_status delayed_results_are_arrays(tg_ctx *ctx)
{
    double values[] = {1, 2, 3, 4, 5, 6}, sum[2], out[4];
    tg_delayed *twice = tg_delay(ctx, double_it, tg_value_bytes(ctx, values, sizeof values));
    tg_array *a = tg_array_from_delayed(ctx, twice, TG_FLOAT64, 2, (int64_t[]){2, 3});
    tg_array *wrong = tg_array_from_delayed(ctx, twice, TG_FLOAT64, 1, (int64_t[]){4});

    TEST_OK(
        tg_gather(tg_sum(tg_concatenate((tg_array *[]){a, a}, 2, 1), TG_AXES(1)), sum, sizeof sum));
    TEST_CHECK(sum[0] == 24 && sum[1] == 60);
    TEST_FAILS(tg_gather(wrong, out, sizeof out), TG_ETASK,
               "a delayed result has 48 bytes, the array made of it needs 32");
    return TG_OK;
}

static tg_status answers(tg_ctx *ctx, int argc, char **argv)
{
    uint64_t sum = 0xcbf29ce484222325u;

    (void)argc;
    (void)argv;
    TEST_OK(bits_do_not_depend_on_ranks(ctx, &sum));
    TEST_OK(cuts_along_kept_axes_do_not_matter(ctx));
    TEST_OK(delayed_results_are_arrays(ctx));
    printf("checksum %016" PRIx64 "\n", sum);
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, answers, NULL);
}

//TEST np=1,2,3,4,8 expect="checksum ca95274d86ce7fe2"
//TEST np=1,3 name=threads args="--threads 3" expect="checksum ca95274d86ce7fe2"
//TEST np=1,64 name=thread args="--threads 1" expect="checksum ca95274d86ce7fe2"
//TEST np=1 name=threads4 args="--threads 4" expect="checksum ca95274d86ce7fe2"
//TEST np=2 name=threads2 args="--threads 2" expect="checksum ca95274d86ce7fe2"
