/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays kept in the ranks' memory: computed once, used where they are, forgotten when released. */
#include <tegula/tegula.h>

#include "check.h"

enum { ROWS = 12, COLUMNS = 1 << 15 };

/* A row of numbers; counts calls. */
static tg_status make_row(tg_task *t)
{
    const int64_t *row = tg_task_params(t, NULL);
    double *out = tg_task_output(t, COLUMNS * sizeof *out);

    if (*row < 0)
        return tg_fail(TG_EIO, "row %d is not there", (int)-*row);
    tg_task_count(t, TG_BYTES_READ, 1);
    for (int64_t c = 0; c < COLUMNS; c++)
        out[c] = (double)(*row * 1000 + c % 7) / 3;
    return TG_OK;
}

static tg_array *rows_from(tg_ctx *ctx, int64_t first)
{
    tg_array *row[ROWS];

    for (int64_t i = 0; i < ROWS; i++) {
        const int64_t number = first + i;
        tg_delayed *made = tg_delay_spec(ctx,
                                         &(tg_task_spec){.function = make_row,
                                                         .name = "row",
                                                         .params = &number,
                                                         .params_size = sizeof number,
                                                         .output_bytes = COLUMNS * sizeof(double),
                                                         .seconds = 1e-2},
                                         NULL, 0);

        row[i] = tg_array_from_delayed(ctx, made, TG_FLOAT64, 2, (int64_t[]){1, COLUMNS});
    }
    return tg_concatenate(row, ROWS, 0);
}

static int64_t calls(const tg_ctx *ctx)
{
    return tg_counted(ctx, TG_BYTES_READ);
}

static tg_array *twice(tg_ctx *ctx, tg_array *x)
{
    return tg_add(tg_multiply(x, tg_int(ctx, 2)), tg_int(ctx, 1));
}

/* The lesson: y.persist(), then y.sum(). */
static tg_status what_is_kept_is_not_computed_again(tg_ctx *ctx)
{
    tg_array *y = twice(ctx, rows_from(ctx, 1)), *lazy = twice(ctx, rows_from(ctx, 1));
    const int64_t before = calls(ctx);
    double sum = 0, mean[ROWS], want = 1, wants[ROWS], corner;

    TEST_OK(tg_gather(tg_sum(lazy, TG_ALL_AXES), &want, sizeof want));
    TEST_OK(tg_gather(tg_mean(lazy, TG_AXES(1)), wants, sizeof wants));
    TEST_EQUAL(calls(ctx) - before, 2 * ROWS);
    TEST_OK(tg_persist(ctx, y));
    TEST_OK(tg_wait(ctx, y));
    TEST_EQUAL(calls(ctx) - before, 3 * ROWS);
    TEST_OK(tg_gather(tg_sum(y, TG_ALL_AXES), &sum, sizeof sum));
    TEST_OK(tg_gather(tg_mean(y, TG_AXES(1)), mean, sizeof mean));
    TEST_EQUAL(calls(ctx) - before, 3 * ROWS);
    TEST_CHECK(memcmp(&sum, &want, sizeof sum) == 0);
    TEST_CHECK(memcmp(mean, wants, sizeof mean) == 0);
    TEST_OK(tg_persist(ctx, y)); /* is kept already */
    TEST_OK(tg_release(ctx, y));
    TEST_FAILS(tg_wait(ctx, y), TG_EARG, "not persisted, or was released");
    TEST_OK(tg_gather(tg_min(y, TG_ALL_AXES), &corner, sizeof corner));
    TEST_EQUAL(calls(ctx) - before, 4 * ROWS);
    return TG_OK;
}

/* An equal expression, written again, has the keys of the kept one. */
static tg_status equal_expressions_share_what_is_kept(tg_ctx *ctx)
{
    tg_array *y = twice(ctx, rows_from(ctx, 100)), *same = twice(ctx, rows_from(ctx, 100));
    const int64_t before = calls(ctx);
    static double all[ROWS][COLUMNS];

    TEST_OK(tg_persist(ctx, y));
    TEST_OK(tg_gather(same, all, sizeof all)); /* while it is computed */
    TEST_OK(tg_persist(ctx, same));
    TEST_OK(tg_wait(ctx, y));
    TEST_OK(tg_release(ctx, y));
    TEST_OK(tg_gather(same, all, sizeof all));
    TEST_EQUAL(calls(ctx) - before, ROWS);
    TEST_CHECK(all[3][5] == (double)(103 * 1000 + 5) / 3 * 2 + 1);
    TEST_OK(tg_release(ctx, same));
    return TG_OK;
}

static tg_status a_failure_is_told_by_what_uses_it(tg_ctx *ctx)
{
    tg_array *y = twice(ctx, rows_from(ctx, -3));
    double sum = 7;

    TEST_OK(tg_persist(ctx, y));
    TEST_FAILS(tg_wait(ctx, y), TG_ETASK, "is not there");
    TEST_FAILS(tg_gather(tg_sum(y, TG_ALL_AXES), &sum, sizeof sum), TG_ETASK, "is not there");
    TEST_EQUAL(sum, 7);
    TEST_OK(tg_release(ctx, y));
    return TG_OK;
}

static tg_status memory_and_nothing_can_be_kept(tg_ctx *ctx)
{
    const double values[4] = {1, 2, 3, 4};
    tg_array *x = tg_from_memory(ctx, values, TG_FLOAT64, 1, (int64_t[]){4});
    tg_array *none = tg_from_memory(ctx, NULL, TG_FLOAT64, 2, (int64_t[]){0, 3});
    double sum = 0;

    TEST_OK(tg_persist(ctx, x));
    TEST_OK(tg_persist(ctx, none));
    TEST_OK(tg_wait(ctx, none));
    TEST_OK(tg_gather(tg_sum(x, TG_ALL_AXES), &sum, sizeof sum));
    TEST_EQUAL(sum, 10);
    TEST_OK(tg_release(ctx, x));
    return TG_OK;
}

static tg_status all(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(what_is_kept_is_not_computed_again(ctx));
    TEST_OK(equal_expressions_share_what_is_kept(ctx));
    TEST_OK(a_failure_is_told_by_what_uses_it(ctx));
    TEST_OK(memory_and_nothing_can_be_kept(ctx));
    TEST_OK(tg_persist(ctx, twice(ctx, rows_from(ctx, 500)))); /* goes with the context */
    printf("kept arrays are right\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, all, NULL);
}

//TEST np=1,2,4 expect="kept arrays are right"
//TEST np=1,3 name=threads args="--threads 2" expect="kept arrays are right"
