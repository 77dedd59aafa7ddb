/* SPDX-License-Identifier: BSD-3-Clause */
/* Delayed functions through the whole runtime: values, sharing, sizes, failures, odd graphs. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static tg_status inc(tg_task *t)
{
    const int *x = tg_task_input(t, 0, NULL);
    int *y = tg_task_output(t, sizeof *y);

    *y = *x + 1;
    return TG_OK;
}

static tg_status add(tg_task *t)
{
    int sum = 0, *out;

    for (int i = 0; i < tg_task_ninputs(t); i++)
        sum += *(const int *)tg_task_input(t, i, NULL);
    out = tg_task_output(t, sizeof *out);
    *out = sum;
    return TG_OK;
}

static tg_status refuse(tg_task *t)
{
    return tg_fail(TG_EARG, "the answer %d is refused", *(const int *)tg_task_input(t, 0, NULL));
}

static tg_status count_call(tg_task *t)
{
    tg_task_count(t, TG_BYTES_READ, 1);
    return inc(t);
}

/* `size` bytes that depend on a seed. */
static tg_status fill(tg_task *t)
{
    const int64_t *size = tg_task_input(t, 0, NULL);
    unsigned char *out = tg_task_output(t, (size_t)*size);

    for (int64_t i = 0; i < *size; i++)
        out[i] = (unsigned char)(i * 31 + *size);
    return TG_OK;
}

static tg_status checksum(tg_task *t)
{
    uint64_t sum = 0, *out;

    for (int k = 0; k < tg_task_ninputs(t); k++) {
        size_t size;
        const unsigned char *in = tg_task_input(t, k, &size);

        if ((uintptr_t)in % 64)
            return tg_fail(TG_EINTERNAL, "input %d is at %p, not aligned to 64", k,
                           (const void *)in);
        for (size_t i = 0; i < size; i++)
            sum = sum * 1099511628211u + in[i];
        sum = sum * 1099511628211u + size;
    }
    out = tg_task_output(t, sizeof *out);
    *out = sum;
    return TG_OK;
}

static tg_status pass_on(tg_task *t)
{
    return tg_task_forward(t, tg_task_ninputs(t) - 1);
}

static tg_status nothing(tg_task *t)
{
    (void)t;
    return TG_OK;
}

static tg_status the_lesson_gives_five(tg_ctx *ctx)
{
    int z = 0;
    tg_delayed *x1 = tg_delay(ctx, inc, tg_value(ctx, int, 1));
    tg_delayed *x2 = tg_delay(ctx, inc, tg_value(ctx, int, 2));

    TEST_OK(tg_compute(ctx, tg_delay(ctx, add, x1, x2), &z, sizeof z));
    TEST_EQUAL(z, 5);
    return TG_OK;
}

static tg_status shared_work_is_done_once(tg_ctx *ctx)
{
    int a = 0, b = 0;
    const int64_t before = tg_counted(ctx, TG_BYTES_READ);
    tg_delayed *x = tg_delay(ctx, count_call, tg_value(ctx, int, 10));
    tg_delayed *same = tg_delay(ctx, count_call, tg_value(ctx, int, 10));
    tg_delayed *p = tg_delay(ctx, inc, x), *q = tg_delay(ctx, add, x, same);

    TEST_OK(tg_compute(ctx, p, &a, sizeof a));
    TEST_OK(tg_compute(ctx, q, &b, sizeof b));
    TEST_EQUAL(tg_counted(ctx, TG_BYTES_READ) - before, 2);
    TEST_OK(tg_compute_all(ctx, (tg_target[]){{p, &a, sizeof a}, {q, &b, sizeof b}}, 2));
    TEST_EQUAL(tg_counted(ctx, TG_BYTES_READ) - before, 3);
    TEST_EQUAL(a, 12);
    TEST_EQUAL(b, 22);
    return TG_OK;
}

static tg_status impure_tasks_are_not_shared(tg_ctx *ctx)
{
    int a = 0, b = 0;
    const int64_t before = tg_counted(ctx, TG_BYTES_READ);
    const tg_task_spec spec = {.function = count_call, .name = "count", .flags = TG_TASK_IMPURE};
    tg_delayed *one = tg_value(ctx, int, 1);
    tg_delayed *x = tg_delay_spec(ctx, &spec, &one, 1), *y = tg_delay_spec(ctx, &spec, &one, 1);

    TEST_OK(tg_compute_all(ctx, (tg_target[]){{x, &a, sizeof a}, {y, &b, sizeof b}}, 2));
    TEST_EQUAL(tg_counted(ctx, TG_BYTES_READ) - before, 2);
    return TG_OK;
}

