/* SPDX-License-Identifier: BSD-3-Clause */
/* --memory: sources wait while others can give room, and go on at once where nobody can. With
 * --spill results go to disk where there is not room for all. */
#include <string.h>

#include "check.h"

enum { N = 1024, SIZE = 1 << 16 };

/* A box of the number that the parameters say. */
static tg_status make(tg_task *t)
{
    const int64_t *n = tg_task_params(t, NULL);
    int64_t *out = tg_task_output(t, SIZE);

    for (size_t i = 0; i < SIZE / sizeof *out; i++)
        out[i] = *n;
    return TG_OK;
}

static tg_status add(tg_task *t)
{
    int64_t *out = tg_task_output(t, SIZE);

    memset(out, 0, SIZE);
    for (int k = 0; k < tg_task_ninputs(t); k++) {
        const int64_t *in = tg_task_input(t, k, NULL);

        for (size_t i = 0; i < SIZE / sizeof *out; i++)
            out[i] += in[i];
    }
    return TG_OK;
}

/* Ranks whose sums are of boxes far from each other have results that wait for those of others, and
 * more of them than there is room for. */
static tg_status sums_are_made_in_little_memory(tg_ctx *ctx)
{
    tg_graph *graph = NULL;
    int64_t box[N], sum;
    tg_bytes result = {0};

    TEST_OK(tg_graph_create(ctx, &graph));
    for (int64_t i = 0; i < N; i++)
        TEST_OK(tg_graph_add(graph,
                             &(tg_task_spec){.function = make,
                                             .name = "make",
                                             .params = &i,
                                             .params_size = sizeof i,
                                             .output_bytes = SIZE,
                                             .seconds = 1e-5},
                             &box[i]));
    for (int n = N / 2; n >= 1; n /= 2)
        for (int i = 0; i < n; i++)
            TEST_OK(tg_graph_add(graph,
                                 &(tg_task_spec){.function = add,
                                                 .name = "add",
                                                 .inputs = (int64_t[]){box[i], box[i + n]},
                                                 .ninputs = 2,
                                                 .output_bytes = SIZE,
                                                 .seconds = 1e-5},
                                 &box[i]));
    sum = box[0];
    TEST_OK(tg_graph_compute(ctx, graph, &sum, 1, &result));
    TEST_EQUAL(((int64_t *)result.data)[77], (int64_t)N * (N - 1) / 2);
    tg_bytes_free(&result);
    tg_graph_destroy(&graph);
    return TG_OK;
}

static tg_status all(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(sums_are_made_in_little_memory(ctx));
    printf("memory is enough\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, all, NULL);
}

//TEST np=1,2,3,4 args="--memory 1MiB" expect="memory is enough"
//TEST np=1,2,4 name=threads args="--memory 1MiB --threads 2" expect="memory is enough"
//TEST np=1,2,3,4 name=spill args="--memory 256KiB --spill ." expect="memory is enough"
//TEST np=1,2 name=spill.t args="--memory 256KiB --spill . --threads 3" expect="memory is enough"
