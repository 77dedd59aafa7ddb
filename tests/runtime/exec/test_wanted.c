/* SPDX-License-Identifier: BSD-3-Clause */
/* Results that nobody asked for stay where they are made; how they ended is known all the same. */
#include <string.h>

#include "check.h"
#include "exec/context.h"

enum { N = 24, SIZE = 1 << 17 };

static tg_status fill(tg_task *t)
{
    const int64_t *n = tg_task_params(t, NULL);
    char *out = tg_task_output(t, SIZE);

    if (*n < 0)
        return tg_fail(TG_EIO, "box %d is not written", (int)-*n);
    memset(out, (int)*n, SIZE);
    tg_task_count(t, TG_BYTES_WRITTEN, SIZE);
    return TG_OK;
}

static tg_status make_targets(tg_ctx *ctx, const int64_t *number, tg_graph **graph, int64_t *tasks)
{
    TEST_OK(tg_graph_create(ctx, graph));
    for (int i = 0; i < N; i++)
        TEST_OK(tg_graph_add(*graph,
                             &(tg_task_spec){.function = fill,
                                             .params = &number[i],
                                             .params_size = sizeof *number,
                                             .output_bytes = SIZE,
                                             .seconds = 1e-3},
                             &tasks[i]));
    return TG_OK;
}

static tg_status only_what_is_wanted_travels(tg_ctx *ctx)
{
    const int64_t before = tg_counted(ctx, TG_BYTES_WRITTEN), taken = ctx->total.taken;
    tg_graph *graph = NULL;
    int64_t number[N], tasks[N];
    bool wanted[N];
    tg_bytes results[N];

    for (int i = 0; i < N; i++) {
        number[i] = i + 1;
        wanted[i] = false;
    }
    TEST_OK(make_targets(ctx, number, &graph, tasks));
    ctx->total.message_bytes = 0; /* what ranks have sent so far, all told */
    TEST_OK(tg_graph_run(ctx, graph, tasks, N, wanted, results));
    TEST_OK(tg_graph_run(ctx, graph, tasks, N, NULL, NULL));
    TEST_EQUAL(tg_counted(ctx, TG_BYTES_WRITTEN) - before, (int64_t)2 * N * SIZE);
    /* A task that another rank took over sends its result back to where it is wanted. */
    TEST_CHECK(ctx->total.message_bytes < SIZE + (ctx->total.taken - taken) * (SIZE + N));
    for (int i = 0; i < N; i++)
        TEST_CHECK(results[i].data == NULL && results[i].size == 0);
    wanted[3] = wanted[N - 1] = true;
    TEST_OK(tg_graph_run(ctx, graph, tasks, N, wanted, results));
    for (int i = 0; i < N; i++) {
        TEST_EQUAL(results[i].size, wanted[i] ? SIZE : 0);
        TEST_CHECK(!wanted[i] || ((char *)results[i].data)[SIZE - 1] == i + 1);
        tg_bytes_free(&results[i]);
    }
    tg_graph_destroy(&graph);
    return TG_OK;
}

static tg_status failures_are_known(tg_ctx *ctx)
{
    tg_graph *graph = NULL;
    int64_t number[N], tasks[N];
    tg_bytes results[N];

    for (int i = 0; i < N; i++)
        number[i] = i == 5 || i == N - 1 ? -i : i + 1;
    TEST_OK(make_targets(ctx, number, &graph, tasks));
    TEST_FAILS(tg_graph_run(ctx, graph, tasks, N, (bool[N]){false}, results), TG_ETASK,
               "box 5 is not written (and 1 other task failed)");
    for (int i = 0; i < N; i++)
        TEST_CHECK(results[i].data == NULL);
    tg_graph_destroy(&graph);
    return TG_OK;
}

static tg_status all(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(only_what_is_wanted_travels(ctx));
    TEST_OK(failures_are_known(ctx));
    printf("what is wanted is there\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, all, NULL);
}

//TEST np=1,2,4 expect="what is wanted is there"
//TEST np=3 name=threads args="--threads 2" expect="what is wanted is there"