static tg_status a_failure_fails_its_dependants_only(tg_ctx *ctx)
{
    int z = 77;
    const int64_t before = tg_counted(ctx, TG_BYTES_READ);
    tg_delayed *bad = tg_delay(ctx, refuse, tg_value(ctx, int, 42));
    tg_delayed *good = tg_delay(ctx, count_call, tg_value(ctx, int, 5));
    tg_delayed *both = tg_delay(ctx, add, tg_delay(ctx, inc, bad), good);
    tg_delayed *other = tg_delay(ctx, refuse, tg_value(ctx, int, 43));

    TEST_FAILS(tg_compute(ctx, both, &z, sizeof z), TG_ETASK, "the answer 42 is refused");
    TEST_CHECK(!strstr(tg_message(), "other"));
    TEST_EQUAL(z, 77);
    TEST_EQUAL(tg_counted(ctx, TG_BYTES_READ) - before, 1);
    TEST_FAILS(tg_compute(ctx, tg_delay(ctx, add, other, bad), &z, sizeof z), TG_ETASK,
               "and 1 other task failed");
    TEST_OK(tg_compute(ctx, good, &z, sizeof z));
    TEST_EQUAL(z, 6);
    return TG_OK;
}

static tg_status results_of_any_size_travel(tg_ctx *ctx)
{
    static const int64_t sizes[] = {0, 1, 63, 2048, 2049, 8192, 100000, 3 << 20, 17 << 20};
    enum { N = sizeof sizes / sizeof *sizes };
    tg_delayed *parts[N];
    uint64_t sum = 0, want = 0;

    for (int k = 0; k < N; k++) {
        parts[k] = tg_delay(ctx, fill, tg_value(ctx, int64_t, sizes[k]));
        for (int64_t i = 0; i < sizes[k]; i++)
            want = want * 1099511628211u + (unsigned char)(i * 31 + sizes[k]);
        want = want * 1099511628211u + (uint64_t)sizes[k];
    }
    TEST_OK(tg_compute(ctx, tg_delay_call(ctx, "checksum", checksum, parts, N), &sum, sizeof sum));
    TEST_CHECK(sum == want);
    for (int k = 0; k < N; k++) {
        tg_bytes bytes;

        TEST_OK(tg_compute_bytes(ctx, parts[k], &bytes));
        TEST_EQUAL(bytes.size, sizes[k]);
        tg_bytes_free(&bytes);
    }
    return TG_OK;
}

static tg_status an_input_can_be_the_output(tg_ctx *ctx)
{
    int z = 0, y = 0;
    tg_delayed *x = tg_delay(ctx, inc, tg_value(ctx, int, 1));
    tg_delayed *same = tg_delay(ctx, pass_on, tg_value(ctx, int, 9), x);

    TEST_OK(tg_compute_all(
        ctx, (tg_target[]){{tg_delay(ctx, add, same, x, same), &z, sizeof z}, {same, &y, sizeof y}},
        2));
    TEST_EQUAL(z, 6);
    TEST_EQUAL(y, 2);
    return TG_OK;
}

static tg_status empty_results_are_results(tg_ctx *ctx)
{
    tg_bytes bytes = {NULL, 5};
    uint64_t sum = 1;
    tg_delayed *empty = tg_delay(ctx, nothing);

    TEST_OK(tg_compute_bytes(ctx, empty, &bytes));
    TEST_EQUAL(bytes.size, 0);
    TEST_OK(tg_compute(ctx, tg_delay(ctx, checksum, empty), &sum, sizeof sum));
    TEST_EQUAL(sum, 0);
    TEST_OK(tg_compute(ctx, empty, NULL, 0));
    return TG_OK;
}

static tg_status a_value_can_be_computed(tg_ctx *ctx)
{
    int z = 0;

    TEST_OK(tg_compute(ctx, tg_value(ctx, int, 8), &z, sizeof z));
    TEST_EQUAL(z, 8);
    TEST_FAILS(tg_compute(ctx, tg_value(ctx, int, 8), &z, 2), TG_EARG,
               "a value has 4 bytes, room was given for 2");
    return TG_OK;
}

