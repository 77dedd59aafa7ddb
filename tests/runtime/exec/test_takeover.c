/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranks without work take over tasks not yet started; results do not change. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

enum { N = 96 };

typedef struct answer {
    int value, rank;
} answer;

/* Tasks 0 .. N/n - 1, one rank's block, are slow; the plan does not know. */
static tg_status uneven(tg_task *t)
{
    const int *params = tg_task_params(t, NULL); /* number, slow ones, fail */
    answer *out;

    if (params[0] < params[1])
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000000L}, NULL);
    if (params[0] == params[2])
        return tg_fail(TG_EIO, "task %d fails on rank it does not matter which", params[0]);
    out = tg_task_output(t, sizeof *out);
    *out = (answer){params[0] * 3, tg_task_rank(t)};
    return TG_OK;
}

static tg_status sum(tg_task *t)
{
    int *out = tg_task_output(t, sizeof *out);

    *out = 0;
    for (int i = 0; i < tg_task_ninputs(t); i++)
        *out = *out * 31 % 1000003 + ((const answer *)tg_task_input(t, i, NULL))->value;
    return TG_OK;
}

static tg_delayed *task(tg_ctx *ctx, int number, int slow, int fails, tg_delayed *input)
{
    const int params[] = {number, slow, fails};

    return tg_delay_spec(ctx,
                         &(tg_task_spec){.function = uneven,
                                         .name = "uneven",
                                         .params = params,
                                         .params_size = sizeof params,
                                         .flags = TG_TASK_IMPURE},
                         &input, input != NULL);
}

static tg_status slow_tasks_are_shared_out(tg_ctx *ctx, int *used)
{
    const int n = tg_nranks(ctx), slow = N / n;
    tg_target targets[N];
    answer answers[N];
    bool seen[64] = {false};

    for (int i = 0; i < N; i++)
        targets[i] = (tg_target){task(ctx, i, slow, -1, NULL), &answers[i], sizeof answers[i]};
    TEST_OK(tg_compute_all(ctx, targets, N));
    *used = 0;
    for (int i = 0; i < N; i++) {
        TEST_EQUAL(answers[i].value, 3 * i);
        if (i < slow && !seen[answers[i].rank])
            seen[answers[i].rank] = ++*used > 0;
    }
    return TG_OK;
}

static tg_status dependants_and_failures_are_the_same(tg_ctx *ctx)
{
    tg_delayed *first[N], *second[N];
    int want = 0, got = 0;
    const int slow = N / tg_nranks(ctx);
    tg_delayed *seed = tg_value(ctx, int, 5);

    for (int i = 0; i < N; i++)
        first[i] = task(ctx, i, slow, -1, seed);
    for (int i = 0; i < N; i++) {
        second[i] = task(ctx, i, slow / 2, -1, first[(i + 1) % N]);
        want = want * 31 % 1000003 + 3 * i;
    }
    TEST_OK(tg_compute(ctx, tg_delay_call(ctx, "sum", sum, second, N), &got, sizeof got));
    TEST_EQUAL(got, want);
    for (int i = 0; i < N; i++)
        first[i] = task(ctx, i, slow, 1, NULL);
    TEST_FAILS(tg_compute(ctx, tg_delay_call(ctx, "sum", sum, first, N), &got, sizeof got),
               TG_ETASK, "task 1 fails");
    return TG_OK;
}

/* The ones of a first task, a block of its own for each. */
static tg_status block(tg_task *t)
{
    const size_t size = *(const size_t *)tg_task_input(t, 0, NULL);

    memset(tg_task_output(t, size), 1, size);
    return TG_OK;
}

static tg_status weigh(tg_task *t)
{
    size_t size;
    const unsigned char *bytes = tg_task_input(t, 0, &size);
    int *out = tg_task_output(t, sizeof *out);

    nanosleep(&(struct timespec){.tv_nsec = 4 * 1000000L}, NULL);
    *out = 0;
    for (size_t i = 0; i < size; i += 4096)
        *out += bytes[i];
    return TG_OK;
}

/* Tasks given at one time arrive one after the other, the rank runs them and is idle between. */
static tg_status large_inputs_go_along(tg_ctx *ctx)
{
    enum { BLOCKS = 64, SIZE = 1 << 20 };
    tg_delayed *source = tg_delay(ctx, block, tg_value(ctx, size_t, SIZE));
    tg_target targets[BLOCKS];
    int weight[BLOCKS];

    for (int i = 0; i < BLOCKS; i++)
        targets[i] = (tg_target){
            tg_delay_spec(
                ctx, &(tg_task_spec){.function = weigh, .name = "weigh", .flags = TG_TASK_IMPURE},
                &source, 1),
            &weight[i], sizeof weight[i]};
    TEST_OK(tg_compute_all(ctx, targets, BLOCKS));
    for (int i = 0; i < BLOCKS; i++)
        TEST_EQUAL(weight[i], SIZE / 4096);
    return TG_OK;
}

static tg_status all(tg_ctx *ctx, int argc, char **argv)
{
    int used = 0;

    (void)argc;
    (void)argv;
    /* 10 ms a task and microseconds to ask; a loaded machine may need more than one try. */
    for (int i = 0; i < (tg_nranks(ctx) > 1 ? 100 : 1) && used < 2; i++)
        TEST_OK(slow_tasks_are_shared_out(ctx, &used));
    TEST_CHECK(used > 1 || tg_nranks(ctx) == 1);
    for (int i = 0; i < 3; i++)
        TEST_OK(dependants_and_failures_are_the_same(ctx));
    for (int i = 0; i < 5; i++)
        TEST_OK(large_inputs_go_along(ctx));
    printf("work is taken over, results are the same\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, all, NULL);
}

//TEST np=1,2,3,4,8 expect="work is taken over, results are the same"
//TEST np=16 expect="work is taken over, results are the same" name=many
//TEST np=3 name=threads args="--threads 2" expect="work is taken over, results are the same"
