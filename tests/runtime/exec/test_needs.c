/* SPDX-License-Identifier: BSD-3-Clause */
/* What tasks need of their rank beside inputs and output: memory, and things that it has once. Run
 * with --memory 1MiB and several threads. */
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "check.h"

enum { N = 24, KiB = 1024 };

/* Tasks of each kind that run on this rank now. */
static atomic_int running[3];

/* How many of its kind run with it; the parameter is the kind, another one makes tasks differ. */
static tg_status together(tg_task *t)
{
    const int *kind = tg_task_params(t, NULL);
    int *most = tg_task_output(t, sizeof *most);

    *most = ++running[*kind];
    for (int i = 0; i < 5; i++) {
        const int now = running[*kind];

        *most = now > *most ? now : *most;
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    }
    running[*kind]--;
    return TG_OK;
}

static tg_delayed *make(tg_ctx *ctx, int kind, int number, unsigned flags)
{
    const int params[2] = {kind, number};

    return tg_delay_spec(ctx,
                         &(tg_task_spec){.function = together,
                                         .name = "together",
                                         .params = params,
                                         .params_size = sizeof params,
                                         .output_bytes = sizeof(int),
                                         .seconds = 3e-3,
                                         .flags = flags},
                         NULL, 0);
}

/* The most that ran together of the first and of the last half of the calls. */
static tg_status run_all(tg_ctx *ctx, tg_delayed **node, int most[2])
{
    int got[N];
    tg_target targets[N];

    for (int i = 0; i < N; i++)
        targets[i] = (tg_target){node[i], &got[i], sizeof got[i]};
    TEST_OK(tg_compute_all(ctx, targets, N));
    most[0] = most[1] = 0;
    for (int i = 0; i < N; i++)
        if (got[i] > most[2 * i / N])
            most[2 * i / N] = got[i];
    return TG_OK;
}

static tg_status one_task_has_a_resource_at_a_time(tg_ctx *ctx)
{
    tg_delayed *node[N];
    int most[2];

    for (int i = 0; i < N; i++)
        node[i] = tg_with_resource(make(ctx, 2 * i / N, i, 0), i < N / 2 ? "gpu" : "licence");
    TEST_OK(run_all(ctx, node, most));
    TEST_EQUAL(most[0], 1);
    TEST_EQUAL(most[1], 1);
    for (int i = 0; i < N; i++)
        node[i] = i % 2 ? make(ctx, 0, 100 + i, TG_TASK_ALONE)
                        : tg_with_resource(make(ctx, 0, 100 + i, TG_TASK_ALONE), "gpu");
    TEST_OK(run_all(ctx, node, most));
    TEST_EQUAL(most[0], 1);
    return TG_OK;
}

static tg_status tasks_without_needs_run_together(tg_ctx *ctx)
{
    tg_delayed *node[N];
    int most[2];

    for (int i = 0; i < N; i++)
        node[i] = make(ctx, 0, 200 + i, 0);
    TEST_OK(run_all(ctx, node, most));
    TEST_CHECK(most[0] > 1 || tg_nthreads(ctx) == 1);
    return TG_OK;
}

static tg_status memory_is_waited_for(tg_ctx *ctx)
{
    tg_delayed *node[N];
    int most[2];

    for (int i = 0; i < N; i++)
        node[i] = tg_with_memory(make(ctx, 2 * i / N, 300 + i, 0), (i < N / 2 ? 700 : 480) * KiB);
    TEST_OK(run_all(ctx, node, most));
    TEST_EQUAL(most[0], 1);
    TEST_CHECK(most[1] <= 2);
    return TG_OK;
}

/* One of equal calls says what both need. */
static tg_status the_largest_need_counts(tg_ctx *ctx)
{
    tg_delayed *node[N];
    int most[2];

    for (int i = 0; i < N; i++)
        node[i] = make(ctx, 0, 400 + i / 2, 0);
    for (int i = 0; i < N; i += 2)
        tg_with_memory(node[i + i / 2 % 2], 700 * KiB);
    TEST_OK(run_all(ctx, node, most));
    TEST_EQUAL(most[0], 1);
    TEST_EQUAL(most[1], 1);
    return TG_OK;
}

static tg_status fill(tg_task *t)
{
    memset(tg_task_output(t, 900 * KiB), 1, 900 * KiB);
    return TG_OK;
}

/* Kept results take the room for good: waiting would be of no use. */
static tg_status what_nothing_holds_up_runs(tg_ctx *ctx)
{
    tg_delayed *box = tg_delay_spec(
        ctx, &(tg_task_spec){.function = fill, .name = "fill", .output_bytes = 900 * KiB}, NULL, 0);
    tg_delayed *node[N];
    int most[2];

    TEST_OK(tg_persist(ctx, box));
    TEST_OK(tg_wait(ctx, box));
    for (int i = 0; i < N; i++)
        node[i] = tg_with_memory(make(ctx, 0, 500 + i, 0), 700 * KiB);
    TEST_OK(run_all(ctx, node, most));
    TEST_EQUAL(most[0], 1);
    TEST_OK(tg_release(ctx, box));
    return TG_OK;
}

static tg_status what_cannot_fit_is_refused(tg_ctx *ctx)
{
    tg_delayed *node = tg_with_memory(make(ctx, 0, 600, 0), 2048 * KiB);
    int most = 7;

    TEST_FAILS(tg_compute(ctx, node, &most, sizeof most), TG_EARG,
               "(together) needs 2097152 bytes while it runs beside 4 for its inputs and its "
               "result, --memory allows a rank 1048576");
    TEST_EQUAL(most, 7);
    return TG_OK;
}

static tg_status a_program_has_so_many_resources(tg_ctx *ctx)
{
    tg_delayed *node[70];
    int got[70];
    tg_target targets[70];

    for (int i = 0; i < 70; i++) {
        char name[32];

        snprintf(name, sizeof name, "thing %d", i);
        node[i] = tg_with_resource(make(ctx, 0, 700 + i, 0), name);
        targets[i] = (tg_target){node[i], &got[i], sizeof got[i]};
    }
    TEST_FAILS(tg_compute_all(ctx, targets, 70), TG_EARG, "at most 62 resources");
    TEST_OK(tg_compute_all(ctx, targets, 50));
    return TG_OK;
}

static tg_status all(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(one_task_has_a_resource_at_a_time(ctx));
    TEST_OK(tasks_without_needs_run_together(ctx));
    TEST_OK(memory_is_waited_for(ctx));
    TEST_OK(the_largest_need_counts(ctx));
    TEST_OK(what_nothing_holds_up_runs(ctx));
    TEST_OK(what_cannot_fit_is_refused(ctx));
    TEST_OK(a_program_has_so_many_resources(ctx));
    printf("needs are met\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, all, NULL);
}

//TEST np=1,2,4 args="--memory 1MiB" expect="needs are met"
//TEST np=1,2,3 name=threads args="--memory 1MiB --threads 3" expect="needs are met"