static tg_status a_poisoned_node_speaks_when_computed(tg_ctx *ctx)
{
    int z = 0;
    tg_delayed *bad = tg_delay_call(ctx, "none", NULL, NULL, 0);

    TEST_CHECK(bad != NULL);
    TEST_FAILS(tg_compute(ctx, tg_delay(ctx, inc, bad), &z, sizeof z), TG_EARG,
               "a delayed call without a function");
    return TG_OK;
}

/* A long chain, and a binary tree over many leaves. */
static tg_status deep_and_wide_graphs_are_fine(tg_ctx *ctx)
{
    enum { DEEP = 20000, WIDE = 4096 };
    tg_delayed *chain = tg_value(ctx, int, 0), **tree;
    int z = 0;

    for (int i = 0; i < DEEP; i++)
        chain = tg_delay(ctx, inc, chain);
    TEST_OK(tg_compute(ctx, chain, &z, sizeof z));
    TEST_EQUAL(z, DEEP);
    tree = calloc(WIDE, sizeof(tg_delayed *));
    TEST_CHECK(tree);
    for (int i = 0; i < WIDE; i++)
        tree[i] = tg_delay(ctx, inc, tg_value(ctx, int, i));
    for (int n = WIDE; n > 1; n /= 2)
        for (int i = 0; i < n / 2; i++)
            tree[i] = tg_delay(ctx, add, tree[2 * i], tree[2 * i + 1]);
    TEST_OK(tg_compute(ctx, tree[0], &z, sizeof z));
    free(tree);
    TEST_EQUAL(z, WIDE * (WIDE + 1) / 2);
    return TG_OK;
}

static tg_status mix(tg_task *t)
{
    uint32_t sum = 0, *out;

    for (int i = 0; i < tg_task_ninputs(t); i++)
        sum = sum * 3 + *(const uint32_t *)tg_task_input(t, i, NULL);
    out = tg_task_output(t, sizeof *out);
    *out = sum;
    return TG_OK;
}

/* Every cell needs its neighbours of the step before: messages both ways at every step. */
static tg_status a_stencil_crosses_ranks(tg_ctx *ctx)
{
    enum { WIDTH = 16, STEPS = 60 };
    tg_delayed *row[WIDTH], *next[WIDTH];
    uint32_t want[WIDTH], old[WIDTH], got[WIDTH];
    tg_target targets[WIDTH];

    for (int i = 0; i < WIDTH; i++) {
        row[i] = tg_value(ctx, uint32_t, (uint32_t)i);
        want[i] = (uint32_t)i;
    }
    for (int s = 0; s < STEPS; s++) {
        memcpy(old, want, sizeof old);
        for (int i = 0; i < WIDTH; i++) {
            const int l = (i + WIDTH - 1) % WIDTH, r = (i + 1) % WIDTH;

            next[i] = tg_delay(ctx, mix, row[l], row[i], row[r]);
            want[i] = (old[l] * 3 + old[i]) * 3 + old[r];
        }
        memcpy(row, next, sizeof row);
    }
    for (int i = 0; i < WIDTH; i++)
        targets[i] = (tg_target){row[i], &got[i], sizeof got[i]};
    TEST_OK(tg_compute_all(ctx, targets, WIDTH));
    TEST_CHECK(memcmp(got, want, sizeof got) == 0);
    return TG_OK;
}

static tg_status all(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(the_lesson_gives_five(ctx));
    TEST_OK(shared_work_is_done_once(ctx));
    TEST_OK(impure_tasks_are_not_shared(ctx));
    TEST_OK(a_failure_fails_its_dependants_only(ctx));
    TEST_OK(results_of_any_size_travel(ctx));
    TEST_OK(an_input_can_be_the_output(ctx));
    TEST_OK(empty_results_are_results(ctx));
    TEST_OK(a_value_can_be_computed(ctx));
    TEST_OK(a_poisoned_node_speaks_when_computed(ctx));
    TEST_OK(deep_and_wide_graphs_are_fine(ctx));
    TEST_OK(a_stencil_crosses_ranks(ctx));
    printf("all delayed functions are right\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, all, NULL);
}

//TEST np=1,2,3,4,8 expect="all delayed functions are right"
//TEST np=1,2,4 name=threads args="--threads 3" expect="all delayed functions are right"
//TEST np=2,4 name=dedicated args="--scheduler dedicated" expect="all delayed functions are right"
//TEST np=64 name=many expect="all delayed functions are right" timeout=300
